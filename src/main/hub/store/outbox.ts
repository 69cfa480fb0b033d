import type { LogEvent } from "../model.ts";
import { int4Array, int8Array } from "./binary-arrays.ts";
import type { Database, Queryable } from "./database.ts";
import { EVENT_COLUMNS, type EventRow, eventFromRow } from "./event-pages.ts";
import { owedSources } from "./outbox-guards.ts";

/** How long a lease holds. A crash is noticed sooner, by the lock that a living hub holds. Milliseconds. */
export const LEASE_MS = 60_000;

/**
 * Settings for the connections that work on the outbox. The table grows from nothing to a backlog of millions and back,
 * faster than statistics follow; so entries are only ever found along an index, and what is sorted already is not
 * sorted. Commits are not waited for: what a crash of the server loses are claims, which it frees, and outcomes, which
 * are sent again and called duplicates by the peer.
 */
export const OUTBOX_SESSION =
  "-c enable_seqscan=off -c enable_sort=off -c plan_cache_mode=force_generic_plan -c synchronous_commit=off";

/** Names an entry. */
export interface EntryKey {
  readonly peer: number;
  readonly seq: number;
  readonly gen: number;
}

/** An entry that this hub may send now, until its lease ends. */
export interface ClaimedEntry extends EntryKey {
  readonly segment: number;
  readonly tries: number;
  readonly replay: boolean;
  /** When it was first tried, since it was queued or last replayed; null when it was not. Milliseconds since the epoch. */
  readonly firstTriedAt: number | null;
  /** Hops of the held copy the entry stands for. The event's copy may have more for a moment, see {@link claim}. */
  readonly owedHops: number;
  /** Null when retention has taken it. */
  readonly event: LogEvent | null;
}

/** What a claim found. */
export interface Claim {
  readonly entries: readonly ClaimedEntry[];
  /** More entries were due than were claimed. */
  readonly more: boolean;
}

export interface ClaimRequest {
  readonly peer: number;
  readonly hub: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Most entries. */
  readonly limit: number;
  /** Most bytes of data, but for the first entry. */
  readonly bytes: number;
  /** The newest due entries instead of the oldest. */
  readonly newestFirst?: boolean;
}

/** An event's weight in memory, in the statement below. */
const WEIGHT = "x.data_bytes + octet_length(x.attrs) + COALESCE(octet_length(x.headers), 0) + 1024";

// The primary key finds the rows to update: appending '' to the state hides the partial index of due entries from the
// planner, which would walk all of it. Events are looked up one by one (LIMIT 1 keeps the planner from joining), along
// the index of their segment.
const claimStatement = (due: string): string => `
WITH due AS (${due}), sized AS (
  SELECT d.seq, COALESCE(sum(e.weight) OVER (ROWS UNBOUNDED PRECEDING) - e.weight, 0) AS before
  FROM due d LEFT JOIN LATERAL (
    SELECT ${WEIGHT} AS weight FROM events x WHERE x.seq = d.seq AND x.segment = d.segment LIMIT 1) e ON true
), claimed AS (
  UPDATE outbox o SET state = 'sending', leased_by = $2::int, leased_until = $3::timestamptz + make_interval(secs => $4::float8),
                      wait_reason = NULL
  WHERE o.peer = $1::int AND o.seq = ANY (ARRAY(SELECT s.seq FROM sized s WHERE s.before <= $6::bigint))
    AND o.available_at <= $3::timestamptz AND o.state || '' IN (${owedSources("claim")})
  RETURNING o.seq AS owed_seq, o.gen, o.segment AS owed_segment, o.tries, o.replay, o.hops AS owed_hops,
            o.attempts[cardinality(o.attempts) - o.tries + 1] AS first_attempt
)
SELECT c.*, e.*, (SELECT count(*) FROM due)::int AS due
FROM claimed c LEFT JOIN LATERAL (
  SELECT ${EVENT_COLUMNS} FROM events x WHERE x.seq = c.owed_seq AND x.segment = c.owed_segment LIMIT 1) e ON true`;

