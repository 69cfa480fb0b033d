import { type Filter, type FilterContext, timesOf } from "../../../shared/filter/index.ts";
import type { LogEvent } from "../model.ts";
import { cancellable } from "./cancellable.ts";
import { type Database, type Queryable, sqlState } from "./database.ts";
import { type EventRow, eventFromRow, headSeq, oldestSeq } from "./event-pages.ts";
import { filterCondition, Parameters } from "./filter-sql.ts";
import { CLOCK_SKEW_MS, LABEL_COLUMNS, seqAt } from "./ledger-events.ts";
import { type CandidateEvent, candidatesById, candidatesByOutcome, chooseDrive, type Drive } from "./search-drive.ts";

export interface SearchRequest {
  readonly team: string;
  readonly filter: Filter;
  readonly context: FilterContext;
  /** Events before this seq; null for all. */
  readonly before: number | null;
  readonly signal?: AbortSignal;
}

/** The events of one statement of a search: a table `e` to select from, in a transaction that is about to end. */
export interface Stretch {
  readonly tx: Queryable;
  /** What follows FROM, with all of the filter in it. */
  readonly from: string;
  readonly p: Parameters;
  /** The seqs it covers: `first` to `before` - 1. */
  readonly first: number;
  readonly before: number;
  /** Few events of a long stretch: what belongs to them is found by looking for each. */
  readonly sparse: boolean;
}

export interface Looked<T> {
  readonly found: T;
  /** Every event from this seq on was looked at. */
  readonly searchedTo: number;
  /** The oldest seq there is a reason to look at. */
  readonly oldest: number;
  /** Places of the log covered so far. */
  readonly scanned: number;
}

/** A statement should take about this long: short enough to be cancelled, and to hold no snapshot that matters. Milliseconds. */
const GOAL_MS = 150;
const LIMIT_MS = 10_000;
const FIRST_STEP = 2_000;
const LEAST_STEP = 200;
const MOST_STEP = 250_000;
const TIMED_OUT = "57014";

// A window is found along the primary key, whatever the statistics of a partition that has just begun say.
const SETTINGS = {
  statement_timeout: String(LIMIT_MS),
  enable_seqscan: "off",
  max_parallel_workers_per_gather: "0",
  jit: "off",
};

/**
 * Goes through the log from the newest event to the oldest, in stretches of which each is a statement and a snapshot of
 * its own: the log's head row is updated with every commit, and an old snapshot would keep all of its dead versions
 * (docs/adr/0002). The stretches grow and shrink with the time they take.
 * @param look is called with each stretch; `through` says that it looked at less than all of it
 */
export async function* walkBack<T>(
  db: Database,
  request: SearchRequest,
  look: (stretch: Stretch) => Promise<{ readonly found: T; readonly through?: number }>,
): AsyncGenerator<Looked<T>, void, void> {
  const { filter, context, signal } = request;
  const drive = chooseDrive(filter, context);
  const bounds = await boundsOf(db, request);
  const { first: oldest } = bounds;
  const start = Math.max(bounds.before, oldest);
  let { before } = bounds;
  let step = FIRST_STEP;
  do {
    const began = performance.now();
    try {
      const at = before;
      const { found, searchedTo } = await cancellable(db, signal, SETTINGS, (tx) =>
        lookAt(tx, request, drive, { oldest, before: at, step }, look),
      );
      before = searchedTo;
      yield { found, searchedTo, oldest, scanned: start - searchedTo };
    } catch (error) {
      if (sqlState(error) !== TIMED_OUT || step <= LEAST_STEP) throw error;
      step = Math.max(LEAST_STEP, Math.floor(step / 8));
      continue;
    }
    const pace = GOAL_MS / Math.max(performance.now() - began, 1);
    step = Math.round(Math.min(Math.max(step * Math.min(Math.max(pace, 0.25), 4), LEAST_STEP), MOST_STEP));
  } while (before > oldest);
}

