import type pg from "pg";
import type { OutboxState } from "../../../shared/rules/index.ts";
import type { Queryable } from "./database.ts";

/** What became of one event at one peer: the state of its newest entry, or `dropped` when it never had one. */
export interface Outcome {
  readonly peer: number;
  readonly state: OutboxState | "dropped";
  /** The rule that dropped it, or what ended a dead or cancelled entry; null otherwise. */
  readonly reason: string | null;
}

/**
 * The outcomes of events as a query of (seq, peer, state, reason), one row for each event and peer. An entry outranks a
 * drop: relaxing decides anew and takes nothing back. Of several entries the one with the highest generation counts.
 * @param seq how an event is chosen, as the right side of `seq`: `= e.seq`, `= ANY ($1::bigint[])`
 * @param segment the same for `segment`, so that only the partitions concerned are looked at
 */
export function outcomesQuery(seq: string, segment: string): string {
  return `
    SELECT DISTINCT ON (seq, peer) seq, peer, state, reason FROM (
      SELECT o.seq, o.peer, o.state, NULL::text AS reason, o.gen AS rank, NULL::timestamptz AS at
      FROM peers p CROSS JOIN LATERAL (SELECT * FROM outbox WHERE peer = p.no AND seq ${seq}) o
      UNION ALL
      SELECT d.seq, d.peer, d.state, CASE WHEN d.state <> 'delivered' THEN d.cause END, d.gen, d.finished_at
      FROM peers p CROSS JOIN LATERAL (
        SELECT * FROM outbox_done WHERE peer = p.no AND seq ${seq} AND segment ${segment}) d
      UNION ALL
      SELECT seq, peer, 'dropped', reason, -1, at FROM drops WHERE seq ${seq} AND segment ${segment}
    ) outcome ORDER BY seq, peer, rank DESC, at DESC NULLS FIRST, reason`;
}

const OUTCOMES = {
  name: "event-outcomes",
  text: outcomesQuery("= ANY ($1::bigint[])", "= ANY ($2::int[])"),
};

const OUTCOMES_OF_SEQS = {
  name: "event-outcomes-of-seqs",
  text: outcomesQuery(
    "= ANY ($1::bigint[])",
    `= ANY (ARRAY(SELECT DISTINCT (SELECT max(g.segment) FROM segments g WHERE g.first_seq <= s.seq)
                  FROM unnest($1::bigint[]) AS s (seq)))`,
  ),
};

/** The outcomes of some events, by seq and in the order of the peers' numbers. Events without any are missing. */
export async function outcomesOf(
  db: Queryable,
  events: readonly { readonly seq: number; readonly segment: number }[],
): Promise<Map<number, Outcome[]>> {
  if (events.length === 0) return new Map();
  const segments = [...new Set(events.map(({ segment }) => segment))];
  return read(db, { ...OUTCOMES, values: [events.map(({ seq }) => seq), segments] });
}

/** The same for events of which only the seq is at hand. */
export async function outcomesOfSeqs(db: Queryable, seqs: readonly number[]): Promise<Map<number, Outcome[]>> {
  return seqs.length === 0 ? new Map() : read(db, { ...OUTCOMES_OF_SEQS, values: [seqs] });
}

async function read(db: Queryable, query: pg.QueryConfig): Promise<Map<number, Outcome[]>> {
  const found = new Map<number, Outcome[]>();
  const { rows } = await db.query<{ seq: string } & Outcome>(query);
  for (const { seq, peer, state, reason } of rows) {
    const outcomes = found.get(Number(seq));
    if (outcomes === undefined) found.set(Number(seq), [{ peer, state, reason }]);
    else outcomes.push({ peer, state, reason });
  }
  return found;
}
