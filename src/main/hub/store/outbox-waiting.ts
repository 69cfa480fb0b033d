import type { OutboxEvent } from "../../../shared/rules/index.ts";
import type { Queryable } from "./database.ts";
import { type EntryKey, keyArrays } from "./outbox.ts";
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

// Moves chosen entries (columns peer, seq, gen) that wait to outbox_done. Parameters: $1 now, $2 result, $3 cause.
const finishWaiting = (event: OutboxEvent, state: "cancelled" | "dead", chosen: string): string => `
WITH chosen AS (${chosen}), done AS (
  DELETE FROM outbox o USING chosen c
  WHERE o.peer = c.peer AND o.seq = c.seq AND o.gen = c.gen AND o.state IN (${owedSources(event)})
  RETURNING o.*
), kept AS (
  INSERT INTO outbox_done (peer, seq, gen, segment, state, revision, hops, tries, replay, created_at, finished_at, result,
                           cause, attempts, last_error)
  SELECT peer, seq, gen, segment, '${state}', revision, hops, tries, replay, created_at, $1::timestamptz, $2::text,
         $3::text, attempts, last_error FROM done
), counts AS (
  INSERT INTO rollups AS u (minute, peer, kind, reason, n)
  SELECT date_trunc('minute', $1::timestamptz), d.peer, '${state}', $3::text, count(*) FROM done d
  GROUP BY d.peer ORDER BY d.peer::text COLLATE "C"
  ON CONFLICT (minute, peer, kind, reason) DO UPDATE SET n = u.n + excluded.n
)`;

const CANCEL_PEER = `${finishWaiting(
  "cancel",
  "cancelled",
  `SELECT o.peer, o.seq, o.gen FROM outbox o WHERE o.peer = $4::int AND o.state IN (${owedSources("cancel")})
   ORDER BY o.seq, o.gen LIMIT ${CHUNK} FOR UPDATE SKIP LOCKED`,
)} SELECT count(*)::int AS n FROM done`;

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

const CANCEL_ENTRIES = `${finishWaiting(
  "cancel",
  "cancelled",
  "SELECT * FROM unnest($4::int[], $5::bigint[], $6::int[]) AS c (peer, seq, gen)",
)}, letters AS (
  UPDATE outbox_done f SET state = 'cancelled', result = $2::text, cause = $3::text, finished_at = $1::timestamptz
  FROM unnest($4::int[], $5::bigint[], $6::int[]) AS c (peer, seq, gen)
  WHERE f.peer = c.peer AND f.seq = c.seq AND f.gen = c.gen AND f.state IN (${doneSources("cancel")})
  RETURNING 1
) SELECT (SELECT count(*) FROM done)::int + (SELECT count(*) FROM letters)::int AS n`;

/** Cancels these entries, as far as they wait or are dead letters. @returns how many that were */
export async function cancelEntries(
  db: Queryable,
  keys: readonly EntryKey[],
  now: number,
  cause = "cancelled",
): Promise<number> {
  const { rows } = await db.query<{ n: number }>({
    name: "outbox-cancel-entries",
    text: CANCEL_ENTRIES,
    values: [new Date(now), "cancelled", cause, ...keyArrays(keys)],
  });
  return rows[0]?.n ?? 0;
}

const EXPIRE = `${finishWaiting(
  "expire",
  "dead",
  `SELECT o.peer, o.seq, o.gen FROM outbox o
   WHERE o.peer = $4::int AND o.state IN (${owedSources("expire")}) AND o.created_at <= $5::timestamptz
   ORDER BY o.seq, o.gen LIMIT ${CHUNK} FOR UPDATE SKIP LOCKED`,
)} SELECT d.peer, d.seq, d.gen, d.hops, d.tries, d.last_error, e.team, e.id, e.source, e.type
   FROM done d LEFT JOIN LATERAL (
     SELECT x.team, x.id, x.source, x.type FROM events x WHERE x.seq = d.seq AND x.segment = d.segment LIMIT 1) e ON true
   ORDER BY d.seq, d.gen`;

interface DeadRow {
  readonly peer: number;
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
  return rows.map(({ peer, seq, gen, hops, tries, last_error: lastError, team, id, source, type }) => {
    const event = team === null ? null : { team, id, source, type };
    return { peer, seq: Number(seq), gen, hops, tries, cause, lastError, event };
  });
}

/** Makes these entries due at once, in their place, as far as they wait. @returns how many that were */
export async function retryNow(db: Queryable, keys: readonly EntryKey[], now: number): Promise<number> {
  const { rowCount } = await db.query({
    name: "outbox-retry-now",
    text: `UPDATE outbox o SET available_at = least(o.available_at, $1::timestamptz), wait_reason = NULL
           FROM unnest($2::int[], $3::bigint[], $4::int[]) AS c (peer, seq, gen)
           WHERE o.peer = c.peer AND o.seq = c.seq AND o.gen = c.gen AND o.state IN (${owedSources("retry_now")})`,
    values: [new Date(now), ...keyArrays(keys)],
  });
  return rowCount ?? 0;
}

/**
 * Makes due at once what waits for its next try at a peer that has recovered, a few thousand entries at a time. What
 * the peer asked to get later (Retry-After) keeps its time.
 */
export async function retryPeerNow(db: Queryable, peer: number, now: number): Promise<number> {
  const { rowCount } = await db.query({
    name: "outbox-retry-peer-now",
    text: `WITH chosen AS (
             SELECT o.seq, o.gen FROM outbox o
             WHERE o.peer = $1::int AND o.state = 'pending' AND o.available_at > $2::timestamptz
               AND o.wait_reason IS DISTINCT FROM 'retry_after'
             ORDER BY o.available_at, o.seq LIMIT ${CHUNK} FOR UPDATE SKIP LOCKED)
           UPDATE outbox o SET available_at = $2::timestamptz, wait_reason = NULL FROM chosen c
           WHERE o.peer = $1::int AND o.seq = c.seq AND o.gen = c.gen AND o.state IN (${owedSources("retry_now")})`,
    values: [peer, new Date(now)],
  });
  return rowCount ?? 0;
}