async function lookAt<T>(
  tx: Queryable,
  { team, filter, context }: SearchRequest,
  drive: Drive,
  { oldest, before, step }: { readonly oldest: number; readonly before: number; readonly step: number },
  look: (stretch: Stretch) => Promise<{ readonly found: T; readonly through?: number }>,
): Promise<{ found: T; searchedTo: number }> {
  const p = new Parameters();
  let first: number;
  let source: string;
  const narrow = `e.team = ${p.add(team, "text")} AND ${filterCondition(filter, context, p)}`;
  if (drive.by === "log") {
    first = Math.max(oldest, before - step);
    const [from, end] = [p.add(first, "bigint"), p.add(before, "bigint")];
    source = `events e
      WHERE e.segment >= (SELECT COALESCE(max(segment), 0) FROM segments WHERE first_seq <= ${from})
        AND e.segment <= (SELECT COALESCE(max(segment), 0) FROM segments WHERE first_seq < ${end})
        AND e.seq >= ${from} AND e.seq < ${end} AND ${narrow}`;
  } else {
    const candidates = await candidatesOf(tx, drive, { from: oldest, before, limit: step });
    const full = drive.by === "outcomes" && candidates.length >= step;
    first = full ? (candidates.at(-1)?.seq ?? oldest) : oldest;
    const seqs = p.add(
      candidates.map(({ seq }) => seq),
      "bigint[]",
    );
    const segments = p.add(
      candidates.map(({ segment }) => segment),
      "int[]",
    );
    // LIMIT keeps the planner from joining: each event is one look along the index of its segment.
    source = `unnest(${seqs}, ${segments}) AS c (seq, segment)
      CROSS JOIN LATERAL (SELECT * FROM events x WHERE x.seq = c.seq AND x.segment = c.segment LIMIT 1) e
      WHERE ${narrow}`;
  }
  const { found, through = first } = await look({ tx, from: source, p, first, before, sparse: drive.by !== "log" });
  return { found, searchedTo: Math.max(through, first) };
}

async function candidatesOf(
  tx: Queryable,
  drive: Exclude<Drive, { by: "log" }>,
  stretch: { readonly from: number; readonly before: number; readonly limit: number },
): Promise<CandidateEvent[]> {
  if (drive.by === "outcomes") return candidatesByOutcome(tx, drive, stretch);
  const found = await candidatesById(tx, drive.ids);
  return found.filter(({ seq }) => seq >= stretch.from && seq < stretch.before);
}

/** The part of the log that can match at all, as far as terms about seq and time say. */
async function boundsOf(
  db: Queryable,
  { filter, context, before }: SearchRequest,
): Promise<{ first: number; before: number }> {
  let first = await oldestSeq(db);
  let end = Math.min(before ?? Number.MAX_SAFE_INTEGER, (await headSeq(db)) + 1);
  for (const { negated, term } of filter.items) {
    if (negated || term.kind !== "field") continue;
    const [test] = term.tests;
    if (test === undefined || term.tests.length > 1) continue;
    if (term.field === "since" || term.field === "until") {
      const [time] = timesOf(term.tests, context.now);
      if (time === undefined) continue;
      if (term.field === "since") first = Math.max(first, await seqAt(db, time - CLOCK_SKEW_MS));
      else end = Math.min(end, await seqAt(db, time + CLOCK_SKEW_MS));
    }
    if (term.field !== "seq") continue;
    if (test.op === "range") [first, end] = [Math.max(first, Number(test.from)), Math.min(end, Number(test.to) + 1)];
    else if (test.op === "match")
      [first, end] = [Math.max(first, Number(test.parts[0])), Math.min(end, Number(test.parts[0]) + 1)];
    else if (test.op === ">" || test.op === ">=") first = Math.max(first, Number(test.value));
    else end = Math.min(end, Number(test.value) + 1);
  }
  return { first, before: end };
}

/** Searches newest first, and yields what each stretch had of it. The caller ends the iteration when it has enough. */
export function searchLog(
  db: Database,
  request: SearchRequest,
  limit: () => number,
): AsyncGenerator<Looked<LogEvent[]>, void, void> {
  return walkBack(db, request, async ({ tx, from, p }) => {
    const most = limit();
    const { rows } = await tx.query<EventRow>({
      text: `SELECT ${LABEL_COLUMNS} FROM (SELECT e.* FROM ${from}) e ORDER BY seq DESC LIMIT ${p.add(most, "int")}`,
      values: p.values,
    });
    const found = rows.map(eventFromRow);
    const last = found.at(-1);
    return { found, ...(last !== undefined && found.length >= most ? { through: last.seq } : {}) };
  });
}
