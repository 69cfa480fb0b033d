import { z } from "zod";

export const WAYS = ["hub", "kite", "hand"] as const;

/** By which way a peer is added; `link`: a pairing link that was clicked somewhere. */
export const PairingSearch = z.object({
  way: z.enum(WAYS).catch("hub").default("hub"),
  link: z.string().max(20_000).catch("").default(""),
  /** What is known of the peer that is to be added. */
  name: z.coerce.string().max(256).catch("").default(""),
  url: z.string().max(2_048).catch("").default(""),
  scopes: z.string().max(20_000).catch("*").default("*"),
  hops: z.coerce.number().int().min(1).max(64).catch(3).default(3),
});
