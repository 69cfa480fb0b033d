import { z } from "zod";

export const WINDOWS = [15, 60, 1_440, 10_080] as const;
export const WINDOW_WORDS: Readonly<Record<string, string>> = {
  15: "last 15 minutes",
  60: "last hour",
  1440: "last day",
  10080: "last week",
};
export const SIDES = ["details", "findings", "loops"] as const;

/** What the address says of the Topology. */
export const TopologySearch = z.object({
  /** Minutes over which is counted. */
  window: z.coerce.number().pipe(z.literal(WINDOWS)).catch(60).default(60),
  view: z.enum(["map", "table"]).catch("map").default("map"),
  side: z.enum(SIDES).catch("details").default("details"),
  node: z.string().optional().catch(undefined),
  edge: z.string().optional().catch(undefined),
  /** The event whose way is shown. */
  seq: z.coerce.number().int().positive().optional().catch(undefined),
  /** Links that send nothing are drawn too. */
  silent: z.coerce.boolean().catch(false).default(false),
});
export type TopologySearch = z.infer<typeof TopologySearch>;
