import type { LinkDirection } from "../../../shared/links/index.ts";
import type { Count } from "./accept-batch.ts";
import type { Database, Queryable } from "./database.ts";
import { addCounts } from "./rollups.ts";

/** How one direction of one link fares. */
export interface LinkHealthRow {
  readonly peer: number;
  readonly direction: LinkDirection;
  readonly lastSuccessAt: Date | null;
  readonly lastFailureAt: Date | null;
  readonly lastFailure: string | null;
  readonly failingSince: Date | null;
  readonly clockOffsetMs: number | null;
  readonly clockAt: Date | null;
}

/** What has been seen of a direction since the last write. `failingSince`: null when the newest try succeeded. */
export type LinkHealthChange = LinkHealthRow;

/**
 * Writes what was seen, and the counts of it. Several hubs write the same rows: times only go forward, and the newest
 * try says whether the link fails; a link that failed before keeps its beginning.
 */
export async function saveLinkHealth(
  db: Pick<Database, "transaction">,
  at: Date,
  changes: readonly LinkHealthChange[],
  counts: readonly Count[],
): Promise<void> {
  const sorted = [...changes].sort((a, b) => a.peer - b.peer || (a.direction < b.direction ? -1 : 1));
  await db.transaction(async (tx) => {
    await tx.query({
      text: `
        INSERT INTO link_health AS h (peer, direction, last_success_at, last_failure_at, last_failure, failing_since,
                                      clock_offset_ms, clock_at)
        SELECT * FROM unnest($1::int[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::timestamptz[],
                             $7::int[], $8::timestamptz[])
        ON CONFLICT (peer, direction) DO UPDATE SET
          last_success_at = GREATEST(h.last_success_at, excluded.last_success_at),
          last_failure_at = GREATEST(h.last_failure_at, excluded.last_failure_at),
          last_failure = CASE WHEN excluded.last_failure_at >= COALESCE(h.last_failure_at, '-infinity')
                              THEN excluded.last_failure ELSE h.last_failure END,
          failing_since = CASE WHEN excluded.failing_since IS NULL THEN NULL
                               WHEN excluded.last_success_at IS NOT NULL THEN excluded.failing_since
                               ELSE COALESCE(h.failing_since, excluded.failing_since) END,
          clock_offset_ms = COALESCE(excluded.clock_offset_ms, h.clock_offset_ms),
          clock_at = COALESCE(excluded.clock_at, h.clock_at)`,
      values: [
        sorted.map((change) => change.peer),
        sorted.map((change) => change.direction),
        sorted.map((change) => change.lastSuccessAt),
        sorted.map((change) => change.lastFailureAt),
        sorted.map((change) => change.lastFailure),
        sorted.map((change) => change.failingSince),
        sorted.map((change) => change.clockOffsetMs),
        sorted.map((change) => change.clockAt),
      ],
    });
    await addCounts(tx, at, counts);
  });
}

export async function listLinkHealth(db: Queryable, peers: readonly number[]): Promise<LinkHealthRow[]> {
  const { rows } = await db.query<{
    peer: number;
    direction: LinkDirection;
    last_success_at: Date | null;
    last_failure_at: Date | null;
    last_failure: string | null;
    failing_since: Date | null;
    clock_offset_ms: number | null;
    clock_at: Date | null;
  }>({ text: "SELECT * FROM link_health WHERE peer = ANY ($1::int[])", values: [peers] });
  return rows.map((row) => ({
    peer: row.peer,
    direction: row.direction,
    lastSuccessAt: row.last_success_at,
    lastFailureAt: row.last_failure_at,
    lastFailure: row.last_failure,
    failingSince: row.failing_since,
    clockOffsetMs: row.clock_offset_ms,
    clockAt: row.clock_at,
  }));
}

/** A person has mended what a peer failed for: its directions do not fail any more, until a try says otherwise. */
export async function endLinkFailures(db: Queryable, peer: number): Promise<void> {
  await db.query({ text: "UPDATE link_health SET failing_since = NULL WHERE peer = $1", values: [peer] });
}

/** The kinds under which tries are counted in the rollups; their reason is the direction. */
export const LINK_UP = "link_up";
export const LINK_DOWN = "link_down";

/** In how many minutes since then a direction was tried, and in how many of them with success. */
export async function countLinkMinutes(
  db: Queryable,
  peers: readonly number[],
  since: Date,
): Promise<{ peer: number; direction: string; up: number; tried: number }[]> {
  const { rows } = await db.query<{ peer: number; direction: string; up: string; tried: string }>({
    text: `SELECT peer, reason AS direction, count(DISTINCT minute) FILTER (WHERE kind = 'link_up') AS up,
                  count(DISTINCT minute) AS tried
           FROM rollups WHERE peer = ANY ($1::int[]) AND kind IN ('link_up', 'link_down') AND minute >= $2::timestamptz
           GROUP BY peer, reason`,
    values: [peers, since],
  });
  return rows.map(({ peer, direction, up, tried }) => ({ peer, direction, up: Number(up), tried: Number(tried) }));
}

/** How many entries are owed to each of these peers. */
export async function countOwed(db: Queryable, peers: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await db.query<{ peer: number; n: string }>({
    text: "SELECT peer, count(*) AS n FROM outbox WHERE peer = ANY ($1::int[]) GROUP BY peer",
    values: [peers],
  });
  return new Map(rows.map(({ peer, n }) => [peer, Number(n)]));
}
