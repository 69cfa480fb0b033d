import type { Queryable } from "./database.ts";

/** How often something happened in a window; `peer` is null for what concerns this hub itself. */
export interface CountRecord {
  readonly peerId: string | null;
  readonly peerName: string | null;
  readonly kind: string;
  readonly reason: string;
  /** Begin of the step; null when the window was not divided. */
  readonly at: Date | null;
  readonly n: number;
}

export interface CountQuery {
  readonly team: string;
  readonly peerId: string | null;
  readonly since: Date;
  readonly until: Date;
  /** Length of the steps into which the window is divided; null for one sum. */
  readonly stepSeconds: number | null;
}

/** Sums the counts of a window: of a team's peers and, when no peer is asked for, of the hub as a whole. */
export async function sumCounts(db: Queryable, query: CountQuery): Promise<CountRecord[]> {
  const { rows } = await db.query<{
    peer_id: string | null;
    peer_name: string | null;
    kind: string;
    reason: string;
    at: Date | null;
    n: string;
  }>({
    text: `WITH mine AS (SELECT no, id, name FROM peers WHERE team = $1 AND ($2::uuid IS NULL OR id = $2::uuid)
                         UNION ALL SELECT 0, NULL::uuid, NULL::text WHERE $2::uuid IS NULL)
           SELECT m.id AS peer_id, m.name AS peer_name, r.kind, r.reason, r.at, r.n
           FROM (SELECT peer, kind, reason, sum(n) AS n,
                        CASE WHEN $5::int IS NULL THEN NULL
                             ELSE date_bin(make_interval(secs => $5::int), minute, $3::timestamptz) END AS at
                 FROM rollups WHERE minute >= $3::timestamptz AND minute < $4::timestamptz
                 GROUP BY 1, 2, 3, 5) r
           JOIN mine m ON m.no = r.peer
           ORDER BY r.at, r.peer, r.kind, r.reason`,
    values: [query.team, query.peerId, query.since, query.until, query.stepSeconds],
  });
  return rows.map((row) => ({
    peerId: row.peer_id,
    peerName: row.peer_name,
    kind: row.kind,
    reason: row.reason,
    at: row.at,
    n: Number(row.n),
  }));
}
