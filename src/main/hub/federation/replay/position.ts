import { z } from "zod";

/** How far a job got, as it is stored. */
export const Position = z.object({
  /** The pass it is in. */
  phase: z.int(),
  /** The last event that was handled, where the pass goes through events; null at its begin. */
  seq: z.int().nullable(),
  /** The last entry that was handled, where it goes through entries. */
  entry: z.object({ peer: z.int(), seq: z.int(), gen: z.int() }).nullable(),
  /** The log's head before the step that is under way began to show events; null when none is. */
  head: z.int().nullable(),
});
export type Position = z.infer<typeof Position>;

export const START: Position = { phase: 0, seq: null, entry: null, head: null };
