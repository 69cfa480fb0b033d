import type { OutboxEvent } from "../../../shared/rules/index.ts";
import type { Queryable } from "./database.ts";
import type { EntryKey } from "./outbox.ts";
import { doneSources, owedSources } from "./outbox-guards.ts";

/** An entry that became a dead letter, with as much of its event as is still known. */
export interface DeadEntry extends EntryKey {
  readonly hops: number;
  readonly tries: number;
  readonly cause: string;
  readonly lastError: string | null;
  readonly event: {
    readonly team: string;
    readonly id: string;
    readonly source: string;
    readonly type: string;
  } | null;
}

/** Entries that one statement works on at most: it holds their locks, and a search for a million of them is no lookup. */
const CHUNK = 5_000;

// Moves a peer's entries that wait to outbox_done. Parameters: $1 now, $2 result, $3 cause, $4 peer. The primary key
// finds the rows to delete: appending '' to the state hides the partial index of due entries from the planner.
const finishWaiting = (event: OutboxEvent, state: "cancelled" | "dead", condition: string): string => `
WITH chosen AS (
  SELECT o.seq FROM outbox o WHERE o.peer = $4::int AND o.state || '' IN (${owedSources(event)}) AND ${condition}
  ORDER BY o.seq, o.gen LIMIT ${CHUNK} FOR UPDATE SKIP LOCKED
), done AS (
  DELETE FROM outbox o
  WHERE o.peer = $4::int AND o.seq = ANY (ARRAY(SELECT seq FROM chosen)) AND o.state || '' IN (${owedSources(event)})
    AND ${condition}
  RETURNING o.*
), kept AS (
  INSERT INTO outbox_done (peer, seq, gen, segment, state, revision, hops, tries, replay, created_at, finished_at, result,
                           cause, attempts, last_error)
  SELECT peer, seq, gen, segment, '${state}', revision, hops, tries, replay, created_at, $1::timestamptz, $2::text,
         $3::text, attempts, last_error FROM done
), counts AS (
  INSERT INTO rollups AS u (minute, peer, kind, reason, n)
  SELECT date_trunc('minute', $1::timestamptz), $4::int, '${state}', $3::text, count(*) FROM done HAVING count(*) > 0
  ON CONFLICT (minute, peer, kind, reason) DO UPDATE SET n = u.n + excluded.n
)`;

const CANCEL_PEER = `${finishWaiting("cancel", "cancelled", "true")} SELECT count(*)::int AS n FROM done`;

/**
 * Cancels what waits for a peer, a few thousand entries at a time: to be called until it answers 0.
 * @param cause for people and counts: `peer_revoked`, `peer_deleted` or `cancelled`
 * @returns how many it cancelled
 */
export async function cancelPeer(db: Queryable, peer: number, now: number, cause: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>({
    name: "outbox-cancel-peer",
    text: CANCEL_PEER,
    values: [new Date(now), "cancelled", cause, peer],
  });
  return rows[0]?.n ?? 0;
}

const CANCEL_ENTRY = `${finishWaiting("cancel", "cancelled", "o.seq = $5::bigint AND o.gen = $6::int")}, letter AS (
  UPDATE outbox_done f SET state = 'cancelled', result = $2::text, cause = $3::text, finished_at = $1::timestamptz
  WHERE f.peer = $4::int AND f.seq = $5::bigint AND f.gen = $6::int AND f.state IN (${doneSources("cancel")})
  RETURNING 1
) SELECT (SELECT count(*) FROM done)::int + (SELECT count(*) FROM letter)::int AS n`;

/** Cancels an entry that waits or is a dead letter. @returns false when it is neither */
export async function cancelEntry(db: Queryable, key: EntryKey, now: number, cause = "cancelled"): Promise<boolean> {
  const { rows } = await db.query<{ n: number }>({
    name: "outbox-cancel-entry",
    text: CANCEL_ENTRY,
    values: [new Date(now), "cancelled", cause, key.peer, key.seq, key.gen],
  });
  return (rows[0]?.n ?? 0) > 0;
}

