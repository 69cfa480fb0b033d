import type { Peer } from "../../model.ts";
import type { Count } from "../../store/accept-batch.ts";
import type { Queryable } from "../../store/database.ts";
import type { EntryKey } from "../../store/outbox.ts";
import { type EntryHops, insertEntries } from "../../store/relax.ts";
import { type FoundEntry, hastenEntries, reviveEntries } from "../../store/replay-entries.ts";
import { addCounts } from "../../store/rollups.ts";

/** What becomes of entries that are to be sent again. */
export interface Moves {
  /** Dead or delivered: they come back. */
  readonly revive: EntryKey[];
  /** Waiting: they become due. */
  readonly hasten: EntryKey[];
  /** Never owed, or cancelled: a new entry. */
  readonly insert: EntryHops[];
}

export function noMoves(): Moves {
  return { revive: [], hasten: [], insert: [] };
}

/** Why an entry cannot be sent again now; null when it can, and `moves` says how then. */
export function planMove(entry: FoundEntry, peer: Peer | undefined, moves: Moves): string | null {
  if (peer === undefined) return "Its peer was removed.";
  if (peer.status === "revoked") return `The peer "${peer.name}" is revoked: make it active first.`;
  if (entry.heldHops === null) return "Retention has taken its event.";
  if (entry.dataCut) return "Its event's payload was purged or not kept, so there is nothing to send.";
  const { peer: no, seq, gen, segment } = entry;
  switch (entry.state) {
    case "pending":
      moves.hasten.push({ peer: no, seq, gen });
      return null;
    case "sending":
      return "It is being sent at this moment.";
    case "dead":
    case "delivered":
      if (entry.newestGen > gen) return `A later entry, ${seq}-${no}-${entry.newestGen}, has taken its place.`;
      moves.revive.push({ peer: no, seq, gen });
      return null;
    case "cancelled":
      if (entry.newestGen > gen) return `A later entry, ${seq}-${no}-${entry.newestGen}, has taken its place.`;
      // Cancelled is final: what is wanted after all is a new entry.
      moves.insert.push({ peer: no, seq, gen: gen + 1, segment, revision: peer.revision, hops: entry.heldHops });
      return null;
  }
}

/**
 * Makes the moves and counts them (kind `replay`), together with what else the transaction did. Belongs after
 * `lockRevivals`. @returns how many moves there were, by peer
 */
export async function applyMoves(
  tx: Queryable,
  at: Date,
  moves: Moves,
  alsoCount: readonly Count[] = [],
): Promise<ReadonlyMap<number, number>> {
  const revived = moves.revive.length > 0 ? await reviveEntries(tx, at, moves.revive) : [];
  if (moves.insert.length > 0) await insertEntries(tx, at, moves.insert, true);
  if (moves.hasten.length > 0) await hastenEntries(tx, at, moves.hasten);
  const perPeer = new Map<number, number>();
  for (const { peer } of [...revived, ...moves.insert, ...moves.hasten])
    perPeer.set(peer, (perPeer.get(peer) ?? 0) + 1);
  const counts = [...perPeer].map(([peer, n]): Count => ({ peer, kind: "replay", reason: "", n }));
  await addCounts(tx, at, [...counts, ...alsoCount]);
  return perPeer;
}
