import type pg from "pg";
import type { LogEvent } from "../model.ts";
import type { Database, Queryable } from "./database.ts";
import { EVENT_COLUMNS, type EventRow, eventFromRow, headSeq, oldestSeq } from "./event-pages.ts";

/** So many events are looked at for one page of a filtered list, however few of them match. */
export const SEARCH_WINDOW = 50_000;

/** Hubs on several machines share a log, and their clocks differ; by no more than this, we hope. */
export const CLOCK_SKEW_MS = 5 * 60_000;

export interface EventQuery {
  readonly team: string;
  readonly id: string | null;
  readonly source: string | null;
  /** A glob on the type, with the meaning of a peer's scope. */
  readonly type: string | null;
  /** The slug of the endpoint it came in by. */
  readonly hook: string | null;
  readonly agentTo: string | null;
  /** The peer that delivered it. */
  readonly peerId: string | null;
  readonly since: Date | null;
  readonly until: Date | null;
  /** Events before this seq, newest first; null for the first page. */
  readonly before: number | null;
  readonly limit: number;
}

/** What a search found in its window, and where the window ended. */
export interface EventsFound {
  readonly events: readonly LogEvent[];
  /** Every event of the log from this seq on was looked at, up to where the page began. */
  readonly searchedTo: number;
  /** True when there is nothing older to look at. */
  readonly exhausted: boolean;
}

/** A list shows events without their payload, which may be a quarter of a megabyte each. */
const WITHOUT_PAYLOAD: Readonly<Record<string, string>> = {
  headers: "NULL::text AS headers",
  attrs: "''::text AS attrs",
  data: "NULL::text AS data",
};
export const LABEL_COLUMNS = EVENT_COLUMNS.split(", ")
  .map((column) => WITHOUT_PAYLOAD[column] ?? column)
  .join(", ");

/**
 * A page of a team's events, newest first, without their data. Looks at one window of the log at most: a search for
 * something seldom returns short or empty pages on its way, each with the seq from which to go on.
 */
export async function searchEvents(db: Database, query: EventQuery): Promise<EventsFound> {
  if (query.id !== null) return findById(db, query, query.id);
  const oldest = query.since === null ? await oldestSeq(db) : await seqAt(db, query.since.getTime() - CLOCK_SKEW_MS);
  const end = query.until === null ? null : (await seqAt(db, query.until.getTime() + CLOCK_SKEW_MS)) + 1;
  const before = Math.min(
    query.before ?? Number.MAX_SAFE_INTEGER,
    end ?? Number.MAX_SAFE_INTEGER,
    (await headSeq(db)) + 1,
  );
  const floor = Math.max(before - SEARCH_WINDOW, oldest);
  const { rows } = await db.query<EventRow>(searchStatement(query, floor, before));
  const exhausted = floor <= oldest && rows.length < query.limit;
  return { events: rows.map(eventFromRow), searchedTo: floor, exhausted };
}

/** The statement of a search between two seqs. Exported for the test that looks at its plan. */
export function searchStatement(query: EventQuery, floor: number, before: number): { text: string; values: unknown[] } {
  const values: unknown[] = [query.team, floor, before, query.limit];
  return {
    text: `SELECT ${LABEL_COLUMNS} FROM events
           WHERE seq >= $2::bigint AND seq < $3::bigint AND team = $1 ${conditions(query, values)}
           ORDER BY seq DESC LIMIT $4`,
    values,
  };
}

/** By id the whole log is searched: a filter over each stretch of it says where it may be. */
async function findById(db: Database, query: EventQuery, id: string): Promise<EventsFound> {
  const values: unknown[] = [query.team, query.before ?? Number.MAX_SAFE_INTEGER, query.limit, id];
  const rows = await byId<EventRow>(db, {
    text: `WITH found AS MATERIALIZED (SELECT * FROM events WHERE id = $4)
           SELECT ${LABEL_COLUMNS} FROM found WHERE team = $1 AND seq < $2::bigint ${conditions(query, values)}
           ORDER BY seq DESC LIMIT $3`,
    values,
  });
  return { events: rows.map(eventFromRow), searchedTo: 0, exhausted: rows.length < query.limit };
}

/** The seqs of a team's events with this id, newest first; replays to listeners are not among them. */
export async function seqsOfId(db: Database, team: string, id: string, limit: number): Promise<number[]> {
  const rows = await byId<{ seq: string }>(db, {
    text: `WITH found AS MATERIALIZED (SELECT seq, team, replay_of FROM events WHERE id = $2)
           SELECT seq FROM found WHERE team = $1 AND replay_of IS NULL ORDER BY seq DESC LIMIT $3`,
    values: [team, id, limit],
  });
  return rows.map((row) => Number(row.seq));
}

