import type { Queryable } from "./database.ts";

/** A request, or one event of it, that was refused before it became an event of the log. */
export interface RefusalRow {
  /** A UUIDv7: refusals are paged in the order of their ids. */
  readonly id: string;
  readonly at: Date;
  /** Null when the team is unknown here. */
  readonly team: string | null;
  readonly route: string;
  readonly reason: string;
  /** The number of the peer that called; null when nobody knows who it was. */
  readonly peer: number | null;
  readonly eventId: string | null;
  readonly eventSource: string | null;
  readonly eventType: string | null;
  /** The text of a JSON object: the values compared, and `count` when the row stands for several refusals. */
  readonly evidence: string;
  /** The endpoint that the request was for, by its source; null when there is none, or it came from a peer. */
  readonly hook: string | null;
  /** The text of a JSON object; secrets are masked. */
  readonly headers: string | null;
  /** The first bytes of the body, as far as they are kept. */
  readonly body: Buffer | null;
  /** How many bytes the whole body had. */
  readonly bodyBytes: number | null;
}

/** How many refusals fell into a minute; flooded ones included, which have no row of their own. */
export interface RefusalCount {
  /** A full minute. */
  readonly minute: Date;
  /** 0 when the caller is unknown. */
  readonly peer: number;
  readonly reason: string;
  readonly n: number;
}

/**
 * Writes refusals and adds their counts to the rollups (kind `refused`), in one statement. The counts are sorted as
 * every statement sorts them, so that two hubs cannot deadlock.
 */
export async function insertRefusals(
  db: Queryable,
  rows: readonly RefusalRow[],
  counts: readonly RefusalCount[],
): Promise<void> {
  await db.query({
    name: "insert-refusals",
    text: `
      WITH counted AS (
        INSERT INTO rollups AS u (minute, peer, kind, reason, n)
        SELECT c.minute, c.peer, 'refused', c.reason, sum(c.n)
        FROM unnest($15::timestamptz[], $16::int[], $17::text[], $18::int[]) AS c (minute, peer, reason, n)
        GROUP BY c.minute, c.peer, c.reason
        ORDER BY c.minute, concat(c.peer, chr(1), 'refused', chr(1), c.reason) COLLATE "C"
        ON CONFLICT (minute, peer, kind, reason) DO UPDATE SET n = u.n + excluded.n
      )
      INSERT INTO refusals (id, at, team, route, reason, peer, event_id, event_source, event_type, evidence,
                            hook, headers, body, body_bytes)
      SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[],
                           $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bytea[], $14::int[])`,
    values: [
      rows.map((row) => row.id),
      rows.map((row) => row.at),
      rows.map((row) => row.team),
      rows.map((row) => row.route),
      rows.map((row) => row.reason),
      rows.map((row) => row.peer),
      rows.map((row) => row.eventId),
      rows.map((row) => row.eventSource),
      rows.map((row) => row.eventType),
      rows.map((row) => row.evidence),
      rows.map((row) => row.hook),
      rows.map((row) => row.headers),
      rows.map((row) => row.body),
      rows.map((row) => row.bodyBytes),
      counts.map((count) => count.minute),
      counts.map((count) => count.peer),
      counts.map((count) => count.reason),
      counts.map((count) => count.n),
    ],
  });
}