const CLAIM = claimStatement(`
  SELECT o.seq, o.segment FROM outbox o
  WHERE o.peer = $1::int AND o.state = 'pending' AND o.available_at <= $3::timestamptz
  ORDER BY o.available_at, o.seq LIMIT $5::int FOR UPDATE SKIP LOCKED`);

const CLAIM_NEWEST = claimStatement(`
  SELECT o.seq, o.segment FROM outbox o
  WHERE o.peer = $1::int AND o.state = 'pending' AND o.available_at <= $3::timestamptz
  ORDER BY o.seq DESC LIMIT $5::int FOR UPDATE SKIP LOCKED`);

// In order: none may pass one that is being sent or is not due yet, so the first such entry ends the list.
const CLAIM_ORDERED = claimStatement(`
  SELECT h.seq, h.segment FROM (
    SELECT q.*, bool_and(q.state = 'pending' AND q.available_at <= $3::timestamptz) OVER (ORDER BY q.seq, q.gen) AS in_turn
    FROM (SELECT o.seq, o.gen, o.segment, o.state, o.available_at FROM outbox o WHERE o.peer = $1::int
          ORDER BY o.seq, o.gen LIMIT $5::int FOR UPDATE) q) h
  WHERE h.in_turn`);

/**
 * Takes due entries of a peer under a lease, oldest first unless asked otherwise, with their events. Entries that another hub works on are
 * passed over. Read at the same moment as a shorter copy was being written, the event may still show the longer one
 * while the entry stands for the shorter (`owedHops` is less than the copy's hops): such an entry is to be released.
 */
export async function claim(db: Queryable, request: ClaimRequest): Promise<Claim> {
  if (request.newestFirst !== true) return claimBy(db, "outbox-claim", CLAIM, request);
  const { entries, more } = await claimBy(db, "outbox-claim-newest", CLAIM_NEWEST, request);
  return { entries: [...entries].reverse(), more };
}

/**
 * {@link claim} for a peer that wants its events in order: by seq, nothing past an entry that waits for a retry or
 * that a hub has in its hands.
 */
export async function claimOrdered(db: Database, request: ClaimRequest): Promise<Claim> {
  return db.transaction(async (tx) => {
    // One hub at a time, and the claim's snapshot is taken after the lock: it sees what the last holder claimed.
    await tx.query({
      text: `SELECT pg_advisory_xact_lock($1, $2), set_config('enable_seqscan', 'off', true),
                    set_config('enable_sort', 'off', true), set_config('synchronous_commit', 'off', true)`,
      values: [ORDERED_LOCK, request.peer],
    });
    return claimBy(tx, "outbox-claim-ordered", CLAIM_ORDERED, request);
  });
}

/** First half of a two-part advisory lock; the second is the peer's number. */
const ORDERED_LOCK = 77_002;

interface OwedRow {
  readonly owed_seq: string;
  readonly gen: number;
  readonly owed_segment: number;
  readonly tries: number;
  readonly replay: boolean;
  readonly owed_hops: number;
  readonly first_attempt: string | null;
  readonly due: number;
}

type ClaimRow = OwedRow & (EventRow | { readonly seq: null });

async function claimBy(db: Queryable, name: string, text: string, request: ClaimRequest): Promise<Claim> {
  const { rows } = await db.query<ClaimRow>({
    name,
    text,
    values: [request.peer, request.hub, new Date(request.now), LEASE_MS / 1000, request.limit, request.bytes],
  });
  return {
    entries: rows.map((row) => toEntry(row, request.peer)).sort((a, b) => a.seq - b.seq || a.gen - b.gen),
    more: rows.length > 0 && (rows.length < (rows[0]?.due ?? 0) || rows.length >= request.limit),
  };
}

function toEntry(row: ClaimRow, peer: number): ClaimedEntry {
  return {
    peer,
    seq: Number(row.owed_seq),
    gen: row.gen,
    segment: row.owed_segment,
    tries: row.tries,
    replay: row.replay,
    firstTriedAt: row.first_attempt === null ? null : timeOfUuidV7(row.first_attempt),
    owedHops: row.owed_hops,
    event: row.seq === null ? null : eventFromRow(row),
  };
}

