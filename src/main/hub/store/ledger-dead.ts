import type { Queryable } from "./database.ts";

/** The newest dead letter of one cause at one peer. */
export interface DeadExample {
  readonly peerId: string;
  readonly cause: string | null;
  readonly finishedAt: Date;
  readonly lastError: string | null;
}

/** The newest dead letter of each of these groups: one step in the index of dead letters for each. */
export async function newestDead(
  db: Queryable,
  groups: readonly { readonly peerId: string; readonly cause: string | null; readonly newestSeq: number }[],
): Promise<DeadExample[]> {
  const { rows } = await db.query<{ id: string; cause: string | null; finished_at: Date; last_error: string | null }>({
    text: `SELECT g.id, g.cause, d.finished_at, d.last_error
           FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS g (id, cause, seq)
           JOIN peers p ON p.id = g.id
           CROSS JOIN LATERAL (
             SELECT finished_at, last_error FROM outbox_done o
             WHERE o.peer = p.no AND o.state = 'dead' AND o.seq = g.seq AND o.cause IS NOT DISTINCT FROM g.cause
             ORDER BY o.gen DESC LIMIT 1) d`,
    values: [groups.map((g) => g.peerId), groups.map((g) => g.cause), groups.map((g) => g.newestSeq)],
  });
  return rows.map((row) => ({
    peerId: row.id,
    cause: row.cause,
    finishedAt: row.finished_at,
    lastError: row.last_error,
  }));
}

/** How many dead letters each of these peers has. Reads only the index of dead letters. */
export async function countDead(db: Queryable, peers: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await db.query<{ peer: number; n: number }>({
    name: "ledger-count-dead",
    text: `SELECT peer, count(*)::int AS n FROM outbox_done
           WHERE state = 'dead' AND peer = ANY ($1::int[]) GROUP BY peer`,
    values: [peers],
  });
  return new Map(rows.map((row) => [row.peer, row.n]));
}
