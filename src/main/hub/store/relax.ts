import type { OutboxState } from "../../../shared/rules/index.ts";
import type { HeldCopy } from "../model.ts";
import { int4Array, int8Array, textArray } from "./binary-arrays.ts";
import type { Queryable } from "./database.ts";
import { doneSources, owedSources } from "./outbox-guards.ts";

/** An event as far as deciding about it needs it, locked until the transaction ends. */
export interface LockedEvent {
  readonly seq: number;
  readonly segment: number;
  readonly team: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly dataBytes: number;
  readonly copy: HeldCopy;
}

/** The newest entry of an event for a peer. */
export interface StandingEntry {
  readonly peer: number;
  readonly seq: number;
  readonly gen: number;
  readonly state: OutboxState;
  /** Hops of the held copy it stands for. */
  readonly hops: number;
  /** What ended it; null while it is owed. */
  readonly cause: string | null;
}

/**
 * Keeps the two ways in which entries come back to life apart. A replay moves an entry from outbox_done to outbox; in
 * between, whoever looks into one table after the other would see it in neither.
 */
const REVIVAL_LOCK = 7_700_000_003;

/** For those who read standings: no entry is revived until the transaction ends. */
export async function holdRevivals(tx: Queryable): Promise<void> {
  await tx.query({ text: "SELECT pg_advisory_xact_lock_shared($1)", values: [REVIVAL_LOCK] });
}

/** For those who revive entries: nobody else does, or reads standings, until the transaction ends. */
export async function lockRevivals(tx: Queryable): Promise<void> {
  await tx.query({ text: "SELECT pg_advisory_xact_lock($1)", values: [REVIVAL_LOCK] });
}

/**
 * Locks the peers of these teams against changes, so that what is decided holds when it is committed: a revocation
 * cancels what is queued before it, or is seen. @returns the revision of each peer's settings
 */
export async function lockPeers(tx: Queryable, teams: readonly string[]): Promise<Map<number, number>> {
  const { rows } = await tx.query<{ no: number; revision: number }>({
    text: "SELECT no, revision FROM peers WHERE team = ANY($1) AND deleted_at IS NULL ORDER BY no FOR SHARE",
    values: [teams],
  });
  return new Map(rows.map((row) => [row.no, row.revision]));
}

/** Locks events against other shorter copies, in seq order. Those that retention has taken are missing. */
export async function lockEvents(
  tx: Queryable,
  keys: readonly { readonly seq: number; readonly segment: number }[],
): Promise<LockedEvent[]> {
  const { rows } = await tx.query<{
    seq: string;
    segment: number;
    team: string;
    id: string;
    source: string;
    type: string;
    data_bytes: number;
    origin: string | null;
    chain: string;
    hops: number;
  }>({
    text: `SELECT e.seq, e.segment, e.team, e.id, e.source, e.type, e.data_bytes, e.origin, e.chain, e.hops
           FROM unnest($1::bigint[], $2::int[]) AS n (seq, segment)
           JOIN events e ON e.seq = n.seq AND e.segment = n.segment
           ORDER BY e.seq FOR NO KEY UPDATE OF e`,
    values: [int8Array(keys, (key) => key.seq), int4Array(keys, (key) => key.segment)],
  });
  return rows.map((row) => ({
    seq: Number(row.seq),
    segment: row.segment,
    team: row.team,
    id: row.id,
    source: row.source,
    type: row.type,
    dataBytes: row.data_bytes,
    copy: { origin: row.origin, chain: row.chain, hops: row.hops },
  }));
}

/**
 * The newest entry of each of these events for each of these peers; where there is none, nothing was ever owed. Owed
 * entries are locked, so that no lane can finish or claim them meanwhile. Belongs after {@link holdRevivals}.
 */
export async function newestEntries(
  tx: Queryable,
  peers: readonly number[],
  seqs: readonly number[],
): Promise<StandingEntry[]> {
  if (peers.length === 0 || seqs.length === 0) return [];
  const values = [int4Array(peers, (no) => no), int8Array(seqs, (seq) => seq)];
  // The owed ones first: one that is finished between the two statements is seen by the second.
  const newest = new Map<string, StandingEntry>();
  for (const table of ["outbox", "outbox_done"] as const) {
    const { rows } = await tx.query<Omit<StandingEntry, "seq"> & { seq: string }>({
      text: `SELECT peer, seq, gen, state, hops, ${table === "outbox" ? "NULL AS cause" : "cause"} FROM ${table}
             WHERE peer = ANY($1::int[]) AND seq = ANY($2::bigint[])
             ${table === "outbox" ? "ORDER BY peer, seq, gen FOR UPDATE" : ""}`,
      values,
    });
    for (const row of rows) {
      const known = newest.get(`${row.seq}-${row.peer}`);
      if (known === undefined || known.gen < row.gen)
        newest.set(`${row.seq}-${row.peer}`, { ...row, seq: Number(row.seq) });
    }
  }
  return [...newest.values()];
}

/** The copy that an event keeps from now on. */
export interface ReplacedCopy {
  readonly seq: number;
  readonly segment: number;
  readonly copy: HeldCopy;
  readonly integrity: string | null;
}

/** An entry whose hops change in its place, or a new one. */
export interface EntryHops {
  readonly peer: number;
  readonly seq: number;
  readonly gen: number;
  readonly segment: number;
  readonly revision: number;
  readonly hops: number;
}

/** A decision not to forward, in place of an earlier one about the same event and peer. */
export interface NewDrop {
  readonly seq: number;
  readonly segment: number;
  readonly peer: number;
  readonly revision: number;
  readonly reason: string;
  readonly evidence: string;
}

