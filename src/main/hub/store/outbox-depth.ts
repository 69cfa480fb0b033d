import type { Queryable } from "./database.ts";

/** What a peer is owed, for display. Times are milliseconds since the epoch. */
export interface Depth {
  readonly peer: number;
  /** Entries that wait or are being sent; exact up to the limit that was asked for. */
  readonly owed: number;
  /** There are more than `owed` says. */
  readonly more: boolean;
  /** When the oldest of them was queued. */
  readonly oldest: number | null;
  /** When the next of them is due; it may have passed. */
  readonly next: number | null;
}

/** Peers that anything is owed to. Finds each by one step in the index, however many entries there are. */
export async function peersOwed(db: Queryable): Promise<number[]> {
  const { rows } = await db.query<{ peer: number }>({
    text: `WITH RECURSIVE owed AS (
             (SELECT peer FROM outbox ORDER BY peer LIMIT 1)
             UNION ALL
             SELECT (SELECT o.peer FROM outbox o WHERE o.peer > owed.peer ORDER BY o.peer LIMIT 1)
             FROM owed WHERE owed.peer IS NOT NULL)
           SELECT peer FROM owed WHERE peer IS NOT NULL`,
  });
  return rows.map((row) => row.peer);
}

/**
 * How much each of these peers is owed, the oldest and the next.
 * @param limit where counting ends: a count of millions costs seconds, and tells nobody more than "more"
 */
export async function depths(db: Queryable, peers: readonly number[], limit = 100_000): Promise<Depth[]> {
  const { rows } = await db.query<{ peer: number; owed: number; oldest: number | null; next: number | null }>({
    name: "outbox-depths",
    text: `SELECT p.peer,
                  (SELECT count(*)::int FROM (
                     SELECT FROM outbox o WHERE o.peer = p.peer LIMIT $2::int + 1) c) AS owed,
                  (SELECT extract(epoch FROM o.created_at)::float8 * 1000 FROM outbox o WHERE o.peer = p.peer
                   ORDER BY o.seq, o.gen LIMIT 1) AS oldest,
                  (SELECT extract(epoch FROM o.available_at)::float8 * 1000 FROM outbox o
                   WHERE o.peer = p.peer AND o.state = 'pending' ORDER BY o.available_at, o.seq LIMIT 1) AS next
           FROM unnest($1::int[]) AS p (peer) ORDER BY p.peer`,
    values: [peers, limit],
  });
  return rows.map(({ peer, owed, oldest, next }) => ({
    peer,
    owed: Math.min(owed, limit),
    more: owed > limit,
    oldest: oldest === null ? null : Math.round(oldest),
    next: next === null ? null : Math.round(next),
  }));
}
