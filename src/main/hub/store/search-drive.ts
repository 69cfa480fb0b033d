import {
  type Filter,
  type FilterContext,
  isOutcomeItem,
  needsPayload,
  outcomeTest,
  WITHOUT_OUTCOME,
} from "../../../shared/filter/index.ts";
import { DROP_REASONS, OUTBOX_STATES } from "../../../shared/rules/index.ts";
import type { Queryable } from "./database.ts";

/** An event that may match, found without looking at events. */
export interface CandidateEvent {
  readonly seq: number;
  readonly segment: number;
}

/**
 * What finds the candidates of a search: the log itself, stretch by stretch; an index of ids; or the indexes of what was
 * dropped, is owed and is finished, by peer and state.
 */
export type Drive =
  | { readonly by: "log" }
  | { readonly by: "ids"; readonly ids: readonly string[] }
  | {
      readonly by: "outcomes";
      readonly peers: readonly number[];
      readonly states: readonly string[];
      readonly reasons: readonly string[];
    };

/** Chooses what finds the candidates. Whatever it is, the whole filter is asked of each candidate afterwards. */
export function chooseDrive(filter: Filter, context: FilterContext): Drive {
  const ids = idsOf(filter);
  if (ids !== null) return { by: "ids", ids };
  const items = filter.items.filter(isOutcomeItem);
  const tests = items.map(({ negated, term }) => ({ field: term.field, negated, fits: outcomeTest(term, context) }));
  if (tests.every(({ negated }) => negated)) return { by: "log" };
  if (tests.every(({ negated, fits }) => fits(WITHOUT_OUTCOME) !== negated)) return { by: "log" };
  const keep = (field: string, outcome: { peer?: number; state?: string; reason?: string }): boolean =>
    tests.every(
      (test) => test.field !== field || test.fits({ peer: null, state: "", reason: null, ...outcome }) !== test.negated,
    );
  const hasReason = tests.some(({ field, negated }) => field === "reason" && !negated);
  const states = [...OUTBOX_STATES, "dropped"].filter(
    (state) => keep("outcome", { state }) && !(hasReason && !["dead", "cancelled", "dropped"].includes(state)),
  );
  const others = filter.items.some((item) => !isOutcomeItem(item) && !needsPayload(item));
  // Most events are delivered somewhere: where other terms narrow the search, reading the log is cheaper.
  if (states.includes("delivered") && others) return { by: "log" };
  return {
    by: "outcomes",
    peers: context.peers.map(({ no }) => no).filter((peer) => keep("peer", { peer })),
    states,
    reasons: DROP_REASONS.filter((reason) => keep("reason", { reason })),
  };
}

/** The ids that the filter names, where it names them outright. */
function idsOf({ items }: Filter): string[] | null {
  for (const { negated, term } of items) {
    if (negated || term.kind !== "field" || term.field !== "id") continue;
    const ids = term.tests.flatMap((test) => {
      if (test.op === "exact") return [test.value];
      return test.op === "match" && test.parts.length === 1 ? test.parts : [];
    });
    if (ids.length === term.tests.length) return ids;
  }
  return null;
}

/** All events with one of the ids, in one look. The planner must be kept from reading the log (see ledger-events.ts). */
export async function candidatesById(db: Queryable, ids: readonly string[]): Promise<CandidateEvent[]> {
  const { rows } = await db.query<{ seq: string; segment: number }>({
    text: `SELECT e.seq, e.segment FROM unnest($1::text[]) i (id)
           CROSS JOIN LATERAL (SELECT seq, segment FROM events WHERE id = i.id) e`,
    values: [[...new Set(ids)]],
  });
  return rows.map(({ seq, segment }) => ({ seq: Number(seq), segment }));
}

/**
 * The newest candidates in a stretch of the log, newest first, `limit` at most: fewer when there are no more. Each peer,
 * state and reason gives its own from an index, in order.
 */
export async function candidatesByOutcome(
  db: Queryable,
  drive: Extract<Drive, { by: "outcomes" }>,
  stretch: { readonly from: number; readonly before: number; readonly limit: number },
): Promise<CandidateEvent[]> {
  const { peers, states, reasons } = drive;
  const has = (...any: string[]): boolean => any.some((state) => states.includes(state));
  const arm = (table: string, where: string): string => `
    (SELECT DISTINCT seq, segment FROM ${table}
     WHERE peer = p.no AND ${where} AND seq >= $2::bigint AND seq < $3::bigint ORDER BY seq DESC LIMIT $4::int)`;
  const arms = [
    ...(has("pending", "sending") ? [arm("outbox", "true")] : []),
    ...["delivered", "dead", "cancelled"]
      .filter((state) => has(state))
      .map((state) => arm("outbox_done", `state = '${state}'`)),
    ...(has("dropped")
      ? [
          `(SELECT d.seq, d.segment FROM unnest($5::text[]) r (reason)
            CROSS JOIN LATERAL ${arm("drops", "reason = r.reason")} d)`,
        ]
      : []),
  ];
  if (arms.length === 0) return [];
  const { rows } = await db.query<{ seq: string; segment: number }>({
    text: `SELECT DISTINCT c.seq, c.segment FROM unnest($1::int[]) p (no) CROSS JOIN LATERAL (${arms.join(" UNION ALL ")}) c
           WHERE $5::text[] IS NOT NULL
           ORDER BY c.seq DESC LIMIT $4::int`,
    values: [peers, stretch.from, stretch.before, stretch.limit, reasons],
  });
  return rows.map(({ seq, segment }) => ({ seq: Number(seq), segment }));
}