/** Replaces held copies. Their events are locked by the caller. */
export async function replaceCopies(tx: Queryable, copies: readonly ReplacedCopy[]): Promise<void> {
  await tx.query({
    text: `UPDATE events e SET origin = n.origin, chain = n.chain, hops = n.hops, integrity = n.integrity
           FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::int[], $6::text[])
             AS n (seq, segment, origin, chain, hops, integrity)
           WHERE e.seq = n.seq AND e.segment = n.segment`,
    values: [
      int8Array(copies, (c) => c.seq),
      int4Array(copies, (c) => c.segment),
      textArray(copies, (c) => c.copy.origin),
      textArray(copies, (c) => c.copy.chain),
      int4Array(copies, (c) => c.copy.hops),
      textArray(copies, (c) => c.integrity),
    ],
  });
}

const entryArrays = (entries: readonly EntryHops[]): Buffer[] => [
  int4Array(entries, (e) => e.peer),
  int8Array(entries, (e) => e.seq),
  int4Array(entries, (e) => e.gen),
  int4Array(entries, (e) => e.segment),
  int4Array(entries, (e) => e.revision),
  int4Array(entries, (e) => e.hops),
];

/** Lets entries that were not sent yet, and dead letters, stand for a shorter copy. */
export async function relaxEntries(tx: Queryable, entries: readonly EntryHops[]): Promise<void> {
  const n = `unnest($1::int[], $2::bigint[], $3::int[], $4::int[], $5::int[], $6::int[])
             AS n (peer, seq, gen, segment, revision, hops)`;
  const same = (alias: string): string =>
    `${alias}.peer = n.peer AND ${alias}.seq = n.seq AND ${alias}.gen = n.gen AND ${alias}.segment = n.segment`;
  await tx.query({
    text: `WITH letters AS (
             UPDATE outbox_done f SET hops = n.hops, revision = n.revision FROM ${n}
             WHERE ${same("f")} AND f.state IN (${doneSources("relax")}))
           UPDATE outbox o SET hops = n.hops, revision = n.revision FROM ${n}
           WHERE ${same("o")} AND o.state IN (${owedSources("relax")})`,
    values: entryArrays(entries),
  });
}

/** Writes new entries, as pending and due now; each takes the place of a drop of the same event and peer. */
export async function insertEntries(
  tx: Queryable,
  at: Date,
  entries: readonly EntryHops[],
  replay: boolean,
): Promise<void> {
  await tx.query({
    text: `WITH n AS (
             SELECT * FROM unnest($1::int[], $2::bigint[], $3::int[], $4::int[], $5::int[], $6::int[])
               AS n (peer, seq, gen, segment, revision, hops)
           ), decided AS (
             DELETE FROM drops d USING n WHERE d.seq = n.seq AND d.segment = n.segment AND d.peer = n.peer
           )
           INSERT INTO outbox (peer, seq, gen, segment, revision, hops, replay, created_at, available_at)
           SELECT n.peer, n.seq, n.gen, n.segment, n.revision, n.hops, $8::bool, $7::timestamptz, $7::timestamptz
           FROM n`,
    values: [...entryArrays(entries), at, replay],
  });
}

/** A drop that took the place of another decision, or is the first about its event and peer. */
export interface ReplacedDrop {
  readonly seq: number;
  readonly peer: number;
  readonly reason: string;
  /** The earlier decision was a drop for the same reason, with other evidence. */
  readonly sameReason: boolean;
}

/**
 * Writes decisions not to forward in place of earlier ones; what was decided with the same reason and evidence before
 * stays as it is. @returns those that were written
 */
export async function replaceDrops(tx: Queryable, at: Date, drops: readonly NewDrop[]): Promise<ReplacedDrop[]> {
  const { rows } = await tx.query<{ seq: string; peer: number; reason: string; same_reason: boolean }>({
    text: `WITH n AS (
             SELECT * FROM unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::text[], $6::text[])
               AS n (seq, segment, peer, revision, reason, evidence)
           ), earlier AS (
             SELECT n.seq, n.peer, bool_or(d.reason = n.reason) AS same_reason,
                    bool_or(d.reason = n.reason AND d.evidence = n.evidence) AS same
             FROM n JOIN drops d ON d.seq = n.seq AND d.segment = n.segment AND d.peer = n.peer
             GROUP BY n.seq, n.peer
           ), changed AS (
             SELECT n.*, COALESCE(earlier.same_reason, false) AS same_reason
             FROM n LEFT JOIN earlier ON earlier.seq = n.seq AND earlier.peer = n.peer
             WHERE earlier.same IS NOT TRUE
           ), gone AS (
             DELETE FROM drops d USING changed c WHERE d.seq = c.seq AND d.segment = c.segment AND d.peer = c.peer
           ), written AS (
             INSERT INTO drops (seq, segment, peer, reason, at, revision, evidence)
             SELECT seq, segment, peer, reason, $7::timestamptz, revision, evidence FROM changed
           )
           SELECT seq, peer, reason, same_reason FROM changed ORDER BY seq, peer`,
    values: [
      int8Array(drops, (d) => d.seq),
      int4Array(drops, (d) => d.segment),
      int4Array(drops, (d) => d.peer),
      int4Array(drops, (d) => d.revision),
      textArray(drops, (d) => d.reason),
      textArray(drops, (d) => d.evidence),
      at,
    ],
  });
  return rows.map((row) => ({ seq: Number(row.seq), peer: row.peer, reason: row.reason, sameReason: row.same_reason }));
}
