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
  /** The source of the endpoint that the request was for. */
  readonly hook: string | null;
  readonly bodyBytes: number | null;
}

/** The same with what was kept of the request itself. */
export interface RefusalDetail extends RefusalRecord {
  /** The text of a JSON object. */
  readonly headers: string | null;
  readonly body: Buffer | null;
}

export interface RefusalQuery {
  readonly team: string;
  readonly peerId: string | null;
  readonly reason: string | null;
  readonly hook: string | null;
  /** The id of the refusal before the page; ids sort by time, and the list is newest first. */
  readonly before: string | null;
  readonly limit: number;
}

interface Row {
  readonly id: string;
  readonly at: Date;
  readonly route: string;
  readonly reason: string;
  readonly peer_id: string | null;
  readonly peer_name: string | null;
  readonly event_id: string | null;
  readonly event_source: string | null;
  readonly event_type: string | null;
  readonly evidence: string;
  readonly hook: string | null;
  readonly body_bytes: number | null;
}

function recordOf(row: Row): RefusalRecord {
  return {
    id: row.id,
    at: row.at,
    route: row.route,
    reason: row.reason,
    peerId: row.peer_id,
    peerName: row.peer_name,
    event: labelOf(row.event_id, row.event_source, row.event_type),
    evidence: row.evidence,
    hook: row.hook,
    bodyBytes: row.body_bytes,
  };
}

/** A page of what was refused to a team, or to a team that nobody knows, newest first. */
export async function pageRefusals(db: Queryable, query: RefusalQuery): Promise<RefusalRecord[]> {
  const { rows } = await db.query<Row>(refusalsStatement(query));
  return rows.map(recordOf);
}

const COLUMNS = "id, at, team, route, reason, peer, event_id, event_source, event_type, evidence, hook, body_bytes";

/** The statement of a page of refusals. Exported for the test that looks at its plan. */
export function refusalsStatement(query: RefusalQuery): { text: string; values: unknown[] } {
  const values: unknown[] = [query.team, query.before ?? "ffffffff-ffff-ffff-ffff-ffffffffffff", query.limit];
  const peer =
    query.peerId === null ? "" : `AND peer = (SELECT no FROM peers WHERE id = $${values.push(query.peerId)})`;
  const reason = query.reason === null ? "" : `AND reason = $${values.push(query.reason)}`;
  // With an endpoint, its own index is read, and the team is known.
  const team = query.hook === null ? "(team = $1 OR team IS NULL)" : `team = $1 AND hook = $${values.push(query.hook)}`;
  return {
    text: `SELECT r.*, p.id AS peer_id, p.name AS peer_name
           FROM (SELECT ${COLUMNS} FROM refusals WHERE ${team} AND id < $2::uuid ${peer} ${reason}
                 ORDER BY id DESC LIMIT $3) r
           LEFT JOIN peers p ON p.no = r.peer AND p.team = $1
           ORDER BY r.id DESC`,
    values,
  };
}

/** One refusal with all that was kept of it; null when the team has none with this id. */
export async function readRefusal(db: Queryable, team: string, id: string): Promise<RefusalDetail | null> {
  const { rows } = await db.query<Row & { headers: string | null; body: Buffer | null }>({
    name: "read-refusal",
    text: `SELECT r.*, p.id AS peer_id, p.name AS peer_name
           FROM refusals r LEFT JOIN peers p ON p.no = r.peer AND p.team = $1
           WHERE r.id = $2::uuid AND (r.team = $1 OR r.team IS NULL)`,
    values: [team, id],
  });
  const [row] = rows;
  return row === undefined ? null : { ...recordOf(row), headers: row.headers, body: row.body };
}
