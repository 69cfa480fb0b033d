import { z } from "zod";

/** What can be changed while the hub runs. Everything else is configuration, read at the start. */
export const HubSettings = z.object({
  retentionDays: z.number().min(0).max(3_650),
  /** 0: no limit. */
  retentionMb: z.number().min(0),
  /** How much of a payload is kept: all, its first bytes once it is delivered, or nothing then. */
  keepPayload: z.enum(["all", "cut", "none"]),
  keepPayloadBytes: z.int().min(0).max(262_144),
  /** How much of the body of a request that was refused is kept, for looking into; 0 keeps nothing. */
  keepRefusedBytes: z.int().min(0).max(65_536),
});
export type HubSettings = z.infer<typeof HubSettings>;
