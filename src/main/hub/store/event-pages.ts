import type { LogEvent } from "../model.ts";
import type { Queryable } from "./database.ts";

/** The columns that {@link eventFromRow} reads. */
export const EVENT_COLUMNS =
  "seq, segment, team, id, source, type, hook, via, received_at, origin, chain, hops, integrity, verified, summary, " +
  "headers, agent_to, replay_of, data_bytes, attrs, data, data_cut";

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
  readonly data_cut: LogEvent["dataCut"] | null;
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
    ...(row.data_cut == null ? {} : { dataCut: row.data_cut }),
  };
}

// An event's weight in memory. octet_length of a text that was moved out of line does not fetch it.
const BYTES = "data_bytes + octet_length(attrs) + COALESCE(octet_length(headers), 0)";

// One window of the log: $1 < seq <= $2. Seqs grow with segments, so the segments of both ends confine the read to the
// partitions between them.
const windowText = (order: "ASC" | "DESC"): string => `
SELECT ${EVENT_COLUMNS} FROM (
  SELECT ${EVENT_COLUMNS}, sum(${BYTES}) OVER (ORDER BY seq ${order} ROWS UNBOUNDED PRECEDING) - (${BYTES}) AS bytes_before
  FROM events
  WHERE segment >= (SELECT COALESCE(max(segment), 0) FROM segments WHERE first_seq <= $1::bigint + 1)
    AND segment <= (SELECT COALESCE(max(segment), 0) FROM segments WHERE first_seq <= $2::bigint)
    AND seq > $1::bigint AND seq <= $2::bigint AND ($3::text IS NULL OR team = $3::text)
  ORDER BY seq ${order} LIMIT $4::int
) page WHERE bytes_before < $5::bigint ORDER BY seq ${order}`;

const FORWARD = { name: "event-window", text: windowText("ASC") };
const BACKWARD = { name: "event-window-back", text: windowText("DESC") };

interface Window {
  readonly team: string | undefined;
  readonly afterSeq: number;
  readonly upToSeq: number;
  readonly limit: number;
  readonly maxBytes: number;
}

/** Reads from one end of a window until it is exhausted, or there are enough events or bytes of them. */
async function readWindow(db: Queryable, statement: typeof FORWARD, window: Window): Promise<LogEvent[]> {
  const { team = null, afterSeq, upToSeq, limit, maxBytes } = window;
  const { rows } = await db.query<EventRow>({ ...statement, values: [afterSeq, upToSeq, team, limit, maxBytes] });
  return rows.map(eventFromRow);
}

// Never less than BYTES says of the same event, so that a window that was cut is never taken for an exhausted one.
const weight = (events: readonly LogEvent[]): number =>
  events.reduce(
    (sum, { dataBytes, attrs, headers }) => sum + dataBytes + 3 * (attrs.length + (headers?.length ?? 0)),
    0,
  );

/** Seqs of a first window; the next is twice as wide, up to the last. Seqs have no gaps, so this bounds the rows too. */
const FIRST_WINDOW = 500;
const LAST_WINDOW = 32_000;

/** Which events to read: those after `afterSeq`, up to and including `upToSeq`, of one team or of all. */
export interface PageRequest {
  readonly team?: string;
  readonly afterSeq: number;
  readonly upToSeq: number;
  /** Most events of the page. */
  readonly limit: number;
  /** The page ends with the event that brings it to this. */
  readonly maxBytes: number;
  /** Most seqs to look at, however few of them are the team's. */
  readonly maxSeqs: number;
}

/** A part of the log. */
export interface EventPage {
  readonly events: readonly LogEvent[];
  /** Every event that was asked for, up to this seq, is in the page or before it. */
  readonly through: number;
}

/**
 * Reads a page that is bounded in memory and in work. The log is read in windows, so that what a statement costs is
 * bounded by construction and not by the planner's choice, whatever the size of the log.
 */