/** The planner knows nothing of the filters in `events_id`, and would rather read the whole log. */
function byId<R extends pg.QueryResultRow>(db: Database, query: pg.QueryConfig): Promise<R[]> {
  return db.transaction(async (tx) => {
    await tx.query({
      text: `SELECT set_config('enable_seqscan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)`,
    });
    return (await tx.query<R>(query)).rows;
  });
}

function conditions(query: EventQuery, values: unknown[]): string {
  const place = (value: unknown): string => `$${values.push(value)}`;
  const parts: string[] = [];
  if (query.source !== null) parts.push(`source = ${place(query.source)}`);
  if (query.hook !== null) parts.push(`hook = ${place(query.hook)}`);
  if (query.agentTo !== null) parts.push(`agent_to = ${place(query.agentTo)}`);
  if (query.since !== null) parts.push(`received_at >= ${place(query.since)}`);
  if (query.until !== null) parts.push(`received_at < ${place(query.until)}`);
  if (query.peerId !== null) parts.push(`via = (SELECT no FROM peers WHERE team = $1 AND id = ${place(query.peerId)})`);
  if (query.type !== null) {
    const pattern = place(likeOfGlob(query.type));
    parts.push(`(type LIKE ${pattern} OR type LIKE 'com.' || ${pattern})`);
  }
  return parts.map((part) => `AND ${part}`).join(" ");
}

/** A glob of a scope as a pattern of LIKE. A test holds it to `matchScope`. */
export function likeOfGlob(glob: string): string {
  return glob.replaceAll(/[\\%_]/g, "\\$&").replaceAll("*", "%");
}

/** One event of a team, whole; null when there is none, or retention has taken it. */
export async function readEvent(db: Queryable, team: string, seq: number): Promise<LogEvent | null> {
  const { rows } = await db.query<EventRow>({
    text: `SELECT ${EVENT_COLUMNS} FROM events WHERE seq = $2 AND team = $1`,
    values: [team, seq],
  });
  const [row] = rows;
  return row === undefined ? null : eventFromRow(row);
}

/** Events of a team by their seqs, oldest first and without their payload; those that retention has taken are missing. */
export async function eventsBySeq(db: Queryable, team: string, seqs: readonly number[]): Promise<LogEvent[]> {
  const { rows } = await db.query<EventRow>({
    text: `SELECT ${LABEL_COLUMNS} FROM events
           WHERE team = $1 AND seq = ANY ($2::bigint[])
             AND segment = ANY (ARRAY(SELECT DISTINCT (SELECT max(g.segment) FROM segments g WHERE g.first_seq <= s.seq)
                                      FROM unnest($2::bigint[]) AS s (seq)))
           ORDER BY seq`,
    values: [team, seqs],
  });
  return rows.map(eventFromRow);
}

/** Another arrival of an event that was in the log already. */
export interface ArrivalRecord {
  readonly at: Date;
  readonly kind: string;
  /** The number of the peer it came from; null for a hook or an SDK. */
  readonly via: number | null;
  readonly hops: number;
  readonly origin: string | null;
  readonly chain: string;
  /** What came with a copy whose data differ from what is held, up to a size. */
  readonly data: string | null;
}

/** The latest of an event's other arrivals, oldest of them first. */
export async function readArrivals(
  db: Queryable,
  seq: number,
  segment: number,
  limit: number,
): Promise<ArrivalRecord[]> {
  const { rows } = await db.query<{
    at: Date;
    kind: string;
    via: number | null;
    hops: number;
    origin: string | null;
    chain: string;
    data: string | null;
  }>({
    text: `SELECT at, kind, via, hops, origin, chain, data FROM arrivals WHERE seq = $1 AND segment = $2
           ORDER BY at DESC LIMIT $3`,
    values: [seq, segment, limit],
  });
  return rows.reverse();
}

/**
 * The first seq that was received at or after a time, or the one after the newest. Seqs were given out in the order of
 * time, so it is found by halving, in some twenty steps.
 */
export async function seqAt(db: Queryable, time: number): Promise<number> {
  let low = await oldestSeq(db);
  let high = (await headSeq(db)) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { rows } = await db.query<{ seq: string; received_at: Date }>({
      text: "SELECT seq, received_at FROM events WHERE seq >= $1 ORDER BY seq LIMIT 1",
      values: [middle],
    });
    const [row] = rows;
    if (row === undefined || row.received_at.getTime() >= time) high = middle;
    else low = Number(row.seq) + 1;
  }
  return low;
}