/** The first 48 bits of a UUID of version 7 are its time, in milliseconds since the epoch. */
function timeOfUuidV7(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}

/** Prolongs the leases this hub still holds of these entries of a peer. @returns how many it held */
export async function renewLeases(
  db: Queryable,
  hub: number,
  peer: number,
  seqs: readonly number[],
  now: number,
): Promise<number> {
  const { rowCount } = await db.query({
    name: "outbox-renew",
    text: `UPDATE outbox o SET leased_until = $2::timestamptz + make_interval(secs => $3::float8)
           WHERE o.peer = $4::int AND o.seq = ANY ($5::bigint[]) AND o.state = 'sending' AND o.leased_by = $1::int`,
    values: [hub, new Date(now), LEASE_MS / 1000, peer, int8Array(seqs, (seq) => seq)],
  });
  return rowCount ?? 0;
}

/** Whose leases are at an end. */
export interface LostLeases {
  /**
   * This hub. Its own leases get `graceMs` more, so that outcomes which could not be written while the database was
   * away are written before their entries are sent again.
   */
  readonly own: number;
  readonly graceMs?: number;
  /** Hubs that live no more: what they held is free at once. */
  readonly dead: readonly number[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Puts entries back whose lease has run out, or whose holder is dead. They keep the time they had, so that what was
 * under way comes first again. Reads the whole table, for leases have no index: every event would pay for it. Not for
 * a connection with {@link OUTBOX_SESSION}.
 * @returns how many
 */
export async function expireLeases(db: Queryable, { own, graceMs = LEASE_MS, dead, now }: LostLeases): Promise<number> {
  const { rowCount } = await db.query({
    name: "outbox-expire-leases",
    text: `UPDATE outbox SET state = 'pending', leased_by = NULL, leased_until = NULL, wait_reason = NULL
           WHERE state IN (${owedSources("lease_expired")}) AND (leased_by = ANY($1::int[]) OR leased_until <
             $2::timestamptz - make_interval(secs => CASE WHEN leased_by = $3::int THEN $4::float8 ELSE 0 END))`,
    values: [int4Array(dead, (hub) => hub), new Date(now), own, graceMs / 1000],
  });
  return rowCount ?? 0;
}

/**
 * Gives back what is leased to this hub among the entries of some events, because nobody here holds it.
 * @param after the seq before the first of them
 * @param upTo the seq of the last
 * @returns the peers that have entries among them that wait
 */
export async function releaseUnheld(
  db: Queryable,
  hub: number,
  peers: readonly number[],
  after: number,
  upTo: number,
): Promise<number[]> {
  await db.query({
    name: "outbox-release-unheld",
    text: `UPDATE outbox SET state = 'pending', leased_by = NULL, leased_until = NULL, wait_reason = NULL
           WHERE state IN (${owedSources("release")}) AND leased_by = $1::int AND peer = ANY($2::int[])
             AND seq > $3::bigint AND seq <= $4::bigint`,
    values: [hub, int4Array(peers, (peer) => peer), after, upTo],
  });
  const { rows } = await db.query<{ peer: number }>({
    name: "outbox-waiting-among",
    text: `SELECT DISTINCT peer FROM outbox
           WHERE state = 'pending' AND peer = ANY($1::int[]) AND seq > $2::bigint AND seq <= $3::bigint`,
    values: [int4Array(peers, (peer) => peer), after, upTo],
  });
  return rows.map((row) => row.peer);
}

/** When the next entry of each of these peers is due (milliseconds since the epoch); peers that wait for none are left out. */
export async function nextDue(db: Queryable, peers: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await db.query<{ peer: number; due: number }>({
    name: "outbox-next-due",
    text: `SELECT p.peer, extract(epoch FROM n.available_at)::float8 * 1000 AS due
           FROM unnest($1::int[]) AS p (peer), LATERAL (
             SELECT o.available_at FROM outbox o WHERE o.peer = p.peer AND o.state = 'pending'
             ORDER BY o.available_at, o.seq LIMIT 1) n`,
    values: [int4Array(peers, (peer) => peer)],
  });
  return new Map(rows.map((row) => [row.peer, Math.ceil(row.due)]));
}
