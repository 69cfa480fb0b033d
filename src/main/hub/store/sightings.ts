import type { Queryable } from "./database.ts";

/** So many of a team's chains and types are remembered: the latest. Strangers can make up any number of them. */
const KEPT = 2_000;
/** Other arrivals come after their event: they are looked for so far back. */
const ARRIVALS_BACK = 5_000;

/** A chain by which events have come, as the text of a JSON array, or an event type. */
export interface Sighting {
  readonly value: string;
  readonly events: number;
  readonly lastAt: Date;
}

// What is read is confined to the partitions between the segments of both ends.
const WINDOW = `
  segment >= (SELECT COALESCE(max(segment), 0) FROM segments WHERE first_seq <= $1::bigint + 1)
  AND segment <= (SELECT COALESCE(max(segment), 0) FROM segments WHERE first_seq <= $2::bigint)
  AND seq > $1::bigint AND seq <= $2::bigint`;

const merge = (table: string, column: string, source: string): string => `
INSERT INTO ${table} AS t (team, ${column}, events, first_at, last_at) ${source}
ON CONFLICT (team, md5(${column})) DO UPDATE SET
  events = t.events + excluded.events, last_at = GREATEST(t.last_at, excluded.last_at)`;

const FROM_EVENTS = (column: string): string => `
SELECT team, ${column}, count(*), min(received_at), max(received_at) FROM events
WHERE ${WINDOW} AND replay_of IS NULL AND ${column} <> '[]' GROUP BY team, ${column}`;

const CHAINS = merge("seen_chains", "chain", FROM_EVENTS("chain"));
const TYPES = merge("seen_types", "type", FROM_EVENTS("type"));

// The other paths of diamonds: copies that were not kept, and prove their links all the same.
const ARRIVED = merge(
  "seen_chains",
  "chain",
  `SELECT e.team, a.chain, 0, min(a.at), max(a.at)
   FROM (SELECT seq, segment, chain, at FROM arrivals WHERE ${WINDOW} AND chain <> '[]') a
   JOIN events e ON e.seq = a.seq AND e.segment = a.segment GROUP BY e.team, a.chain`,
);

/**
 * Takes notes of the next stretch of the log, one hub at a time. A stretch that is further behind than `mostBehind` is
 * left out: what is wanted is the picture of late, not a complete count.
 * @param width most events to look at
 * @returns true when there is more to look at
 */
export async function scanSightings(tx: Queryable, width: number, mostBehind: number): Promise<boolean> {
  const { rows } = await tx.query<{ seq: string; head: string; oldest: string | null }>({
    text: `SELECT s.seq, h.seq AS head,
                  (SELECT min(first_seq) FROM segments WHERE events_dropped_at IS NULL) AS oldest
           FROM sightings_scan s, log_head h FOR UPDATE OF s`,
  });
  const [row] = rows;
  if (row === undefined) return false;
  const head = Number(row.head);
  const after = Math.max(Number(row.seq), Number(row.oldest ?? 1) - 1, head - mostBehind);
  const upTo = Math.min(head, after + width);
  if (upTo <= after) return false;
  await tx.query({ text: CHAINS, values: [after, upTo] });
  await tx.query({ text: TYPES, values: [after, upTo] });
  await tx.query({ text: ARRIVED, values: [Math.max(0, after - ARRIVALS_BACK), upTo] });
  for (const table of ["seen_chains", "seen_types"])
    await tx.query({
      text: `DELETE FROM ${table} WHERE ctid IN (
               SELECT ctid FROM (SELECT ctid, row_number() OVER (PARTITION BY team ORDER BY last_at DESC) AS n FROM ${table}) r
               WHERE n > $1)`,
      values: [KEPT],
    });
  await tx.query({ text: "UPDATE sightings_scan SET seq = $1::bigint", values: [upTo] });
  return upTo < head;
}

/** Chains, or types, by which a team's events have come since a time, the latest first. */
export async function readSightings(
  db: Queryable,
  what: "chain" | "type",
  team: string,
  since: Date,
): Promise<Sighting[]> {
  const { rows } = await db.query<{ value: string; events: string; last_at: Date }>({
    text: `SELECT ${what} AS value, events, last_at FROM seen_${what}s
           WHERE team = $1 AND last_at >= $2 ORDER BY last_at DESC`,
    values: [team, since],
  });
  return rows.map(({ value, events, last_at }) => ({ value, events: Number(events), lastAt: last_at }));
}
