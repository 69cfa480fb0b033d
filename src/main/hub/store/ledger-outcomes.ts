import type { OutboxState } from "../../../shared/rules/index.ts";
import type { Queryable } from "./database.ts";
import { EVENT_COLUMNS, type EventRow, eventFromRow } from "./event-pages.ts";

/** What stands of one event at one peer: its newest entry, or the decision not to forward it. */
export interface OutcomeRecord {
  readonly seq: number;
  readonly peer: number;
  readonly state: OutboxState | "dropped";
  /** The rule that dropped it, or what ended a dead or cancelled entry. */
  readonly reason: string | null;
}

/**
 * What stands of these events at these peers. Each is found by one step in an index of its own segment, so the cost is
 * that of seqs times peers, whatever the size of the log.
 */
export async function readOutcomes(
  db: Queryable,
  peers: readonly number[],
  seqs: readonly number[],
): Promise<OutcomeRecord[]> {
  if (peers.length === 0 || seqs.length === 0) return [];
  const { rows } = await db.query<{ seq: string; peer: number; state: OutcomeRecord["state"]; reason: string | null }>({
    name: "ledger-outcomes",
    text: `SELECT k.seq, k.peer, x.state, x.reason
           FROM (SELECT s.seq, p.peer, (SELECT max(g.segment) FROM segments g WHERE g.first_seq <= s.seq) AS segment
                 FROM unnest($1::bigint[]) AS s (seq) CROSS JOIN unnest($2::int[]) AS p (peer)) k
           CROSS JOIN LATERAL (
             (SELECT gen, state, NULL::text AS reason FROM outbox o WHERE o.peer = k.peer AND o.seq = k.seq)
             UNION ALL
             (SELECT gen, state, CASE WHEN state <> 'delivered' THEN cause END FROM outbox_done d
              WHERE d.peer = k.peer AND d.seq = k.seq AND d.segment = k.segment)
             UNION ALL
             (SELECT -1, 'dropped', r.reason FROM drops r
              WHERE r.seq = k.seq AND r.peer = k.peer AND r.segment = k.segment)
             ORDER BY gen DESC LIMIT 1) x
           ORDER BY k.seq, k.peer`,
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
