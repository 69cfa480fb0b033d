import { z } from "zod";
import { Provenance } from "../../../shared/contract/index.ts";
import type { ExplainSearch } from "./search.ts";

/** What is to be explained, as the address and the calls name it. */
export type Asked = Pick<ExplainSearch, "seq" | "type" | "bytes" | "prov">;
export const NOTHING_ASKED: Asked = { seq: undefined, type: undefined, bytes: undefined, prov: undefined };

/** The event as the hub is asked for it; null when nothing is asked. */
export function askedEvent({ seq, type, bytes, prov }: Asked) {
  if (seq !== undefined) return { seq };
  if (type === undefined) return null;
  const provenance = prov === undefined ? undefined : readProvenance(prov);
  return { type, dataBytes: bytes ?? 0, ...(provenance === undefined ? {} : { provenance }) };
}

function readProvenance(text: string) {
  try {
    const read = Provenance.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

const Pasted = z.looseObject({
  type: z.string().min(1).max(256),
  data: z.unknown(),
  data_base64: z.string().optional(),
  kitefedorigin: z.string().optional(),
  kitefedchain: z.union([z.string(), z.array(z.string())]).optional(),
  kitefedhops: z.coerce.number().int().optional(),
});

export type Read =
  | { readonly kind: "asked"; readonly asked: Asked }
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "wrong"; readonly problem: string };

const TYPE = /^[\w-]+(\.[\w-]+)+$/;

/** What a person typed or pasted: a seq, a CloudEvent as JSON, a type, or an id. */
export function readQuestion(text: string): Read {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "wrong", problem: "Type a seq, an id or a type, or paste a CloudEvent." };
  if (trimmed.startsWith("{")) return readCloudEvent(trimmed);
  const seq = Number(trimmed.replaceAll(",", ""));
  if (Number.isSafeInteger(seq) && seq > 0) return { kind: "asked", asked: { ...NOTHING_ASKED, seq } };
  if (TYPE.test(trimmed)) return { kind: "asked", asked: { ...NOTHING_ASKED, type: trimmed } };
  return { kind: "id", id: trimmed };
}

function readCloudEvent(text: string): Read {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { kind: "wrong", problem: `This is not JSON: ${error instanceof Error ? error.message : "unreadable"}` };
  }
  const read = Pasted.safeParse(parsed);
  if (!read.success) return { kind: "wrong", problem: "A CloudEvent has a type, which is a text; this has none." };
  const { type, data, data_base64, kitefedorigin, kitefedchain, kitefedhops } = read.data;
  const chain = typeof kitefedchain === "string" ? chainOf(kitefedchain) : (kitefedchain ?? []);
  if (chain === null) return { kind: "wrong", problem: "kitefedchain has to be a JSON array of instance ids." };
  const bytes =
    data_base64 !== undefined
      ? Math.floor((data_base64.replaceAll("=", "").length * 3) / 4)
      : data === undefined
        ? 0
        : new TextEncoder().encode(JSON.stringify(data)).length;
  const prov = JSON.stringify({ origin: kitefedorigin ?? chain[0] ?? null, chain, hops: kitefedhops ?? chain.length });
  return { kind: "asked", asked: { seq: undefined, type, bytes, prov: chain.length === 0 ? undefined : prov } };
}

function chainOf(text: string): string[] | null {
  try {
    const read = z.array(z.string()).safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
