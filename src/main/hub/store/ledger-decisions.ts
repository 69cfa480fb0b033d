import { DROP_REASONS, type DropReason, type OutboxState } from "../../../shared/rules/index.ts";
import type { Queryable } from "./database.ts";
import { type EventLabel, labelOf } from "./ledger-entries.ts";

/** What routing said about one event and one peer. A forward is its outbox entry, a drop a row of its own. */
export interface DecisionRecord {
  readonly seq: number;
  readonly peer: number;
  readonly peerId: string;
  readonly peerName: string;
  readonly at: Date;
  /** Revision of the peer's settings by which it was decided. */
  readonly revision: number;
  readonly forward: { readonly gen: number; readonly state: OutboxState } | null;
  readonly drop: { readonly reason: string; readonly evidence: string } | null;
  readonly event: EventLabel | null;
}

export interface DecisionKey {
  readonly seq: number;
  readonly peer: number;
}

export interface DecisionQuery {
  readonly team: string;
  /** Only decisions about these events; null for any. Names few. */
  readonly seqs: readonly number[] | null;
  readonly peerId: string | null;
  readonly outcome: "forward" | "drop" | null;
  readonly reason: DropReason | null;
  /** Decisions before this event and peer in the list, which is newest first; null for the first page. */
  readonly before: DecisionKey | null;
  readonly limit: number;
}

interface Row {
  readonly seq: string;
  readonly peer: number;
  readonly peer_id: string;
  readonly peer_name: string;
  readonly at: Date;
  readonly revision: number;
  readonly gen: number | null;
  readonly state: OutboxState | null;
  readonly reason: string | null;
  readonly evidence: string | null;
  readonly event_id: string | null;
  readonly event_source: string | null;
  readonly event_type: string | null;
}

const FIRST: DecisionKey = { seq: Number.MAX_SAFE_INTEGER - 1, peer: 0 };

// As with entries, each peer gives its own page from an index, and for drops each reason of each peer does. An event
// may be decided again for the same peer, when a shorter copy came: such ties stay together on one page.
const RANGE =
  "seq < CASE WHEN p.no < $4 THEN $3::bigint + 1 ELSE $3::bigint END AND ($6::bigint[] IS NULL OR seq = ANY($6))";
const PAGE = "ORDER BY seq DESC FETCH FIRST ($5::int) ROWS WITH TIES";
const FORWARDS = ["outbox", "outbox_done"].map(
  (table) => `
    (SELECT seq, segment, created_at AS at, revision, gen, state, NULL::text AS reason, NULL::text AS evidence
     FROM ${table} WHERE peer = p.no AND ${RANGE} ${PAGE})`,
);
const DROPS = `
    (SELECT d.* FROM unnest($7::text[]) r (reason) CROSS JOIN LATERAL (
       SELECT seq, segment, at, revision, NULL::smallint AS gen, NULL::text AS state, reason, evidence
       FROM drops WHERE peer = p.no AND drops.reason = r.reason AND ${RANGE} ${PAGE}) d)`;

/** The statement of a page of decisions. Exported for the test that looks at its plan. */
export function decisionsStatement(query: DecisionQuery): { text: string; values: unknown[] } {
  const before = query.before ?? FIRST;
  const outcome = query.reason === null ? query.outcome : "drop";
  const parts = [...(outcome === "drop" ? [] : FORWARDS), ...(outcome === "forward" ? [] : [DROPS])];
  const values: unknown[] = [query.team, query.peerId, before.seq, before.peer, query.limit, query.seqs];
  if (outcome !== "forward") values.push(query.reason === null ? DROP_REASONS : [query.reason]);
  return {
    text: `WITH page AS MATERIALIZED (
             SELECT x.*, p.no AS peer, p.id AS peer_id, p.name AS peer_name
             FROM peers p CROSS JOIN LATERAL (${parts.join(" UNION ALL ")}) x
             WHERE p.team = $1 AND ($2::uuid IS NULL OR p.id = $2::uuid)
             ORDER BY x.seq DESC, p.no DESC FETCH FIRST ($5::int) ROWS WITH TIES
           )
           SELECT x.*, e.id AS event_id, e.source AS event_source, e.type AS event_type
           FROM page x LEFT JOIN events e ON e.seq = x.seq AND e.segment = x.segment
           ORDER BY x.seq DESC, x.peer DESC, x.at DESC, x.gen DESC`,
    values,
  };
}

/** A page of a team's decisions, newest event first; a few more than `limit` when the last ones belong together. */
export async function listDecisions(db: Queryable, query: DecisionQuery): Promise<DecisionRecord[]> {
  const { rows } = await db.query<Row>(decisionsStatement(query));
  return rows.map((row) => ({
    seq: Number(row.seq),
    peer: row.peer,
    peerId: row.peer_id,
    peerName: row.peer_name,
    at: row.at,
    revision: row.revision,
    forward: row.gen === null || row.state === null ? null : { gen: row.gen, state: row.state },
    drop: row.reason === null ? null : { reason: row.reason, evidence: row.evidence ?? "{}" },
    event: labelOf(row.event_id, row.event_source, row.event_type),
  }));
}