export async function readPage(db: Queryable, request: PageRequest): Promise<EventPage> {
  const { team, afterSeq, limit, maxSeqs } = request;
  const end = Math.min(request.upToSeq, afterSeq + maxSeqs);
  const events: LogEvent[] = [];
  let maxBytes = request.maxBytes;
  let through = afterSeq;
  for (let width = Math.max(limit, FIRST_WINDOW); through < end; width = Math.min(width * 2, LAST_WINDOW)) {
    const upToSeq = Math.min(end, through + width);
    const more = await readWindow(db, FORWARD, {
      team,
      afterSeq: through,
      upToSeq,
      limit: limit - events.length,
      maxBytes,
    });
    events.push(...more);
    maxBytes -= weight(more);
    const last = events.at(-1);
    if (last !== undefined && (events.length >= limit || maxBytes <= 0)) return { events, through: last.seq };
    through = upToSeq;
  }
  return { events, through };
}

/**
 * Reads events in seq order, `limit` of them at most; fewer when there are no more in the range.
 * For a team with few events in a long log this looks at all of the range: {@link readPage} does that in pieces.
 */
export async function readEvents(
  db: Queryable,
  request: { readonly team?: string; readonly afterSeq: number; readonly limit: number; readonly upToSeq?: number },
): Promise<LogEvent[]> {
  const [oldest, head] = [await oldestSeq(db), await headSeq(db)];
  const { events } = await readPage(db, {
    ...request,
    afterSeq: Math.max(request.afterSeq, oldest - 1),
    upToSeq: Math.min(request.upToSeq ?? head, head),
    maxBytes: Number.MAX_SAFE_INTEGER,
    maxSeqs: Number.MAX_SAFE_INTEGER,
  });
  return [...events];
}

/** What an answer with the newest events may cost, however few of them are shown. */
const RECENT = {
  /** Bytes of the answer, and of what is read at a time. */
  bytes: 8 * 1024 * 1024,
  /** Most events read at a time. */
  page: 1_000,
  /** Most events looked at, and most bytes of them. */
  seen: 10_000,
  seenBytes: 32 * 1024 * 1024,
} as const;

/**
 * The newest events of a team that somebody is shown, newest first, until there are `limit` of them, or so many bytes,
 * or no more in the log. Of a team whose newest {@link RECENT.seen} events show fewer, there are fewer.
 * @param show what is shown of a page, in its order; absent: all of it
 */
export async function recentEvents(
  db: Queryable,
  team: string,
  limit: number,
  { show = (page) => page, maxBytes = RECENT.bytes }: RecentOptions = {},
): Promise<LogEvent[]> {
  const [oldest, head] = [await oldestSeq(db), await headSeq(db)];
  const shown: LogEvent[] = [];
  const left = { bytes: maxBytes, seen: RECENT.seen, seenBytes: RECENT.seenBytes };
  let [upToSeq, width, rows] = [head, FIRST_WINDOW, Math.min(limit, RECENT.page)];
  while (upToSeq >= oldest && shown.length < limit && Object.values(left).every((some) => some > 0)) {
    const afterSeq = Math.max(oldest - 1, upToSeq - width);
    const page = await readWindow(db, BACKWARD, { team, afterSeq, upToSeq, limit: rows, maxBytes });
    for (const event of show(page)) {
      if (shown.length >= limit || left.bytes <= 0) break;
      shown.push(event);
      left.bytes -= event.dataBytes + Buffer.byteLength(event.attrs) + Buffer.byteLength(event.headers ?? "");
    }
    const bytes = weight(page);
    left.seen -= page.length;
    left.seenBytes -= bytes;
    const last = page.at(-1);
    upToSeq = last !== undefined && (page.length >= rows || bytes >= maxBytes) ? last.seq - 1 : afterSeq;
    width = Math.min(width * 2, LAST_WINDOW);
    rows = Math.min(rows * 4, RECENT.page);
  }
  return shown;
}

export interface RecentOptions {
  readonly show?: (page: readonly LogEvent[]) => readonly LogEvent[];
  readonly maxBytes?: number;
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

/** When the event with this seq was received, in milliseconds since the epoch; null when the log does not have it. */
export async function timeOf(db: Queryable, seq: number): Promise<number | null> {
  const [event] = await readWindow(db, FORWARD, {
    team: undefined,
    afterSeq: seq - 1,
    upToSeq: seq,
    limit: 1,
    maxBytes: 1,
  });
  return event?.receivedAt ?? null;
}
