import type { Queryable } from "./database.ts";
import { type Outcome, outcomesQuery } from "./event-outcomes.ts";
import { EVENT_COLUMNS, type EventRow, eventFromRow } from "./event-pages.ts";

/** What stands of one event at one peer. */
export interface OutcomeRecord extends Outcome {
  readonly seq: number;
}

const SEGMENTS = `= ANY (ARRAY(
  SELECT DISTINCT (SELECT max(g.segment) FROM segments g WHERE g.first_seq <= s.seq) FROM unnest($1::bigint[]) AS s (seq)))`;

/** What stands of these events at these peers. */
export async function readOutcomes(
  db: Queryable,
  peers: readonly number[],
  seqs: readonly number[],
): Promise<OutcomeRecord[]> {
  if (peers.length === 0 || seqs.length === 0) return [];
  const { rows } = await db.query<{ seq: string } & Outcome>({
    name: "ledger-outcomes",
    text: `SELECT o.* FROM (${outcomesQuery("= ANY ($1::bigint[])", SEGMENTS)}) o WHERE o.peer = ANY ($2::int[])`,
    values: [seqs, peers],
  });
  return rows.map(({ seq, ...rest }) => ({ seq: Number(seq), ...rest }));
}

/** Events of a team by their seqs, oldest first; those that retention has taken are missing. */
export async function eventsBySeq(db: Queryable, team: string, seqs: readonly number[]) {
  const { rows } = await db.query<EventRow>({
    text: `SELECT ${EVENT_COLUMNS.replace("headers, ", "NULL::text AS headers, ").replace("attrs, data", "'' AS attrs, NULL::text AS data")}
           FROM events WHERE team = $1 AND seq = ANY ($2::bigint[])
             AND segment IN (SELECT DISTINCT (SELECT max(g.segment) FROM segments g WHERE g.first_seq <= s.seq)
                             FROM unnest($2::bigint[]) AS s (seq))
           ORDER BY seq`,
    values: [team, seqs],
  });
  return rows.map(eventFromRow);
}
