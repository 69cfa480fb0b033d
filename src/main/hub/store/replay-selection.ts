import type { Queryable } from "./database.ts";
import { likeOfGlob } from "./ledger-events.ts";
import type { EntryKey } from "./outbox.ts";

export type FinishedState = "dead" | "delivered" | "cancelled";

/** What a replay acts on: everything that matches all that is given. */
export interface Selection {
  readonly team: string;
  /** Numbers of the peers whose entries or drops are meant. */
  readonly peers: readonly number[];
  /** Which entries; null when none are asked for. */
  readonly states: readonly FinishedState[] | null;
  /** Only entries that ended by this cause. */
  readonly cause: string | null;
  /** Only events that were not forwarded for this reason; entries are not looked at then. */
  readonly reason: string | null;
  /** Exactly these entries. */
  readonly entries: readonly EntryKey[] | null;
  /** Exactly these events. */
  readonly seqs: readonly number[] | null;
  /** A glob on the event type, with the meaning of a peer's scope. */
  readonly type: string | null;
  /** When the event was received: at or after, and before. */
  readonly since: Date | null;
  readonly until: Date | null;
  /** Nothing newer than this. */
  readonly untilSeq: number;
  /** No entries that finished later. */
  readonly finishedBy: Date;
}

/** An entry that is selected. */
export interface SelectedEntry extends EntryKey {
  readonly segment: number;
}

/** How much a step looks at, and how much of it it takes. */
export interface WindowSize {
  readonly window: number;
  readonly limit: number;
}

/** What a step found in its window. */
export interface Found<T, Position> {
  readonly items: readonly T[];
  /** Where the next step begins; null when there is nothing left. */
  readonly next: Position | null;
}

/** How much matches in a window. */
export interface Counted<Position> {
  readonly count: number;
  readonly next: Position | null;
}

/** Hubs on several machines share a log, and their clocks differ; by no more than this, we hope. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Collects the parameters of a statement. */
class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown, type: string): string {
    return `$${this.values.push(value)}::${type}`;
  }
}

/** Conditions on the event that `e` is. One whose payload was taken out cannot be shown or sent again. */
function eventConditions(selection: Selection, p: Parameters): string {
  const parts = [`e.team = ${p.add(selection.team, "text")}`, "e.replay_of IS NULL", "e.data_cut IS NULL"];
  if (selection.since !== null) parts.push(`e.received_at >= ${p.add(selection.since, "timestamptz")}`);
  if (selection.until !== null) parts.push(`e.received_at < ${p.add(selection.until, "timestamptz")}`);
  if (selection.type !== null) {
    const pattern = p.add(likeOfGlob(selection.type), "text");
    parts.push(`(e.type LIKE ${pattern} OR e.type LIKE 'com.' || ${pattern})`);
  }
  return parts.join(" AND ");
}

/** Conditions on the finished entry that `o` is: among them, that it is the newest of its event and peer. */
function entryConditions(selection: Selection, p: Parameters): string {
  const newer = (table: string): string =>
    `EXISTS (SELECT 1 FROM ${table} n WHERE n.peer = o.peer AND n.seq = o.seq AND n.gen > o.gen)`;
  const parts = [
    `o.state = ANY(${p.add(selection.states ?? [], "text[]")})`,
    `o.finished_at <= ${p.add(selection.finishedBy, "timestamptz")}`,
    ...(selection.cause === null ? [] : [`o.cause = ${p.add(selection.cause, "text")}`]),
    `NOT ${newer("outbox")}`,
    `NOT ${newer("outbox_done")}`,
  ];
  return parts.join(" AND ");
}

// One state is written out, so that the planner sees that the partial index of that state has all there is.
function onlyState(selection: Selection): string {
  const [only, ...others] = selection.states ?? [];
  return only === undefined || others.length > 0 ? "" : `AND o.state = '${only}'`;
}

/**
 * The entries that a step looks at, each with whether it fits: those that the selection names, which may also be
 * waiting, or else all that are finished.
 */
