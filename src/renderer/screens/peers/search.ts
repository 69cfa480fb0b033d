import { z } from "zod";

export const PEER_TABS = ["health", "settings", "test"] as const;

/** Which peer is shown beside the list, and which part of it. */
export const PeersSearch = z.object({
  id: z.string().optional().catch(undefined),
  tab: z.enum(PEER_TABS).catch("health").default("health"),
});
