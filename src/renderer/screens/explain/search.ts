import { z } from "zod";
import { Change } from "../../../shared/debugger/index.ts";

export const TABS = ["way", "what-if", "probe"] as const;

/** Changes that are tried out, in the address; one that cannot be read is none. */
export function readChanges(text: string): Change[] {
  try {
    const read = z.array(Change).max(50).safeParse(JSON.parse(text));
    return read.success ? read.data : [];
  } catch {
    return [];
  }
}

/** What the address says of Explain: which event, and what is tried out. */
export const ExplainSearch = z.object({
  seq: z.coerce.number().int().positive().optional().catch(undefined),
  type: z.string().min(1).max(256).optional().catch(undefined),
  bytes: z.coerce.number().int().min(0).optional().catch(undefined),
  /** Provenance of a pasted event, as JSON. */
  prov: z.string().max(8_000).optional().catch(undefined),
  tab: z.enum(TABS).catch("way").default("way"),
  view: z.enum(["map", "table"]).catch("map").default("map"),
  node: z.string().optional().catch(undefined),
  edge: z.string().optional().catch(undefined),
  changes: z.preprocess(
    (value) => (typeof value === "string" || value === undefined ? value : JSON.stringify(value)),
    z.string().max(20_000).optional().catch(undefined),
  ),
});
export type ExplainSearch = z.infer<typeof ExplainSearch>;
