import type { AcceptedRow } from "../log/batch.ts";
import { boolArray, int4Array, textArray, uuidArray } from "./binary-arrays.ts";
import type { Queryable } from "./database.ts";

/** A count for the rollups of this minute. */
export interface Count {
  readonly peer: number;
  readonly kind: string;
  readonly reason: string;
  readonly n: number;
}

/** An outbox entry of a batch; `ord` is the 1-based place of its event in the batch. */
export interface EntryRow {
  readonly ord: number;
  readonly peer: number;
  readonly revision: number;
  readonly hops: number;
  readonly leased: boolean;
}

/** A decision not to forward. */
export interface DropRow {
  readonly ord: number;
  readonly peer: number;
  readonly revision: number;
  readonly reason: string;
  readonly evidence: string;
}

/** Everything one commit of the log writes. */
export interface Batch {
  readonly segment: number;
  readonly configRev: number;
  readonly receivedAt: Date;
  readonly rows: readonly AcceptedRow[];
  readonly entries: readonly EntryRow[];
  readonly drops: readonly DropRow[];
  readonly counts: readonly Count[];
  readonly hub: number;
  readonly leaseMs: number;
  /** Tell other hub processes on this database. */
  readonly notify: boolean;
}

// The head's row is updated first and its lock held to the commit: see 0001_hub.sql. When segment or config_rev moved,
// head is empty and nothing at all is inserted.
const statement = (notify: boolean): string => `
WITH head AS (
  UPDATE log_head SET seq = seq + $1::int WHERE segment = $2::int AND config_rev = $3::bigint
  RETURNING seq - $1::int AS base
), e AS (
  INSERT INTO events (seq, segment, received_at, team, id, source, type, hook, via, origin, chain, hops, integrity,
                      verified, summary, headers, agent_to, digest, data_bytes, attrs, data, replay_of)
  SELECT head.base + r.ord, $2::int, $4::timestamptz, r.team, r.id, r.source, r.type, r.hook, r.via, r.origin, r.chain,
         r.hops, r.integrity, r.verified, r.summary, r.headers, r.agent_to, r.digest, r.data_bytes, r.attrs, r.data,
         NULLIF(r.replay_of, '')::bigint
  FROM head, unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::int[], $11::text[], $12::text[],
                    $13::int[], $14::text[], $15::bool[], $16::text[], $17::text[], $18::text[], $19::uuid[],
                    $20::int[], $21::text[], $22::text[], $23::text[])
       WITH ORDINALITY AS r (team, id, source, type, hook, via, origin, chain, hops, integrity, verified, summary,
                             headers, agent_to, digest, data_bytes, attrs, data, replay_of, ord)
), k AS (
  INSERT INTO dedup (key, segment, seq, digest)
  SELECT d.key, $2::int, head.base + d.ord, d.digest
  FROM head, unnest($24::int[], $25::uuid[], $26::uuid[]) AS d (ord, key, digest)
), o AS (
  INSERT INTO outbox (peer, seq, segment, state, revision, hops, created_at, available_at, leased_by, leased_until)
  SELECT n.peer, head.base + n.ord, $2::int, CASE WHEN n.leased THEN 'sending' ELSE 'pending' END, n.revision, n.hops,
         $4::timestamptz, $4::timestamptz, CASE WHEN n.leased THEN $27::int END,
         CASE WHEN n.leased THEN $4::timestamptz + make_interval(secs => $28::float8) END
  FROM head, unnest($29::int[], $30::int[], $31::int[], $32::int[], $33::bool[]) AS n (ord, peer, revision, hops, leased)
), d AS (
  INSERT INTO drops (seq, segment, peer, reason, at, revision, evidence)
  SELECT head.base + n.ord, $2::int, n.peer, n.reason, $4::timestamptz, n.revision, n.evidence
  FROM head, unnest($34::int[], $35::int[], $36::int[], $37::text[], $38::text[]) AS n (ord, peer, revision, reason, evidence)
), c AS (
  INSERT INTO rollups AS u (minute, peer, kind, reason, n)
  SELECT date_trunc('minute', $4::timestamptz), n.peer, n.kind, n.reason, n.n
  FROM head, unnest($39::int[], $40::text[], $41::text[], $42::int[]) AS n (peer, kind, reason, n)
  ON CONFLICT (minute, peer, kind, reason) DO UPDATE SET n = u.n + excluded.n
)
SELECT base${notify ? ", pg_notify('kite_log', (base + $1::int)::text)" : ""} FROM head`;

const ALONE = statement(false);
const NOTIFYING = statement(true);

/**
 * Commits a batch: events, deduplication keys, outbox entries, drops and counts in one statement.
 * @returns the seq before the first of the batch, or null when the segment or the registry moved and nothing was done
 * @throws the error of `pg`; 23505 when another hub stored one of the keys a moment ago
 */
export async function insertBatch(db: Queryable, batch: Batch): Promise<number | null> {
  const { rows, entries, drops, counts } = batch;
  const keyed: { ord: number; row: AcceptedRow; key: Buffer }[] = [];
  rows.forEach((row, index) => {
    if (row.key !== null) keyed.push({ ord: index + 1, row, key: row.key });
  });
  const result = await db.query<{ base: string }>({
    name: batch.notify ? "accept-batch-notify" : "accept-batch",
    text: batch.notify ? NOTIFYING : ALONE,
    values: [
      rows.length,
      batch.segment,
      batch.configRev,
      batch.receivedAt,
      textArray(rows, (r) => r.candidate.team),
      textArray(rows, (r) => r.candidate.id),
      textArray(rows, (r) => r.candidate.source),
      textArray(rows, (r) => r.candidate.type),
      textArray(rows, (r) => r.candidate.hook),
      int4Array(rows, (r) => r.candidate.via),
      textArray(rows, (r) => r.candidate.copy.origin),
      textArray(rows, (r) => r.candidate.copy.chain),
      int4Array(rows, (r) => r.candidate.copy.hops),
      textArray(rows, (r) => r.candidate.integrity),
      boolArray(rows, (r) => r.candidate.verified),
      textArray(rows, (r) => r.candidate.summary),
      textArray(rows, (r) => r.candidate.headers),
      textArray(rows, (r) => r.candidate.agentTo),
      uuidArray(rows, (r) => r.digest),
      int4Array(rows, (r) => r.candidate.dataBytes),
      textArray(rows, (r) => r.candidate.attrs),
      textArray(rows, (r) => r.candidate.data),
      textArray(rows, (r) => (r.replayOf === null ? "" : String(r.replayOf))),
      int4Array(keyed, (k) => k.ord),
      uuidArray(keyed, (k) => k.key),
      uuidArray(keyed, (k) => k.row.digest),
      batch.hub,
      batch.leaseMs / 1000,
      int4Array(entries, (n) => n.ord),
      int4Array(entries, (n) => n.peer),
      int4Array(entries, (n) => n.revision),
      int4Array(entries, (n) => n.hops),
      boolArray(entries, (n) => n.leased),
      int4Array(drops, (n) => n.ord),
      int4Array(drops, (n) => n.peer),
      int4Array(drops, (n) => n.revision),
      textArray(drops, (n) => n.reason),
      textArray(drops, (n) => n.evidence),
      int4Array(counts, (n) => n.peer),
      textArray(counts, (n) => n.kind),
      textArray(counts, (n) => n.reason),
      int4Array(counts, (n) => n.n),
    ],
  });
  const base = result.rows[0]?.base;
  return base === undefined ? null : Number(base);
}
