import type { OutboxState } from "../../../shared/rules/index.ts";
import type { LogEvent } from "../model.ts";
import { int4Array, int8Array } from "./binary-arrays.ts";
import type { Queryable } from "./database.ts";
import { EVENT_COLUMNS, type EventRow, eventFromRow } from "./event-pages.ts";
import type { EntryKey } from "./outbox.ts";
import { doneSources, owedSources } from "./outbox-guards.ts";

/** An entry as a replay finds it. */
export interface FoundEntry extends EntryKey {
  readonly segment: number;
  readonly state: OutboxState;
  /** Hops of the copy that the event keeps now; null when retention has taken the event. */
  readonly heldHops: number | null;
  /** The newest generation of the same event and peer. */
  readonly newestGen: number;
  /** Its event's payload was purged, or not kept. */
  readonly dataCut: boolean;
}

/** Reads entries, owed and finished ones; those that are owed are locked. Belongs after `lockRevivals`. */
export async function findEntries(tx: Queryable, keys: readonly EntryKey[]): Promise<FoundEntry[]> {
  const found: FoundEntry[] = [];
  for (const table of ["outbox", "outbox_done"] as const) {
    const { rows } = await tx.query<{
      peer: number;
      seq: string;
      gen: number;
      segment: number;
      state: OutboxState;
      held_hops: number | null;
      newest_gen: number;
      data_cut: boolean;
    }>({
      text: `SELECT o.peer, o.seq, o.gen, o.segment, o.state, e.hops AS held_hops, e.data_cut IS NOT NULL AS data_cut,
                    (SELECT max(n.gen) FROM (
                       SELECT gen FROM outbox n WHERE n.peer = o.peer AND n.seq = o.seq
                       UNION ALL SELECT gen FROM outbox_done n WHERE n.peer = o.peer AND n.seq = o.seq) n) AS newest_gen
             FROM unnest($1::int[], $2::bigint[], $3::int[]) AS k (peer, seq, gen)
             JOIN ${table} o ON o.peer = k.peer AND o.seq = k.seq AND o.gen = k.gen
             LEFT JOIN events e ON e.seq = o.seq AND e.segment = o.segment
             ${table === "outbox" ? "ORDER BY o.peer, o.seq, o.gen FOR UPDATE OF o" : ""}`,
      values: keyArrays(keys),
    });
    for (const { held_hops: heldHops, newest_gen: newestGen, data_cut: dataCut, seq, ...row } of rows)
      found.push({ ...row, seq: Number(seq), heldHops, newestGen, dataCut });
  }
  return found;
}

/**
 * Brings dead and delivered entries back, due now: their attempts stay, their schedule begins anew. An event of which
 * the peer is owed another entry is left alone, for one is enough.
 * @returns those that were brought back
 */
export async function reviveEntries(tx: Queryable, at: Date, keys: readonly EntryKey[]): Promise<EntryKey[]> {
  const { rows } = await tx.query<{ peer: number; seq: string; gen: number }>({
    text: `WITH back AS (
             DELETE FROM outbox_done f USING unnest($2::int[], $3::bigint[], $4::int[]) AS k (peer, seq, gen)
             WHERE f.peer = k.peer AND f.seq = k.seq AND f.gen = k.gen
               AND f.state IN (${doneSources("replay_dead")}, ${doneSources("replay_delivered")})
               AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.peer = f.peer AND o.seq = f.seq)
             RETURNING f.*
           )
           INSERT INTO outbox (peer, seq, gen, segment, revision, hops, replay, created_at, available_at, attempts, last_error)
           SELECT b.peer, b.seq, b.gen, b.segment, b.revision, COALESCE(e.hops, b.hops), true, $1::timestamptz,
                  $1::timestamptz, b.attempts, b.last_error
           FROM back b LEFT JOIN events e ON e.seq = b.seq AND e.segment = b.segment
           RETURNING peer, seq, gen`,
    values: [at, ...keyArrays(keys)],
  });
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
}

/** Makes entries that wait due at once, in their place. */
export async function hastenEntries(tx: Queryable, at: Date, keys: readonly EntryKey[]): Promise<void> {
  await tx.query({
    text: `UPDATE outbox o SET available_at = least(o.available_at, $1::timestamptz), wait_reason = NULL
           FROM unnest($2::int[], $3::bigint[], $4::int[]) AS k (peer, seq, gen)
           WHERE o.peer = k.peer AND o.seq = k.seq AND o.gen = k.gen AND o.state IN (${owedSources("retry_now")})`,
    values: [at, ...keyArrays(keys)],
  });
}

const keyArrays = (keys: readonly EntryKey[]): Buffer[] => [
  int4Array(keys, (key) => key.peer),
  int8Array(keys, (key) => key.seq),
  int4Array(keys, (key) => key.gen),
];

/** Reads events by their seqs, in seq order, to be shown or sent again; those that are gone, or whose payload is, are missing. */
export async function readEventsBySeq(db: Queryable, seqs: readonly number[]): Promise<LogEvent[]> {
  const { rows } = await db.query<EventRow>({
    name: "read-events-by-seq",
    text: `SELECT ${EVENT_COLUMNS.split(", ")
      .map((column) => `e.${column}`)
      .join(", ")}
           FROM unnest($1::bigint[]) AS k (wanted)
           CROSS JOIN LATERAL (
             SELECT s.segment AS at FROM segments s WHERE s.first_seq <= k.wanted ORDER BY s.first_seq DESC LIMIT 1) s
           CROSS JOIN LATERAL (
             SELECT ${EVENT_COLUMNS} FROM events x WHERE x.seq = k.wanted AND x.segment = s.at AND x.data_cut IS NULL LIMIT 1) e
           ORDER BY e.seq`,
    values: [int8Array(seqs, (seq) => seq)],
  });
  return rows.map(eventFromRow);
}

/** Of these events, those that were shown to listeners again by a row newer than `afterSeq`. */
export async function shownSince(db: Queryable, seqs: readonly number[], afterSeq: number): Promise<Set<number>> {
  const { rows } = await db.query<{ seq: string }>({
    text: `SELECT DISTINCT replay_of AS seq FROM events
           WHERE seq > $2::bigint AND replay_of = ANY($1::bigint[])
             AND segment >= (SELECT COALESCE(max(segment), 0) FROM segments WHERE first_seq <= $2::bigint + 1)`,
    values: [int8Array(seqs, (seq) => seq), afterSeq],
  });
  return new Set(rows.map((row) => Number(row.seq)));
}
