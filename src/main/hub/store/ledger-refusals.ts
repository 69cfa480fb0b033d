import type { Queryable } from "./database.ts";
import { type EventLabel, labelOf } from "./ledger-entries.ts";

/** A request that was turned away before it became an event. */
export interface RefusalRecord {
  readonly id: string;
  readonly at: Date;
  readonly route: string;
  readonly reason: string;
  readonly peerId: string | null;
  readonly peerName: string | null;
  readonly event: EventLabel | null;
  /** The text of a JSON object. */
  readonly evidence: string;
}

export interface RefusalQuery {
  readonly team: string;
  readonly peerId: string | null;
  readonly reason: string | null;
  /** The id of the refusal before the page; ids sort by time, and the list is newest first. */
  readonly before: string | null;
  readonly limit: number;
}

/** A page of what was refused to a team, or to a team that nobody knows, newest first. */
export async function pageRefusals(db: Queryable, query: RefusalQuery): Promise<RefusalRecord[]> {
  const { rows } = await db.query<{
    id: string;
    at: Date;
    route: string;
    reason: string;
    peer_id: string | null;
    peer_name: string | null;
    event_id: string | null;
    event_source: string | null;
    event_type: string | null;
    evidence: string;
  }>(refusalsStatement(query));
  return rows.map((row) => ({
    id: row.id,
    at: row.at,
    route: row.route,
    reason: row.reason,
    peerId: row.peer_id,
    peerName: row.peer_name,
    event: labelOf(row.event_id, row.event_source, row.event_type),
    evidence: row.evidence,
  }));
}

/** The statement of a page of refusals. Exported for the test that looks at its plan. */
export function refusalsStatement(query: RefusalQuery): { text: string; values: unknown[] } {
  const values: unknown[] = [query.team, query.before ?? "ffffffff-ffff-ffff-ffff-ffffffffffff", query.limit];
  const peer =
    query.peerId === null ? "" : `AND peer = (SELECT no FROM peers WHERE id = $${values.push(query.peerId)})`;
  const reason = query.reason === null ? "" : `AND reason = $${values.push(query.reason)}`;
  return {
    text: `SELECT r.*, p.id AS peer_id, p.name AS peer_name
           FROM (SELECT * FROM refusals WHERE (team = $1 OR team IS NULL) AND id < $2::uuid ${peer} ${reason}
                 ORDER BY id DESC LIMIT $3) r
           LEFT JOIN peers p ON p.no = r.peer AND p.team = $1
           ORDER BY r.id DESC`,
    values,
  };
}