function entryWindow(selection: Selection, p: Parameters, beyond: (alias: string) => string, window: string): string {
  const peers = p.add(selection.peers, "int[]");
  const upTo = p.add(selection.untilSeq, "bigint");
  if (selection.entries === null) {
    const named = selection.seqs === null ? "" : `AND o.seq = ANY(${p.add(selection.seqs, "bigint[]")})`;
    return `
      SELECT o.peer, o.seq, o.gen, o.segment, ${entryConditions(selection, p)} AS fits FROM outbox_done o
      WHERE o.peer = ANY(${peers}) AND o.seq <= ${upTo} ${onlyState(selection)} ${named} AND ${beyond("o")}
      ORDER BY o.peer, o.seq, o.gen LIMIT ${window}`;
  }
  const column = (read: (key: EntryKey) => number, type: string): string => p.add(selection.entries?.map(read), type);
  const keys = `unnest(${column((k) => k.peer, "int[]")}, ${column((k) => k.seq, "bigint[]")},
                       ${column((k) => k.gen, "int[]")}) AS k (peer, seq, gen)`;
  const from = (table: string): string => `
    FROM ${keys} JOIN ${table} o ON o.peer = k.peer AND o.seq = k.seq AND o.gen = k.gen
    WHERE k.peer = ANY(${peers}) AND k.seq <= ${upTo} AND ${beyond("k")}`;
  return `
    SELECT * FROM (
      SELECT o.peer, o.seq, o.gen, o.segment, ${entryConditions(selection, p)} AS fits ${from("outbox_done")}
      UNION ALL SELECT o.peer, o.seq, o.gen, o.segment, o.state = 'pending' ${from("outbox")}) named
    ORDER BY peer, seq, gen LIMIT ${window}`;
}

/**
 * The entries of a selection in the order of peer, seq and generation: of each event and peer the newest, if it is
 * finished. Entries that are named by the selection may also be waiting. Looks at `window` entries at most.
 */
export async function selectEntries(
  db: Queryable,
  selection: Selection,
  after: EntryKey | null,
  size: WindowSize,
): Promise<Found<SelectedEntry, EntryKey>> {
  const { with: matched, p } = matchedEntries(selection, after, size);
  const { rows } = await db.query<{ peer: number; seq: string; gen: number; segment: number; found: boolean }>({
    text: `${matched}
      SELECT peer, seq, gen, segment, true AS found FROM matched
      UNION ALL SELECT peer, seq, gen, segment, false FROM last`,
    values: p.values,
  });
  const keys = rows.map(({ seq, ...row }) => ({ ...row, seq: Number(seq) }));
  const items = keys.filter((key) => key.found).sort((a, b) => a.peer - b.peer || a.seq - b.seq || a.gen - b.gen);
  const next = items.length >= size.limit ? items.at(-1) : keys.find((key) => !key.found);
  return {
    items: items.map(({ peer, seq, gen, segment }) => ({ peer, seq, gen, segment })),
    next: next === undefined ? null : { peer: next.peer, seq: next.seq, gen: next.gen },
  };
}

/** Counts the entries of a selection in one window. */
export async function countEntries(
  db: Queryable,
  selection: Selection,
  after: EntryKey | null,
  window: number,
): Promise<Counted<EntryKey>> {
  const { with: matched, p } = matchedEntries(selection, after, { window, limit: window });
  const { rows } = await db.query<{ n: number; peer: number | null; seq: string; gen: number }>({
    text: `${matched} SELECT (SELECT count(*)::int FROM matched) AS n, l.peer, l.seq, l.gen
                     FROM (SELECT 1) one LEFT JOIN last l ON true`,
    values: p.values,
  });
  const [row] = rows;
  const next = row === undefined || row.peer === null ? null : { peer: row.peer, seq: Number(row.seq), gen: row.gen };
  return { count: row?.n ?? 0, next };
}

/** `last` is empty when the window was not filled: then there is nothing beyond it. */
function matchedEntries(
  selection: Selection,
  after: EntryKey | null,
  size: WindowSize,
): { with: string; p: Parameters } {
  const p = new Parameters();
  const { peer, seq, gen } = after ?? { peer: 0, seq: 0, gen: 0 };
  const position = `(${p.add(peer, "int")}, ${p.add(seq, "bigint")}, ${p.add(gen, "int")})`;
  const window = p.add(size.window, "int");
  const seen = entryWindow(
    selection,
    p,
    (alias) => `(${alias}.peer, ${alias}.seq, ${alias}.gen) > ${position}`,
    window,
  );
  return {
    p,
    with: `
      WITH seen AS MATERIALIZED (${seen}
      ), matched AS MATERIALIZED (
        SELECT o.peer, o.seq, o.gen, o.segment FROM seen o JOIN events e ON e.seq = o.seq AND e.segment = o.segment
        WHERE o.fits AND ${eventConditions(selection, p)}
        ORDER BY o.peer, o.seq, o.gen LIMIT ${p.add(size.limit, "int")}
      ), last AS (
        SELECT * FROM seen WHERE (SELECT count(*) FROM seen) >= ${window} ORDER BY peer DESC, seq DESC, gen DESC LIMIT 1
      )`,
  };
}

/** An event that is selected. */
export interface SelectedEvent {
  readonly seq: number;
  readonly segment: number;
  readonly dataBytes: number;
}

/**
 * The events of a selection in the order of their seqs: all of the team's, or those that have matching entries, or
 * those that were dropped for the reason. Looks at a window of candidates at most.
 */
