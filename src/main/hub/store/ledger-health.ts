import type { Queryable } from "./database.ts";

/** How requests to a peer went, from the newest of them. */
export interface OutgoingHealth {
  readonly peer: number;
  readonly lastSuccessAt: Date | null;
  readonly lastFailureAt: Date | null;
  readonly lastFailure: string | null;
  /** When the first failure after the last success was; null when the newest request succeeded. */
  readonly failingSince: Date | null;
}

/** So many of the newest requests are looked at for one that succeeded. */
const LOOKED_AT = 5_000;
const OK = "('delivered', 'partial')";

/** The state of the way out to these peers: a bounded look at the newest end of each one's attempts. */
export async function outgoingHealth(db: Queryable, peers: readonly number[]): Promise<OutgoingHealth[]> {
  const { rows } = await db.query<{
    peer: number;
    ok_at: Date | null;
    bad_at: Date | null;
    error: string | null;
    since: Date | null;
  }>({
    name: "ledger-outgoing-health",
    text: `SELECT p.peer, ok.at AS ok_at, bad.at AS bad_at, bad.error,
                  CASE WHEN bad.id > COALESCE(ok.id, '00000000-0000-0000-0000-000000000000') THEN
                    (SELECT f.at FROM attempts f
                     WHERE f.peer = p.peer AND f.outcome <> 'delivered' AND f.outcome <> 'partial'
                       AND f.id > COALESCE(ok.id, '00000000-0000-0000-0000-000000000000') ORDER BY f.id LIMIT 1) END AS since
           FROM unnest($1::int[]) AS p (peer)
           LEFT JOIN LATERAL (
             SELECT n.id, n.at FROM (SELECT id, at, outcome FROM attempts WHERE peer = p.peer ORDER BY id DESC LIMIT ${LOOKED_AT}) n
             WHERE n.outcome IN ${OK} ORDER BY n.id DESC LIMIT 1) ok ON true
           LEFT JOIN LATERAL (
             SELECT id, at, COALESCE(error, 'HTTP ' || status) AS error FROM attempts
             WHERE peer = p.peer AND outcome <> 'delivered' AND outcome <> 'partial' ORDER BY id DESC LIMIT 1) bad ON true`,
    values: [peers],
  });
  return rows.map((row) => ({
    peer: row.peer,
    lastSuccessAt: row.ok_at,
    lastFailureAt: row.bad_at,
    lastFailure: row.error,
    failingSince: row.since,
  }));
}
