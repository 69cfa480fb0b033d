import type { Queryable } from "./database.ts";
import { EVENT_TABLES, KEY_TABLE } from "./segments.ts";

export interface TableUse {
  readonly name: string;
  /** With its indexes and what is stored out of line, over all its partitions. */
  readonly bytes: number;
  /** The planner's estimate; null before the first. */
  readonly rows: number | null;
}

export interface StorageUse {
  readonly databaseBytes: number;
  readonly tables: TableUse[];
  readonly oldestAt: number | null;
  readonly oldestSeq: number;
  readonly head: number;
}

/** How much room the tables take, biggest first. */
export async function readStorage(db: Queryable): Promise<StorageUse> {
  const { rows: tables } = await db.query<{ name: string; bytes: string; rows: number }>({
    text: `SELECT c.relname AS name, sum(pg_total_relation_size(p.relid)) AS bytes,
                  CASE WHEN bool_and(l.reltuples >= 0) THEN sum(l.reltuples) END AS rows
           FROM pg_class c CROSS JOIN LATERAL pg_partition_tree(c.oid) p JOIN pg_class l ON l.oid = p.relid
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'p' AND NOT c.relispartition AND p.isleaf
           GROUP BY c.relname
           UNION ALL
           SELECT relname, pg_total_relation_size(oid), NULLIF(reltuples, -1) FROM pg_class
           WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT relispartition
           ORDER BY bytes DESC`,
  });
  const { rows } = await db.query<{ database: string; oldest: string; head: string; at: Date | null }>({
    text: `SELECT pg_database_size(current_database()) AS database, o.seq AS oldest, h.seq AS head,
                  (SELECT received_at FROM events WHERE seq >= o.seq ORDER BY seq LIMIT 1) AS at
           FROM log_head h,
                (SELECT COALESCE(min(first_seq), 1) AS seq FROM segments WHERE events_dropped_at IS NULL) o`,
  });
  const [row] = rows;
  return {
    databaseBytes: Number(row?.database ?? 0),
    tables: tables.map(({ name, bytes, rows: count }) => ({
      name,
      bytes: Number(bytes),
      rows: count === null ? null : Math.round(Number(count)),
    })),
    oldestAt: row?.at?.getTime() ?? null,
    oldestSeq: Number(row?.oldest ?? 1),
    head: Number(row?.head ?? 0),
  };
}

export interface SegmentUse {
  readonly segment: number;
  readonly firstSeq: number;
  readonly lastSeq: number | null;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  readonly bytes: number;
  /** Entries of it that are owed to peers: retention leaves the segment alone as long as there are any. */
  readonly owed: number;
  readonly sealed: boolean;
}

/** The segments that still have events, oldest first. */
export async function readSegmentUse(db: Queryable): Promise<SegmentUse[]> {
  const { rows } = await db.query<{
    segment: number;
    first: string;
    last: string | null;
    opened: Date;
    sealed: boolean;
    bytes: string;
    owed: string;
  }>({
    text: `SELECT s.segment, s.first_seq AS first, s.last_seq AS last, s.opened_at AS opened, s.sealed_at IS NOT NULL AS sealed,
                  (SELECT COALESCE(sum(pg_total_relation_size(to_regclass(t || '_s' || s.segment))), 0)
                   FROM unnest($1::text[]) AS t) AS bytes,
                  COALESCE(o.owed, 0) AS owed
           FROM segments s LEFT JOIN (SELECT segment, count(*) AS owed FROM outbox GROUP BY segment) o USING (segment)
           WHERE s.events_dropped_at IS NULL ORDER BY s.segment`,
    values: [[...EVENT_TABLES, KEY_TABLE]],
  });
  return rows.map((row) => ({
    segment: row.segment,
    firstSeq: Number(row.first),
    lastSeq: row.last === null ? null : Number(row.last),
    openedAt: row.opened.getTime(),
    bytes: Number(row.bytes),
    owed: Number(row.owed),
    sealed: row.sealed,
  }));
}