export async function selectEvents(
  db: Queryable,
  selection: Selection,
  afterSeq: number,
  size: WindowSize,
): Promise<Found<SelectedEvent, number>> {
  const { with: matched, p } = matchedEvents(selection, afterSeq, size);
  const { rows } = await db.query<{ seq: string | null; segment: number; data_bytes: number; found: boolean }>({
    text: `${matched}
      SELECT seq, segment, data_bytes, true AS found FROM matched UNION ALL SELECT seq, 0, 0, false FROM last`,
    values: p.values,
  });
  const items = rows
    .filter((row) => row.found)
    .map((row) => ({ seq: Number(row.seq), segment: row.segment, dataBytes: row.data_bytes }))
    .sort((a, b) => a.seq - b.seq);
  const last = rows.find((row) => !row.found)?.seq ?? null;
  const full = items.length >= size.limit ? items.at(-1)?.seq : undefined;
  return { items, next: full ?? (last === null ? null : Number(last)) };
}

/** Counts the events of a selection in one window. */
export async function countEvents(
  db: Queryable,
  selection: Selection,
  afterSeq: number,
  window: number,
): Promise<Counted<number>> {
  const { with: matched, p } = matchedEvents(selection, afterSeq, { window, limit: Number.MAX_SAFE_INTEGER });
  const { rows } = await db.query<{ n: number; seq: string | null }>({
    text: `${matched} SELECT (SELECT count(*)::int FROM matched) AS n, (SELECT seq FROM last) AS seq`,
    values: p.values,
  });
  const [row] = rows;
  return { count: row?.n ?? 0, next: row === undefined || row.seq === null ? null : Number(row.seq) };
}

/** `last` is null when there was no candidate any more. */
function matchedEvents(selection: Selection, afterSeq: number, size: WindowSize): { with: string; p: Parameters } {
  const p = new Parameters();
  const seen = eventWindow(selection, p, p.add(afterSeq, "bigint"), size.window);
  return {
    p,
    with: `
      WITH seen AS MATERIALIZED (${seen}
      ), matched AS MATERIALIZED (
        SELECT e.seq, e.segment, e.data_bytes FROM (SELECT DISTINCT seq FROM seen WHERE fits) c
        JOIN events e ON e.seq = c.seq
        WHERE ${eventConditions(selection, p)} ORDER BY e.seq LIMIT ${p.add(size.limit, "bigint")}
      ), last AS (SELECT max(seq) AS seq FROM seen)`,
  };
}

function eventWindow(selection: Selection, p: Parameters, after: string, size: number): string {
  if (selection.entries !== null) {
    // All of them fit into one window, so that their order does not matter.
    const all = p.add(selection.entries.length, "int");
    return `SELECT seq, fits FROM (${entryWindow(selection, p, (alias) => `${alias}.seq > ${after}`, all)}) named`;
  }
  const window = p.add(size, "int");
  const upTo = p.add(selection.untilSeq, "bigint");
  if (selection.seqs !== null)
    return `SELECT seq, true AS fits FROM unnest(${p.add(selection.seqs, "bigint[]")}) AS s (seq)
            WHERE seq > ${after} AND seq <= ${upTo} ORDER BY seq LIMIT ${window}`;
  // Each peer's candidates come from an index in seq order. Several may be about one event: they stay in one window.
  const perPeer = (table: string, fits: string, where: string): string => `
    SELECT x.seq, x.fits FROM unnest(${p.add(selection.peers, "int[]")}) AS q (no) CROSS JOIN LATERAL (
      SELECT o.seq, ${fits} AS fits FROM ${table} o
      WHERE o.peer = q.no AND o.seq > ${after} AND o.seq <= ${upTo} ${where}
      ORDER BY o.seq FETCH FIRST (${window}) ROWS WITH TIES) x
    ORDER BY x.seq FETCH FIRST (${window}) ROWS WITH TIES`;
  if (selection.reason !== null) return perPeer("drops", "true", `AND o.reason = ${p.add(selection.reason, "text")}`);
  if (selection.states !== null) return perPeer("outbox_done", entryConditions(selection, p), onlyState(selection));
  return `SELECT s.seq, true AS fits
          FROM generate_series(${after} + 1, least(${after} + ${window}, ${upTo})) AS s (seq)`;
}

/**
 * A seq before the first event that was received at or after a time, as near as the segments tell: searching from
 * there finds all of them.
 */
export async function seqBefore(db: Queryable, since: Date): Promise<number> {
  const { rows } = await db.query<{ seq: string | null }>({
    text: "SELECT max(first_seq) - 1 AS seq FROM segments WHERE opened_at <= $1",
    values: [new Date(since.getTime() - CLOCK_SKEW_MS)],
  });
  return Number(rows[0]?.seq ?? 0);
}
