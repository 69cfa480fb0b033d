import type { Queryable } from "./database.ts";

/** One HTTP request to a peer, and what came of it. */
export interface AttemptRecord {
  readonly id: string;
  readonly peerId: string;
  readonly peerName: string;
  readonly at: Date;
  readonly durationMs: number;
  readonly outcome: string;
  /** Null when there was no answer. */
  readonly status: number | null;
  readonly error: string | null;
  readonly batch: boolean;
  readonly entries: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly url: string;
  /** As recorded, with secrets masked. */
  readonly requestHeaders: string;
  readonly requestBytes: number;
  readonly responseHeaders: string | null;
  readonly responseBody: string | null;
}

interface Row {
  readonly id: string;
  readonly peer_id: string;
  readonly peer_name: string;
  readonly at: Date;
  readonly duration_ms: number;
  readonly outcome: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly batch: boolean;
  readonly entries: number;
  readonly first_seq: string;
  readonly last_seq: string;
  readonly url: string;
  readonly request_headers: string;
  readonly request_bytes: number;
  readonly response_headers: string | null;
  readonly response_body: string | null;
}

export interface AttemptQuery {
  readonly team: string;
  readonly peerId: string | null;
  readonly outcome: string | null;
  /** Only those that did not deliver everything. */
  readonly failed?: boolean;
  /** The id of the attempt before the page; ids sort by time, and the list is newest first. */
  readonly before: string | null;
  readonly limit: number;
}

const COLUMNS = "a.*, p.id AS peer_id, p.name AS peer_name";
const LAST_UUID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** The statement of a page of attempts. Exported for the test that looks at its plan. */
export function attemptsStatement(query: AttemptQuery): { text: string; values: unknown[] } {
  const values: unknown[] = [query.team, query.peerId, query.before ?? LAST_UUID, query.limit];
  if (query.outcome !== null) values.push(query.outcome);
  // What is seldom has an index of its own; what is not needs none.
  const seldom = query.outcome === "delivered" ? "" : "AND outcome <> 'delivered'";
  const failed = query.failed === true ? "AND outcome <> 'delivered'" : "";
  const filter = query.outcome === null ? failed : `AND outcome = $5 ${seldom}`;
  return {
    text: `SELECT ${COLUMNS}
           FROM peers p CROSS JOIN LATERAL (
             SELECT * FROM attempts WHERE peer = p.no AND id < $3::uuid ${filter} ORDER BY id DESC LIMIT $4) a
           WHERE p.team = $1 AND ($2::uuid IS NULL OR p.id = $2::uuid)
           ORDER BY a.id DESC LIMIT $4`,
    values,
  };
}

/** A page of a team's attempts, newest first. */
export async function listAttempts(db: Queryable, query: AttemptQuery): Promise<AttemptRecord[]> {
  const { rows } = await db.query<Row>(attemptsStatement(query));
  return rows.map(toRecord);
}

/** The attempts with these ids, oldest first; those that retention has taken are missing. */
export async function readAttempts(db: Queryable, team: string, ids: readonly string[]): Promise<AttemptRecord[]> {
  const { rows } = await db.query<Row>({
    text: `SELECT ${COLUMNS} FROM attempts a JOIN peers p ON p.no = a.peer
           WHERE a.id = ANY($2::uuid[]) AND p.team = $1 ORDER BY a.id`,
    values: [team, ids],
  });
  return rows.map(toRecord);
}

function toRecord(row: Row): AttemptRecord {
  return {
    id: row.id,
    peerId: row.peer_id,
    peerName: row.peer_name,
    at: row.at,
    durationMs: row.duration_ms,
    outcome: row.outcome,
    status: row.status,
    error: row.error,
    batch: row.batch,
    entries: row.entries,
    firstSeq: Number(row.first_seq),
    lastSeq: Number(row.last_seq),
    url: row.url,
    requestHeaders: row.request_headers,
    requestBytes: row.request_bytes,
    responseHeaders: row.response_headers,
    responseBody: row.response_body,
  };
}