const EXPIRE = `${finishWaiting("expire", "dead", "o.created_at <= $5::timestamptz")}
SELECT d.seq, d.gen, d.hops, d.tries, d.last_error, e.team, e.id, e.source, e.type
FROM done d LEFT JOIN LATERAL (
  SELECT x.team, x.id, x.source, x.type FROM events x WHERE x.seq = d.seq AND x.segment = d.segment LIMIT 1) e ON true`;

interface DeadRow {
  readonly seq: string;
  readonly gen: number;
  readonly hops: number;
  readonly tries: number;
  readonly last_error: string | null;
  readonly team: string | null;
  readonly id: string;
  readonly source: string;
  readonly type: string;
}

/**
 * Makes dead letters of what waits for a peer and was queued at `queuedBefore` or earlier, a few thousand entries at a
 * time: to be called until it answers none. Times are milliseconds since the epoch.
 */
export async function expireWaiting(
  db: Queryable,
  peer: number,
  now: number,
  queuedBefore: number,
): Promise<DeadEntry[]> {
  const cause = "schedule_ended";
  const { rows } = await db.query<DeadRow>({
    name: "outbox-expire",
    text: EXPIRE,
    values: [new Date(now), "given_up", cause, peer, new Date(queuedBefore)],
  });
  return rows.map(({ seq, gen, hops, tries, last_error: lastError, team, id, source, type }) => {
    const event = team === null ? null : { team, id, source, type };
    return { peer, seq: Number(seq), gen, hops, tries, cause, lastError, event };
  });
}

/** Makes an entry that waits due at once, in its place. @returns false when it does not wait */
export async function retryNow(db: Queryable, key: EntryKey, now: number): Promise<boolean> {
  const { rowCount } = await db.query({
    name: "outbox-retry-now",
    text: `UPDATE outbox o SET available_at = least(o.available_at, $1::timestamptz), wait_reason = NULL
           WHERE o.peer = $2 AND o.seq = $3 AND o.gen = $4 AND o.state || '' IN (${owedSources("retry_now")})`,
    values: [new Date(now), key.peer, key.seq, key.gen],
  });
  return (rowCount ?? 0) > 0;
}

/**
 * Makes due at once what waits for its next try at a peer that has recovered, a few thousand entries at a time: to be
 * called until it answers 0. What the peer asked to get later (Retry-After) keeps its time.
 * @param limit how many at most, those that are due soonest
 */
export async function retryPeerNow(db: Queryable, peer: number, now: number, limit = CHUNK): Promise<number> {
  const waits = "o.available_at > $2::timestamptz AND o.wait_reason IS DISTINCT FROM 'retry_after'";
  const { rowCount } = await db.query({
    name: "outbox-retry-peer-now",
    text: `WITH chosen AS (
             SELECT o.seq FROM outbox o WHERE o.peer = $1::int AND o.state = 'pending' AND ${waits}
             ORDER BY o.available_at, o.seq LIMIT $3::int FOR UPDATE SKIP LOCKED)
           UPDATE outbox o SET available_at = $2::timestamptz, wait_reason = NULL
           WHERE o.peer = $1::int AND o.seq = ANY (ARRAY(SELECT seq FROM chosen)) AND ${waits}
             AND o.state || '' IN (${owedSources("retry_now")})`,
    values: [peer, new Date(now), limit],
  });
  return rowCount ?? 0;
}

/**
 * Cancels dead letters of a peer, a few thousand at a time: to be called until it answers 0.
 * @param cause only those that this ended; null for all
 * @returns how many it cancelled
 */
export async function cancelLetters(db: Queryable, peer: number, cause: string | null, now: number): Promise<number> {
  const { rowCount } = await db.query({
    text: `WITH chosen AS MATERIALIZED (
             SELECT seq, gen, segment FROM outbox_done
             WHERE peer = $1::int AND state = 'dead' AND ($2::text IS NULL OR cause = $2::text)
             ORDER BY seq, gen LIMIT ${CHUNK} FOR UPDATE SKIP LOCKED)
           UPDATE outbox_done f SET state = 'cancelled', result = 'cancelled', cause = 'cancelled', finished_at = $3::timestamptz
           FROM chosen c WHERE f.peer = $1::int AND f.seq = c.seq AND f.gen = c.gen AND f.segment = c.segment
             AND f.state IN (${doneSources("cancel")})`,
    values: [peer, cause, new Date(now)],
  });
  return rowCount ?? 0;
}
