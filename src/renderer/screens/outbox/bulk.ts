import type { z } from "zod";
import type { ConsoleClient, EntryFilter, ReplayRequest } from "../../../shared/contract/index.ts";
import { replayFilter } from "../../replay/replay-dialog.tsx";

type Filter = z.infer<typeof EntryFilter>;

/** What a bulk action is about, and what it is to do. */
export interface Bulk {
  readonly kind: "again" | "cancel";
  readonly filter: Filter;
  /** These entries; null: everything that the filter matches. */
  readonly ids: readonly string[] | null;
  /** Finished entries go again as a job; owed ones are made due at once. */
  readonly owed: boolean;
}

/** As many entries as can be named in one action. */
export const MOST_IDS = 1_000;

function requestOf({ filter: { peerId, state, cause }, ids }: Bulk): ReplayRequest {
  const finished = state === "dead" || state === "delivered" || state === "cancelled" ? state : null;
  return {
    filter: replayFilter(ids === null ? { peerId, state: finished, cause } : { entryIds: [...ids] }),
    targets: "peers",
    routing: "then",
    id: "same",
  };
}

const selectionOf = ({ filter, ids }: Bulk) => ({ filter, ids: ids === null ? null : [...ids] });

/** How many entries it would touch now, and the production peers that would have to be named for it. */
export async function countBulk(
  client: ConsoleClient,
  bulk: Bulk,
): Promise<{ readonly count: number; readonly production: readonly string[] }> {
  return bulk.kind === "again" && !bulk.owed
    ? client.replays.count(requestOf(bulk))
    : { ...(await client.outbox.count(selectionOf(bulk))), production: [] };
}

/**
 * Does it.
 * @param confirm the production peers that were named
 * @returns how many entries it touched, or null when a job does it from now on
 */
export async function runBulk(client: ConsoleClient, bulk: Bulk, confirm: readonly string[]): Promise<number | null> {
  if (bulk.kind === "cancel") return (await client.outbox.cancelAll(selectionOf(bulk))).count;
  if (bulk.owed) return (await client.outbox.retryAll(selectionOf(bulk))).count;
  await client.replays.create({ ...requestOf(bulk), confirm: [...confirm] });
  return null;
}
