import type { Queryable } from "./database.ts";

/** A stretch of the log. */
export interface Segment {
  readonly segment: number;
  readonly firstSeq: number;
  readonly openedAt: Date;
  readonly sealedAt: Date | null;
  readonly lastSeq: number | null;
  readonly keyFilter: Buffer | null;
  readonly eventsDroppedAt: Date | null;
  readonly keysDroppedAt: Date | null;
}

/** Where the log stands. */
export interface Head {
  readonly seq: number;
  readonly segment: number;
  readonly configRev: number;
}

/** Tables that lose a segment when its events go, and the one that remembers keys for longer. */
export const EVENT_TABLES = ["events", "arrivals", "drops", "outbox_done", "attempts"] as const;
export const KEY_TABLE = "dedup";

export async function readHead(db: Queryable): Promise<Head> {
  const { rows } = await db.query<{ seq: string; segment: number; config_rev: string }>({
    name: "read-head",
    text: "SELECT seq, segment, config_rev FROM log_head",
  });
  const row = rows[0];
  if (row === undefined) throw new Error("log_head is empty: this is not a Kite database");
  return { seq: Number(row.seq), segment: row.segment, configRev: Number(row.config_rev) };
}

export async function listSegments(db: Queryable): Promise<Segment[]> {
  const { rows } = await db.query<{
    segment: number;
    first_seq: string;
    opened_at: Date;
    sealed_at: Date | null;
    last_seq: string | null;
    key_filter: Buffer | null;
    events_dropped_at: Date | null;
    keys_dropped_at: Date | null;
  }>({ text: "SELECT * FROM segments WHERE keys_dropped_at IS NULL ORDER BY segment" });
  return rows.map((row) => ({
    segment: row.segment,
    firstSeq: Number(row.first_seq),
    openedAt: row.opened_at,
    sealedAt: row.sealed_at,
    lastSeq: row.last_seq === null ? null : Number(row.last_seq),
    keyFilter: row.key_filter,
    eventsDroppedAt: row.events_dropped_at,
    keysDroppedAt: row.keys_dropped_at,
  }));
}

/** Any number will do, as long as every hub uses the same one. */
const PARTITION_LOCK = 7_700_000_002;

/**
 * Makes the partitions of a segment, ahead of its use; does nothing when they are there. They are attached rather than
 * created in place, because attaching does not lock out readers and writers of the parent. Runs in a transaction of
 * the caller's, alone among all hubs.
 */
export async function prepareSegment(tx: Queryable, segment: number): Promise<void> {
  await tx.query({ text: "SELECT pg_advisory_xact_lock($1)", values: [PARTITION_LOCK] });
  for (const table of [...EVENT_TABLES, KEY_TABLE]) {
    const partition = `${table}_s${segment}`;
    const { rows } = await tx.query({ text: "SELECT 1 WHERE to_regclass($1) IS NOT NULL", values: [partition] });
    if (rows.length > 0) continue;
    await tx.query({ text: `CREATE TABLE ${partition} (LIKE ${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)` });
    await tx.query({ text: `ALTER TABLE ${table} ATTACH PARTITION ${partition} FOR VALUES IN (${segment})` });
  }
}

/**
 * Turns from one segment to the next, if nobody did so yet. The head's lock makes it certain that no key can enter
 * the old segment afterwards, so its filter is final.
 * @param keyFilter the filter over all keys of the old segment; null when this hub cannot know all of them
 * @returns false when another hub turned first
 */
export async function turnSegment(tx: Queryable, from: number, keyFilter: Buffer | null, at: Date): Promise<boolean> {
  const { rows } = await tx.query<{ seq: string }>({
    text: "UPDATE log_head SET segment = segment + 1 WHERE segment = $1 RETURNING seq",
    values: [from],
  });
  const seq = rows[0]?.seq;
  if (seq === undefined) return false;
  await tx.query({
    text: "UPDATE segments SET sealed_at = $4, last_seq = $2, key_filter = $3 WHERE segment = $1",
    values: [from, seq, keyFilter, at],
  });
  await tx.query({
    text: "INSERT INTO segments (segment, first_seq, opened_at) VALUES ($1, $2::bigint + 1, $3)",
    values: [from + 1, seq, at],
  });
  return true;
}

/** Replaces the filter of a sealed segment, when it was sealed without a complete one. */
export async function saveFilter(db: Queryable, segment: number, keyFilter: Buffer): Promise<void> {
  await db.query({ text: "UPDATE segments SET key_filter = $2 WHERE segment = $1", values: [segment, keyFilter] });
}

/** Entries of a segment that are still owed: such a segment must stay, whatever its age. */
export async function countOwed(db: Queryable, segment: number): Promise<number> {
  const { rows } = await db.query<{ n: string }>({
    text: "SELECT count(*) AS n FROM outbox WHERE segment = $1",
    values: [segment],
  });
  return Number(rows[0]?.n ?? 0);
}

/** Bytes on disk of a segment's events and of all that goes with them. */
export async function segmentBytes(db: Queryable, segment: number): Promise<number> {
  const { rows } = await db.query<{ bytes: string }>({
    text: `SELECT COALESCE(sum(pg_total_relation_size(to_regclass(t || '_s' || $1::int))), 0) AS bytes
           FROM unnest($2::text[]) AS t`,
    values: [segment, [...EVENT_TABLES]],
  });
  return Number(rows[0]?.bytes ?? 0);
}

/** Drops a sealed segment's events and what goes with them; its keys stay. Runs in a transaction of the caller's. */
export async function dropSegmentEvents(tx: Queryable, segment: number): Promise<void> {
  await tx.query({ text: "SET LOCAL lock_timeout = '2s'" });
  for (const table of EVENT_TABLES) await tx.query({ text: `DROP TABLE IF EXISTS ${table}_s${segment}` });
  await tx.query({ text: "UPDATE segments SET events_dropped_at = now() WHERE segment = $1", values: [segment] });
}

/** Drops the key memory of a sealed segment. Runs in a transaction of the caller's. */
export async function dropSegmentKeys(tx: Queryable, segment: number): Promise<void> {
  await tx.query({ text: "SET LOCAL lock_timeout = '2s'" });
  await tx.query({ text: `DROP TABLE IF EXISTS ${KEY_TABLE}_s${segment}` });
  await tx.query({
    text: "UPDATE segments SET keys_dropped_at = now(), key_filter = NULL WHERE segment = $1",
    values: [segment],
  });
}

/** Drops counts and refusals older than the given time: small tables that are not cut into segments. */
export async function dropOldCounts(db: Queryable, before: Date): Promise<void> {
  await db.query({ text: "DELETE FROM rollups WHERE minute < $1", values: [before] });
  await db.query({ text: "DELETE FROM refusals WHERE at < $1", values: [before] });
}
