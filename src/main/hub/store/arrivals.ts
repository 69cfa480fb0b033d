import type { Bytes16 } from "../model.ts";
import { int4Array, int8Array, textArray, uuidArray } from "./binary-arrays.ts";
import type { Queryable } from "./database.ts";

/**
 * What a further arrival of an event is: the same again (`duplicate`), the same with fewer hops (`shorter`), or the
 * same id with other data (`conflict`).
 */
export type ArrivalKind = "duplicate" | "shorter" | "conflict";

/** A further arrival of an event that is in the log: `seq` and `segment` are those of the event held. */
export interface Arrival {
  readonly seq: number;
  readonly segment: number;
  readonly kind: ArrivalKind;
  /** The number of the peer it came from; null for a hook or an agent. */
  readonly via: number | null;
  readonly hops: number;
  readonly origin: string | null;
  readonly chain: string;
  readonly digest: Bytes16;
  /** Kept only to show what a conflict is about. */
  readonly data: string | null;
}

/** So many arrivals of each kind are kept of one event; the counts go on. */
const KEPT_ARRIVALS = 64;

const COLUMNS = "seq, segment, kind, via, hops, origin, chain, digest, data";
const ARRIVALS = `unnest($2::bigint[], $3::int[], $4::text[], $5::int[], $6::int[], $7::text[], $8::text[], $9::uuid[],
                         $10::text[]) WITH ORDINALITY AS n (${COLUMNS}, ord)`;

// Arrivals go with their event when retention takes it: where there is none any more, the duplicate is only counted.
// A shorter copy is left for the transaction that lets it win, so that it is either recorded and won, or neither.
const RECORD = `
WITH r AS (
  SELECT n.seq, n.segment, n.via, n.hops, n.origin, n.chain, n.digest, n.data, n.ord, e.hops IS NOT NULL AS retained,
         CASE WHEN n.kind = 'duplicate' AND n.hops < e.hops THEN 'shorter' ELSE n.kind END AS kind
  FROM ${ARRIVALS}
  LEFT JOIN LATERAL (
    SELECT x.hops FROM events x WHERE x.seq = n.seq AND x.segment = n.segment LIMIT 1) e ON true
), settled AS (
  SELECT * FROM r WHERE r.kind <> 'shorter'
), kept AS (
  INSERT INTO arrivals (at, ${COLUMNS})
  SELECT $1::timestamptz, ${COLUMNS} FROM settled s
  WHERE s.retained AND (
    SELECT count(*) FROM (
      SELECT 1 FROM arrivals a WHERE a.seq = s.seq AND a.segment = s.segment AND a.kind = s.kind
      LIMIT ${KEPT_ARRIVALS}) k) < ${KEPT_ARRIVALS}
), counted AS (
  INSERT INTO rollups AS u (minute, peer, kind, reason, n)
  SELECT date_trunc('minute', $1::timestamptz), c.peer, 'duplicate', c.reason, count(*)
  FROM (SELECT COALESCE(s.via, 0) AS peer, CASE s.kind WHEN 'duplicate' THEN '' ELSE s.kind END AS reason
        FROM settled s) c
  GROUP BY c.peer, c.reason
  ORDER BY concat(c.peer, chr(1), 'duplicate', chr(1), c.reason) COLLATE "C"
  ON CONFLICT (minute, peer, kind, reason) DO UPDATE SET n = u.n + excluded.n
)
SELECT r.ord::int AS ord FROM r WHERE r.kind = 'shorter' ORDER BY r.ord`;

/**
 * Records arrivals and counts them (kind `duplicate`; reason `conflict` where the data differ), in one statement for
 * all. Duplicates that have fewer hops than the copy held are neither recorded nor counted, but returned.
 * @returns the indexes of the shorter copies
 * @throws 23514 when retention drops the segment in this very moment
 */
export async function recordArrivals(db: Queryable, at: Date, arrivals: readonly Arrival[]): Promise<number[]> {
  const { rows } = await db.query<{ ord: number }>({
    name: "record-arrivals",
    text: RECORD,
    values: [at, ...arrivalArrays(arrivals)],
  });
  return rows.map((row) => row.ord - 1);
}

/** Records arrivals as what they turned out to be beside the copy held. The caller has locked their events, and counts. */
export async function recordCompared(tx: Queryable, at: Date, arrivals: readonly Arrival[]): Promise<void> {
  await tx.query({
    text: `INSERT INTO arrivals (at, ${COLUMNS}) SELECT $1::timestamptz, ${COLUMNS} FROM ${ARRIVALS}`,
    values: [at, ...arrivalArrays(arrivals)],
  });
}

function arrivalArrays(arrivals: readonly Arrival[]): Buffer[] {
  return [
    int8Array(arrivals, (a) => a.seq),
    int4Array(arrivals, (a) => a.segment),
    textArray(arrivals, (a) => a.kind),
    int4Array(arrivals, (a) => a.via),
    int4Array(arrivals, (a) => a.hops),
    textArray(arrivals, (a) => a.origin),
    textArray(arrivals, (a) => a.chain),
    uuidArray(arrivals, (a) => a.digest),
    textArray(arrivals, (a) => a.data),
  ];
}
