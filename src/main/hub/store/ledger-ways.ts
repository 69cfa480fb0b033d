import type { Queryable } from "./database.ts";
import { headSeq } from "./event-pages.ts";

/** So many of the newest events are looked at. */
export const LOOKED_AT = 20_000;
const MOST_CHAINS = 500;

/** A way that events have come by: the chain of the copy that is held, and the newest event that came so. */
export interface SeenChain {
  readonly chain: string;
  readonly seenAt: Date;
  readonly events: number;
}

/** The chains of a team's newest events since a time, newest first. Looks at a bounded stretch of the log. */
export async function seenChains(db: Queryable, team: string, since: Date): Promise<SeenChain[]> {
  const { rows } = await db.query<{ chain: string; seen: Date; n: number }>({
    text: `SELECT chain, max(received_at) AS seen, count(*)::int AS n
           FROM events WHERE seq > $2::bigint AND team = $1 AND received_at >= $3::timestamptz AND chain <> '[]'
           GROUP BY chain ORDER BY seen DESC LIMIT ${MOST_CHAINS}`,
    values: [team, (await headSeq(db)) - LOOKED_AT, since],
  });
  return rows.map(({ chain, seen, n }) => ({ chain, seenAt: seen, events: n }));
}
