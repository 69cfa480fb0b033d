import { z } from "zod";

/** The most bytes of an event's data, and so the most of a body that can be worth keeping. */
const MAX_KEPT_BYTES = 262_144;
/** Anybody can send a request that is refused: of each one, no more than this is kept. Bytes. */
export const MAX_KEPT_REFUSED_BYTES = 65_536;

/** What can be changed while the hub runs. Everything else is configuration, read at the start. */
export const HubSettings = z.object({
  retentionDays: z.number().min(0).max(3_650),
  /** 0: no limit. */
  retentionMb: z.number().min(0),
  /** How much of a payload is kept: all, its first bytes once it is delivered, or nothing then. */
  keepPayload: z.enum(["all", "cut", "none"]),
  keepPayloadBytes: z.int().min(0).max(MAX_KEPT_BYTES),
  /** How much of the body of a request that was refused is kept, for looking into; 0 keeps nothing. */
  keepRefusedBytes: z.int().min(0).max(MAX_KEPT_REFUSED_BYTES),
});
export type HubSettings = z.infer<typeof HubSettings>;
