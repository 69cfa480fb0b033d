import { NO_OUTCOME } from "../../../shared/filter/index.ts";
import type { Database } from "./database.ts";
import { outcomesQuery } from "./event-outcomes.ts";
import { type Looked, type SearchRequest, walkBack } from "./event-search.ts";

/** The fields whose values can be counted. */
export type Facet = "type" | "source" | "hook" | "via" | "origin" | "outcome" | "reason" | "hops" | "integrity";

/** How many events of a stretch have a value. `via` is the peer's number. */
export interface ValueCount {
  readonly field: Facet;
  readonly value: string;
  readonly count: number;
}

export interface StretchCounts {
  readonly matched: number;
  readonly values: readonly ValueCount[];
}

// What is counted for each field, of the events that match (`hit`) and of their outcomes (`fate`).
const COLUMN = (column: string): string => `SELECT ${column}::text AS value, count(*) AS n FROM hit GROUP BY 1`;
const COUNTS: Readonly<Record<Facet, string>> = {
  type: COLUMN("type"),
  source: COLUMN("source"),
  hook: COLUMN("hook"),
  via: COLUMN("via"),
  origin: COLUMN("origin"),
  hops: COLUMN("hops"),
  integrity: `SELECT i.issue, count(*) FROM hit CROSS JOIN unnest(string_to_array(integrity, ',')) i (issue) GROUP BY 1`,
  outcome: `SELECT state, count(DISTINCT seq) FROM fate GROUP BY 1
            UNION ALL SELECT '${NO_OUTCOME}', count(*) FROM hit WHERE NOT EXISTS (SELECT 1 FROM fate WHERE fate.seq = hit.seq) HAVING count(*) > 0`,
  reason: `SELECT reason, count(DISTINCT seq) FROM fate GROUP BY 1`,
};

const OF_OUTCOMES: readonly Facet[] = ["outcome", "reason"];

/** Counts the values of fields over everything that matches, stretch by stretch, newest first. */
export function countFacets(
  db: Database,
  request: SearchRequest,
  fields: readonly Facet[],
): AsyncGenerator<Looked<StretchCounts>, void, void> {
  return walkBack(db, request, async ({ tx, from, p, first, before, sparse }) => {
    const fate = (): string => {
      const seqs = sparse
        ? "= ANY (ARRAY(SELECT seq FROM hit))"
        : `BETWEEN ${p.add(first, "bigint")} AND ${p.add(before - 1, "bigint")}`;
      return `, fate AS MATERIALIZED (
        SELECT o.* FROM (${outcomesQuery(seqs, "IN (SELECT DISTINCT segment FROM hit)")}) o
        WHERE o.seq IN (SELECT seq FROM hit))`;
    };
    const counts = fields.map(
      (field) => `SELECT '${field}' AS field, c.* FROM (${COUNTS[field]}) c (value, n) WHERE value IS NOT NULL`,
    );
    const { rows } = await tx.query<{ field: Facet | "matched"; value: string; n: string }>({
      text: `WITH hit AS MATERIALIZED (
               SELECT e.seq, e.segment, e.type, e.source, e.hook, e.via, e.origin, e.hops, e.integrity FROM ${from}
             )${fields.some((field) => OF_OUTCOMES.includes(field)) ? fate() : ""}
             ${["SELECT 'matched' AS field, '' AS value, count(*) AS n FROM hit", ...counts].join(" UNION ALL ")}`,
      values: p.values,
    });
    const values = rows.map(({ field, value, n }) => ({ field, value, count: Number(n) }));
    return {
      found: {
        matched: values.find(({ field }) => field === "matched")?.count ?? 0,
        values: values.flatMap(({ field, ...rest }) => (field === "matched" ? [] : [{ field, ...rest }])),
      },
    };
  });
}
