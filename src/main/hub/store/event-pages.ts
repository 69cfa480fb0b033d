import type { LogEvent } from "../model.ts";
import type { Queryable } from "./database.ts";

/** The columns that {@link eventFromRow} reads. */
export const EVENT_COLUMNS =
  "seq, segment, team, id, source, type, hook, via, received_at, origin, chain, hops, integrity, verified, summary, " +
  "headers, agent_to, replay_of, data_bytes, attrs, data";

/** A row of `events`, as `pg` returns it. */
export interface EventRow {
  readonly seq: string;
  readonly segment: number;
  readonly team: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly hook: string | null;
  readonly via: number | null;
  readonly received_at: Date;
  readonly origin: string | null;
  readonly chain: string;
  readonly hops: number;
  readonly integrity: string | null;
  readonly verified: boolean;
  readonly summary: string | null;
  readonly headers: string | null;
  readonly agent_to: string | null;
  readonly replay_of: string | null;
  readonly data_bytes: number;
  readonly attrs: string;
  readonly data: string | null;
}

/** Makes the event of a row that was selected with {@link EVENT_COLUMNS}. */
export function eventFromRow(row: EventRow): LogEvent {
  return {
    seq: Number(row.seq),
    segment: row.segment,
    team: row.team,
    id: row.id,
    source: row.source,
    type: row.type,
    attrs: row.attrs,
    data: row.data,
    summary: row.summary,
    headers: row.headers,
    dataBytes: row.data_bytes,
    hook: row.hook,
    via: row.via,
    receivedAt: row.received_at.getTime(),
    copy: { origin: row.origin, chain: row.chain, hops: row.hops },
    integrity: row.integrity,
    verified: row.verified,
    agentTo: row.agent_to,
    replayOf: row.replay_of === null ? null : Number(row.replay_of),
  };
}

/** Which events to read: those after `afterSeq`, up to and including `upToSeq`, of one team or of all. */
export interface PageRequest {
  readonly team?: string;
  readonly afterSeq: number;
  /** Default: the end of the log. */
  readonly upToSeq?: number;
  /** Most events of the page. */
  readonly limit: number;
}

// An event's weight in memory. octet_length of a text that was moved out of line does not fetch it.
const BYTES = "data_bytes + octet_length(attrs) + COALESCE(octet_length(headers), 0)";

// Seqs grow with segments, so the segments of both ends confine the read to the partitions between them. Each partition
// is in seq order by its primary key, and they are merged: nothing is sorted, whatever the size of the log.
const range = (team: boolean): string => `
  segment >= (SELECT COALESCE(max(segment), 0) FROM segments WHERE first_seq <= $1::bigint + 1)
  AND segment <= (SELECT COALESCE(max(segment), 0) FROM segments WHERE first_seq <= $2::bigint)
  AND seq > $1::bigint AND seq <= $2::bigint${team ? " AND team = $4" : ""}
  ORDER BY seq LIMIT $3::int`;

const readText = (team: boolean): string => `SELECT ${EVENT_COLUMNS} FROM events WHERE ${range(team)}`;

const READ = { all: readText(false), team: readText(true) };

const PAGE = `
SELECT ${EVENT_COLUMNS} FROM (
  SELECT ${EVENT_COLUMNS}, sum(${BYTES}) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) - (${BYTES}) AS bytes_before
  FROM events WHERE ${range(true)}
) page WHERE bytes_before < $5::bigint ORDER BY seq`;

/** Reads events in seq order. A page with fewer events than `limit` is the last one of the range. */
export async function readEvents(db: Queryable, request: PageRequest): Promise<LogEvent[]> {
  const { team, afterSeq, upToSeq = Number.MAX_SAFE_INTEGER, limit } = request;
  const { rows } = await db.query<EventRow>({
    name: team === undefined ? "read-events" : "read-events-team",
    text: team === undefined ? READ.all : READ.team,
    values: team === undefined ? [afterSeq, upToSeq, limit] : [afterSeq, upToSeq, limit, team],
  });
  return rows.map(eventFromRow);
}

/** A part of one team's log. */
export interface EventPage {
  readonly events: readonly LogEvent[];
  /** Every event of the team up to this seq is in the page, or before it. */
  readonly through: number;
}

/**
 * Reads a page that is bounded in memory as well: it ends with the event that brings it to `maxBytes`.
 * How much is looked at is bounded by the range, even for a team with hardly an event in the log.
 */
export async function readPage(
  db: Queryable,
  request: Required<PageRequest> & { readonly maxBytes: number },
): Promise<EventPage> {
  const { team, afterSeq, upToSeq, limit, maxBytes } = request;
  const { rows } = await db.query<EventRow>({
    name: "read-event-page",
    text: PAGE,
    values: [afterSeq, upToSeq, limit, team, maxBytes],
  });
  const events = rows.map(eventFromRow);
  const last = events.at(-1);
  const full = events.length >= limit || events.reduce((sum, event) => sum + weight(event), 0) >= maxBytes;
  return { events, through: full && last !== undefined ? last.seq : upToSeq };
}

// Never less than BYTES says of the same event, so that a page that was cut is never taken for a complete one.
const weight = (event: LogEvent): number => event.dataBytes + 3 * (event.attrs.length + (event.headers?.length ?? 0));

/** The newest events of a team, newest first, until there are `limit` of them or `maxBytes` are reached. */
export async function recentEvents(
  db: Queryable,
  team: string,
  limit: number,
  maxBytes = 8 * 1024 * 1024,
): Promise<LogEvent[]> {
  const { rows } = await db.query<EventRow>({
    name: "recent-events",
    text: `
      SELECT ${EVENT_COLUMNS} FROM (
        SELECT ${EVENT_COLUMNS},
               sum(${BYTES}) OVER (ORDER BY seq DESC ROWS UNBOUNDED PRECEDING) - (${BYTES}) AS bytes_before
        FROM events WHERE team = $1 ORDER BY seq DESC LIMIT $2::int
      ) page WHERE bytes_before < $3::bigint ORDER BY seq DESC`,
    values: [team, limit, maxBytes],
  });
  return rows.map(eventFromRow);
}

/** The oldest seq that the log still keeps; what was before it went with its segment. head + 1 when it keeps nothing. */
export async function oldestSeq(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ seq: string | null }>({
    name: "oldest-seq",
    text: "SELECT min(first_seq) AS seq FROM segments WHERE events_dropped_at IS NULL",
  });
  return Number(rows[0]?.seq ?? 1);
}

/** The newest committed seq; 0 for an empty log. */
export async function headSeq(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ seq: string }>({ name: "head-seq", text: "SELECT seq FROM log_head" });
  return Number(rows[0]?.seq ?? 0);
}

/**
 * How many webhooks a team has received since a time: events that came in by one of its endpoints, shown-again rows left
 * out. Reads no segment that was sealed before, so the cost is that of the time's own events and one segment.
 */
export async function countWebhooksSince(db: Queryable, team: string, since: Date): Promise<number> {
  const { rows } = await db.query<{ n: string }>({
    name: "count-webhooks-since",
    text: `
      SELECT count(*) AS n FROM events
      WHERE segment >= (SELECT COALESCE(max(segment), 0) FROM segments WHERE opened_at <= $2::timestamptz)
        AND team = $1 AND received_at >= $2::timestamptz AND hook IS NOT NULL AND replay_of IS NULL`,
    values: [team, since],
  });
  return Number(rows[0]?.n ?? 0);
}
