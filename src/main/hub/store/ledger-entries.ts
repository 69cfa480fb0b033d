import type { OutboxState } from "../../../shared/rules/index.ts";
import type { Queryable } from "./database.ts";

/** An outbox entry, owed or finished, with the peer and the event it is about. */
export interface EntryRecord {
  readonly peer: number;
  readonly seq: number;
  readonly gen: number;
  readonly segment: number;
  readonly peerId: string;
  readonly peerName: string;
  readonly state: OutboxState;
  readonly revision: number;
  readonly hops: number;
  readonly tries: number;
  readonly replay: boolean;
  readonly createdAt: Date;
  /** When it is due; null once it is finished. */
  readonly availableAt: Date | null;
  readonly waitReason: string | null;
  readonly leasedUntil: Date | null;
  readonly finishedAt: Date | null;
  readonly result: string | null;
  readonly cause: string | null;
  readonly lastError: string | null;
  readonly attempts: readonly string[];
  /** Null when retention has taken the event. */
  readonly event: EventLabel | null;
}

/** As much of an event as a list shows. */
export interface EventLabel {
  readonly id: string;
  readonly source: string;
  readonly type: string;
}

export interface EntryKey {
  readonly seq: number;
  readonly peer: number;
  readonly gen: number;
}

export interface EntryQuery {
  readonly team: string;
  readonly peerId: string | null;
  /** `owed`: pending and sending. */
  readonly state: OutboxState | "owed" | null;
  /** Only dead letters have one. */
  readonly cause: string | null;
  /** Entries before this one in the list, which is newest first; null for the first page. */
  readonly before: EntryKey | null;
  readonly limit: number;
}

interface Row {
  readonly peer: number;
  readonly seq: string;
  readonly gen: number;
  readonly segment: number;
  readonly peer_id: string;
  readonly peer_name: string;
  readonly state: OutboxState;
  readonly revision: number;
  readonly hops: number;
  readonly tries: number;
  readonly replay: boolean;
  readonly created_at: Date;
  readonly available_at: Date | null;
  readonly wait_reason: string | null;
  readonly leased_until: Date | null;
  readonly finished_at: Date | null;
  readonly result: string | null;
  readonly cause: string | null;
  readonly last_error: string | null;
  readonly attempts: string[];
  readonly event_id: string | null;
  readonly event_source: string | null;
  readonly event_type: string | null;
}

const SAME = "peer, seq, gen, segment, state, revision, hops, tries, replay, created_at, last_error, attempts";
const HOT = `SELECT ${SAME}, available_at, wait_reason, leased_until,
                    NULL::timestamptz AS finished_at, NULL::text AS result, NULL::text AS cause FROM outbox`;
const DONE = `SELECT ${SAME}, NULL::timestamptz AS available_at, NULL::text AS wait_reason,
                     NULL::timestamptz AS leased_until, finished_at, result, cause FROM outbox_done`;

const FIRST: EntryKey = { seq: Number.MAX_SAFE_INTEGER, peer: 0, gen: 0 };

// The list is (seq, peer, gen) downwards, and each peer's part of it stands in an index in that order. So every peer
// gives one page from its own index, and only those few rows are sorted. The second member of the comparison says
// where a peer goes on: behind the cursor's seq if its number is not below the cursor's, else with that seq itself.
const BEFORE = "(seq, gen) < ($3::bigint, CASE WHEN p.no < $4 THEN 32767 WHEN p.no = $4 THEN $5::int ELSE -1 END)";
const PAGE = "ORDER BY seq DESC, gen DESC LIMIT $6";

/** Where entries of a state stand. States are written out, so that the partial indexes fit. */
function sourceOf({ state, cause }: EntryQuery): string {
  switch (state) {
    case null:
      return `(${HOT} WHERE peer = p.no AND ${BEFORE} ${PAGE}) UNION ALL (${DONE} WHERE peer = p.no AND ${BEFORE} ${PAGE})`;
    case "owed":
      return `${HOT} WHERE peer = p.no AND ${BEFORE}`;
    case "pending":
      return `${HOT} WHERE peer = p.no AND state = 'pending' AND ${BEFORE}`;
    case "sending":
      // No index knows them, for every event would pay for it: the owed entries are read once, which are no more than
      // the backlog, and those under way are few.
      return `SELECT * FROM sending WHERE peer = p.no AND ${BEFORE}`;
    case "dead":
      return `${DONE} WHERE peer = p.no AND state = 'dead' ${cause === null ? "" : "AND cause = $7"} AND ${BEFORE}`;
    default:
      return `${DONE} WHERE peer = p.no AND state = '${state}' AND ${BEFORE}`;
  }
}

const WITH_LABELS = `
  SELECT x.*, e.id AS event_id, e.source AS event_source, e.type AS event_type
  FROM page x LEFT JOIN events e ON e.seq = x.seq AND e.segment = x.segment
  ORDER BY x.seq DESC, x.peer DESC, x.gen DESC`;

