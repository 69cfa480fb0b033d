import { isUtf8 } from "node:buffer";
import { arraySlices } from "../../../../shared/event/index.ts";
import { MAX_BATCH_BYTES, MAX_BATCH_EVENTS } from "../batch-limits.ts";
import { type Headers, headerValue } from "./credentials.ts";

/** Bytes of one event's data (kite-wire.md 4.3), and of all its attributes apart from its provenance. */
export const MAX_EVENT_BYTES = 262_144;
/** Data, attributes, and as much again for the provenance, which grows on the way, and for escapes. */
export const MAX_SINGLE_BODY_BYTES = 3 * MAX_EVENT_BYTES;

/** The content types of the inbound endpoint, as they stand in a sentence. */
export const TAKEN_TYPES =
  "application/cloudevents+json for one event, or application/cloudevents-batch+json for several";

/** One event of a body: its text exactly as it was received, and the same through JSON.parse. */
export interface Item {
  readonly text: string;
  readonly value: unknown;
}

export type ReadBody =
  | { readonly kind: "single"; readonly item: Item }
  | { readonly kind: "batch"; readonly items: readonly Item[] }
  | {
      readonly kind: "refused";
      readonly status: 400 | 413 | 415;
      readonly error: string;
      readonly details?: Readonly<Record<string, number>>;
    };

/** Reads the body of a request to the inbound endpoint, by its content type. Never throws. */
export function readBody(headers: Headers, raw: Buffer): ReadBody {
  const kind = kindOf(headers);
  if (typeof kind !== "string") return kind;
  const limit = kind === "batch" ? MAX_BATCH_BYTES : MAX_SINGLE_BODY_BYTES;
  if (raw.length > limit) {
    const max_bytes = kind === "batch" ? MAX_BATCH_BYTES : MAX_EVENT_BYTES;
    const error = `The body has ${raw.length} bytes; ${kind === "batch" ? "a batch" : "an event"} may have ${max_bytes}.`;
    return { kind: "refused", status: 413, error, details: { max_bytes } };
  }
  if (!isUtf8(raw)) return refused("The body is not valid UTF-8.");
  const text = raw.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refused(`The body is not valid JSON: ${error instanceof Error ? error.message : "it cannot be parsed"}`);
  }
  if (kind === "single") return { kind: "single", item: { text, value } };
  if (!Array.isArray(value)) return refused("A batch must be a JSON array of CloudEvents.");
  if (value.length > MAX_BATCH_EVENTS) {
    const error = `The batch has ${value.length} events; at most ${MAX_BATCH_EVENTS} are taken at once.`;
    return { kind: "refused", status: 413, error, details: { max_events: MAX_BATCH_EVENTS } };
  }
  const slices = arraySlices(text);
  return {
    kind: "batch",
    items: value.map((element: unknown, index) => ({ text: slices[index] ?? "", value: element })),
  };
}

function kindOf(headers: Headers): "single" | "batch" | Extract<ReadBody, { kind: "refused" }> {
  const encoding = headerValue(headers, "content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "")
    return unsupported(`Content-Encoding ${JSON.stringify(encoding)} is not taken: send the body as it was signed.`);
  const [media = "", ...parameters] = (headerValue(headers, "content-type") ?? "").split(";");
  for (const parameter of parameters) {
    const [name = "", value = ""] = parameter.split("=");
    if (name.trim().toLowerCase() === "charset" && !/^"?(utf-?8|us-ascii)"?$/i.test(value.trim()))
      return unsupported(`The charset ${JSON.stringify(value.trim())} is not taken: JSON is UTF-8.`);
  }
  switch (media.trim().toLowerCase()) {
    case "application/cloudevents+json":
    case "application/json":
      return "single";
    case "application/cloudevents-batch+json":
      return "batch";
    default:
      return unsupported(`The content type must be ${TAKEN_TYPES}.`);
  }
}

function refused(error: string): ReadBody {
  return { kind: "refused", status: 400, error };
}

function unsupported(error: string): Extract<ReadBody, { kind: "refused" }> {
  return { kind: "refused", status: 415, error };
}
