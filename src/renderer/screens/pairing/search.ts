import { z } from "zod";

export const WAYS = ["hub", "kite", "hand"] as const;

/** By which way a peer is added; `link`: a pairing link that was clicked somewhere. */
export const PairingSearch = z.object({
  way: z.enum(WAYS).catch("hub").default("hub"),
  link: z.string().max(20_000).catch("").default(""),
});
