import type { Count } from "./accept-batch.ts";
import { int4Array, textArray } from "./binary-arrays.ts";
import type { Queryable } from "./database.ts";

/**
 * Adds to the counts of a minute, in the transaction that does what they count. At its end: every statement takes the
 * rows of the rollups in the same order, and a transaction that took some of them earlier could deadlock with one.
 */
export async function addCounts(tx: Queryable, at: Date, counts: readonly Count[]): Promise<void> {
  if (counts.length === 0) return;
  await tx.query({
    text: `INSERT INTO rollups AS u (minute, peer, kind, reason, n)
           SELECT date_trunc('minute', $1::timestamptz), c.peer, c.kind, c.reason, sum(c.n)
           FROM unnest($2::int[], $3::text[], $4::text[], $5::int[]) AS c (peer, kind, reason, n)
           GROUP BY c.peer, c.kind, c.reason
           ORDER BY concat(c.peer, chr(1), c.kind, chr(1), c.reason) COLLATE "C"
           ON CONFLICT (minute, peer, kind, reason) DO UPDATE SET n = u.n + excluded.n`,
    values: [
      at,
      int4Array(counts, (count) => count.peer),
      textArray(counts, (count) => count.kind),
      textArray(counts, (count) => count.reason),
      int4Array(counts, (count) => count.n),
    ],
  });
}
