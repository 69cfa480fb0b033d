import type { Queryable } from "./database.ts";

/** A refused request of whose body something is kept. */
export interface RefusedBody {
  /** A UUIDv7: they are paged in the order of their ids. */
  readonly id: string;
  readonly at: Date;
  /** The number of the peer that called; null when nobody knows who it was. */
  readonly peer: number | null;
  readonly eventId: string | null;
  readonly eventSource: string | null;
  readonly eventType: string | null;
  readonly hook: string | null;
  /** The text of a JSON object. */
  readonly headers: string | null;
  readonly body: Buffer;
  /** How many bytes the whole body had. */
  readonly bodyBytes: number | null;
}

const NEWEST = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * What is kept of bodies that were refused to a team, or to a team that nobody knows, newest first.
 * @param below the id of the last one of the page before
 * @param before only what was refused before this time
 */
export async function pageRefusedBodies(
  db: Queryable,
  team: string,
  { below, before, limit }: { readonly below: string | null; readonly before: Date | null; readonly limit: number },
): Promise<RefusedBody[]> {
  const { rows } = await db.query<{
    id: string;
    at: Date;
    peer: number | null;
    event_id: string | null;
    event_source: string | null;
    event_type: string | null;
    hook: string | null;
    headers: string | null;
    body: Buffer;
    body_bytes: number | null;
  }>({
    text: `SELECT id, at, peer, event_id, event_source, event_type, hook, headers, body, body_bytes FROM refusals
           WHERE (team = $1 OR team IS NULL) AND id < $2::uuid AND body IS NOT NULL
             AND ($3::timestamptz IS NULL OR at < $3::timestamptz)
           ORDER BY id DESC LIMIT $4`,
    values: [team, below ?? NEWEST, before, limit],
  });
  return rows.map(({ event_id, event_source, event_type, body_bytes, ...row }) => ({
    ...row,
    eventId: event_id,
    eventSource: event_source,
    eventType: event_type,
    bodyBytes: body_bytes,
  }));
}

/** Takes bodies out; how large they were stays known. @returns how many there were */
export async function forgetBodies(db: Queryable, ids: readonly string[]): Promise<number> {
  const { rowCount } = await db.query({
    text: "UPDATE refusals SET body = NULL WHERE id = ANY ($1::uuid[]) AND body IS NOT NULL",
    values: [ids],
  });
  return rowCount ?? 0;
}