/** The statement of a page of entries. Exported for the test that looks at its plan. */
export function entriesStatement(query: EntryQuery): { text: string; values: unknown[] } {
  const before = query.before ?? FIRST;
  const values: unknown[] = [query.team, query.peerId, before.seq, before.peer, before.gen, query.limit];
  if (query.cause !== null && query.state === "dead") values.push(query.cause);
  const sending = query.state === "sending" ? `sending AS MATERIALIZED (${HOT} WHERE state = 'sending'), ` : "";
  return {
    text: `WITH ${sending}page AS MATERIALIZED (
             SELECT o.*, p.id AS peer_id, p.name AS peer_name
             FROM peers p CROSS JOIN LATERAL (SELECT * FROM (${sourceOf(query)}) s ${PAGE}) o
             WHERE p.team = $1 AND ($2::uuid IS NULL OR p.id = $2::uuid)
             ORDER BY o.seq DESC, o.peer DESC, o.gen DESC LIMIT $6
           ) ${WITH_LABELS}`,
    values,
  };
}

/** A page of a team's entries, newest event first. Entries of peers that were removed are among them. */
export async function listEntries(db: Queryable, query: EntryQuery): Promise<EntryRecord[]> {
  const { rows } = await db.query<Row>(entriesStatement(query));
  return rows.map(toRecord);
}

/** One entry of a team; null when there is none. */
export async function readEntry(db: Queryable, team: string, key: EntryKey): Promise<EntryRecord | null> {
  const { rows } = await db.query<Row>({
    text: `WITH page AS MATERIALIZED (
             SELECT o.*, p.id AS peer_id, p.name AS peer_name
             FROM peers p CROSS JOIN LATERAL (
               (${HOT} WHERE peer = p.no AND seq = $3 AND gen = $4)
               UNION ALL (${DONE} WHERE peer = p.no AND seq = $3 AND gen = $4) LIMIT 1) o
             WHERE p.team = $1 AND p.no = $2
           ) ${WITH_LABELS}`,
    values: [team, key.peer, key.seq, key.gen],
  });
  const [row] = rows;
  return row === undefined ? null : toRecord(row);
}

/** All entries of one event of a team, by peer and generation. */
export async function entriesOfEvent(db: Queryable, team: string, seq: number): Promise<EntryRecord[]> {
  const { rows } = await db.query<Row>({
    text: `WITH page AS MATERIALIZED (
             SELECT o.*, p.id AS peer_id, p.name AS peer_name
             FROM peers p CROSS JOIN LATERAL (
               (${HOT} WHERE peer = p.no AND seq = $2) UNION ALL (${DONE} WHERE peer = p.no AND seq = $2)) o
             WHERE p.team = $1
           ) ${WITH_LABELS}`,
    values: [team, seq],
  });
  return rows.map(toRecord).sort((a, b) => a.peer - b.peer || a.gen - b.gen);
}

/** Dead letters of one cause at one peer. */
export interface CauseCount {
  readonly peerId: string;
  readonly peerName: string;
  readonly cause: string | null;
  readonly count: number;
  readonly oldestSeq: number;
  readonly newestSeq: number;
}

/** Counts a team's dead letters by peer and cause. Reads only the index of dead letters. */
export async function countCauses(db: Queryable, team: string, peerId: string | null): Promise<CauseCount[]> {
  const { rows } = await db.query<{
    peer_id: string;
    peer_name: string;
    cause: string | null;
    n: string;
    oldest: string;
    newest: string;
  }>({
    text: `SELECT p.id AS peer_id, p.name AS peer_name, d.cause, d.n, d.oldest, d.newest
           FROM (SELECT peer, cause, count(*) AS n, min(seq) AS oldest, max(seq) AS newest
                 FROM outbox_done
                 WHERE state = 'dead' AND peer IN (SELECT no FROM peers WHERE team = $1 AND ($2::uuid IS NULL OR id = $2::uuid))
                 GROUP BY peer, cause) d
           JOIN peers p ON p.no = d.peer
           ORDER BY d.n DESC, p.no, d.cause`,
    values: [team, peerId],
  });
  return rows.map((row) => ({
    peerId: row.peer_id,
    peerName: row.peer_name,
    cause: row.cause,
    count: Number(row.n),
    oldestSeq: Number(row.oldest),
    newestSeq: Number(row.newest),
  }));
}

function toRecord(row: Row): EntryRecord {
  return {
    peer: row.peer,
    seq: Number(row.seq),
    gen: row.gen,
    segment: row.segment,
    peerId: row.peer_id,
    peerName: row.peer_name,
    state: row.state,
    revision: row.revision,
    hops: row.hops,
    tries: row.tries,
    replay: row.replay,
    createdAt: row.created_at,
    availableAt: row.available_at,
    waitReason: row.wait_reason,
    leasedUntil: row.leased_until,
    finishedAt: row.finished_at,
    result: row.result,
    cause: row.cause,
    lastError: row.last_error,
    attempts: row.attempts,
    event: labelOf(row.event_id, row.event_source, row.event_type),
  };
}

/** The label of a joined event, if the join found it. */
export function labelOf(id: string | null, source: string | null, type: string | null): EventLabel | null {
  return id === null || source === null || type === null ? null : { id, source, type };
}
