import { z } from "zod";
import type { EntryFilter } from "../../../shared/contract/index.ts";

/** What is listed: owed and each state it can end in, all of them, or the jobs that send again. */
export const OUTBOX_VIEWS = ["owed", "dead", "delivered", "cancelled", "all", "replays"] as const;
export type OutboxView = (typeof OUTBOX_VIEWS)[number];

/** What the address says of the Outbox: the filter, and the entry at the side. */
export const OutboxSearch = z.object({
  peer: z.string().max(64).catch("").default(""),
  state: z.enum(OUTBOX_VIEWS).catch("owed").default("owed"),
  cause: z.string().max(400).optional().catch(undefined),
  entry: z.string().max(64).catch("").default(""),
});
export type OutboxSearch = z.infer<typeof OutboxSearch>;

/** The same as the hub takes it. Only dead letters have a cause. */
export function filterOf({ peer, state, cause }: OutboxSearch): z.infer<typeof EntryFilter> {
  return {
    peerId: peer === "" ? null : peer,
    state: state === "all" || state === "replays" ? null : state,
    cause: state === "dead" ? (cause ?? null) : null,
  };
}
