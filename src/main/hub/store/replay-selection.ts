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

/** What a step found in its window. */
export interface Found<T, Position> {
  readonly items: readonly T[];
  /** Where the next step begins; null when there is nothing left. */
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

/** Conditions on the event that `e` is. */
function eventConditions(selection: Selection, p: Parameters): string {
  const parts = [`e.team = ${p.add(selection.team, "text")}`, "e.replay_of IS NULL"];
  if (selection.since !== null) parts.push(`e.received_at >= ${p.add(selection.since, "timestamptz")}`);
  if (selection.until !== null) parts.push(`e.received_at < ${p.add(selection.until, "timestamptz")}`);
  if (selection.type !== null) {
    const pattern = p.add(likeOfGlob(selection.type), "text");
    parts.push(`(e.type LIKE ${pattern} OR e.type LIKE 'com.' || ${pattern})`);
  }
  return parts.join(" AND ");
}

/** Conditions on the finished entry that `o` is. */
function entryConditions(selection: Selection, p: Parameters): string {
  const parts = [
    `o.state = ANY(${p.add(selection.states ?? [], "text[]")})`,
    `o.seq <= ${p.add(selection.untilSeq, "bigint")}`,
    `o.finished_at <= ${p.add(selection.finishedBy, "timestamptz")}`,
  ];
  if (selection.cause !== null) parts.push(`o.cause = ${p.add(selection.cause, "text")}`);
  return parts.join(" AND ");
}

// One state is written out, so that the planner sees that the partial index of that state has all there is.
const stateIndex = (selection: Selection): string => {
  const [only, ...others] = selection.states ?? [];
  return only === undefined || others.length > 0 ? "" : `AND o.state = '${only}'`;
};

/**
 * The entries of a selection in the order of peer, seq and generation: of each event and peer the newest, if it is
 * finished. Entries that are named by the selection may also be waiting. Looks at `window` entries at most.
 */
export async function selectEntries(
  db: Queryable,
  selection: Selection,
  after: EntryKey | null,
  size: { readonly window: number; readonly limit: number },
): Promise<Found<SelectedEntry, EntryKey>> {
  const p = new Parameters();
  const from = [after?.peer ?? 0, after?.seq ?? 0, after?.gen ?? 0] as const;
  const position = `(${p.add(from[0], "int")}, ${p.add(from[1], "bigint")}, ${p.add(from[2], "int")})`;
  const beyond = (alias: string): string => `(${alias}.peer, ${alias}.seq, ${alias}.gen::int) > ${position}`;
  const window = p.add(size.window, "int");
  const text = `
    WITH seen AS MATERIALIZED (${entryWindow(selection, p, beyond, window)}), matched AS (
      SELECT o.peer, o.seq, o.gen, o.segment FROM seen o
      JOIN events e ON e.seq = o.seq AND e.segment = o.segment
      WHERE ${eventConditions(selection, p)} AND o.fits
        AND NOT EXISTS (SELECT 1 FROM outbox_done n WHERE n.peer = o.peer AND n.seq = o.seq AND n.gen > o.gen)
        AND NOT EXISTS (SELECT 1 FROM outbox n WHERE n.peer = o.peer AND n.seq = o.seq AND n.gen > o.gen)
      ORDER BY o.peer, o.seq, o.gen LIMIT ${p.add(size.limit, "int")}
    )
    SELECT peer, seq, gen, segment, true AS found FROM matched
    UNION ALL
    SELECT peer, seq, gen, segment, false FROM (
      SELECT * FROM seen ORDER BY peer DESC, seq DESC, gen DESC LIMIT 1) last
    WHERE (SELECT count(*) FROM seen) = ${window}`;
  const { rows } = await db.query<{ peer: number; seq: string; gen: number; segment: number; found: boolean }>({
    text,
    values: p.values,
  });
  const keys = rows.map(({ seq, ...row }) => ({ ...row, seq: Number(seq) }));
  const items = keys.filter((key) => key.found).sort((a, b) => a.peer - b.peer || a.seq - b.seq || a.gen - b.gen);
  const last = items.at(-1);
  const full = items.length >= size.limit && last !== undefined;
  const next = full ? last : keys.find((key) => !key.found);
  return {
    items: items.map(({ peer, seq, gen, segment }) => ({ peer, seq, gen, segment })),
    next: next === undefined ? null : { peer: next.peer, seq: next.seq, gen: next.gen },
  };
}

function entryWindow(selection: Selection, p: Parameters, beyond: (alias: string) => string, window: string): string {
  if (selection.entries !== null) {
    const keys = `unnest(${p.add(
      selection.entries.map((key) => key.peer),
      "int[]",
    )},
                         ${p.add(
                           selection.entries.map((key) => key.seq),
                           "bigint[]",
                         )},
                         ${p.add(
                           selection.entries.map((key) => key.gen),
                           "int[]",
                         )}) AS k (peer, seq, gen)`;
    const same = "o.peer = k.peer AND o.seq = k.seq AND o.gen = k.gen";
    const mine = `k.peer = ANY(${p.add(selection.peers, "int[]")}) AND ${beyond("k")}`;
    return `
      SELECT * FROM (
        SELECT o.peer, o.seq, o.gen, o.segment, ${entryConditions(selection, p)} AS fits
        FROM ${keys} JOIN outbox_done o ON ${same} WHERE ${mine}
        UNION ALL
        SELECT o.peer, o.seq, o.gen, o.segment, o.state = 'pending' FROM ${keys} JOIN outbox o ON ${same} WHERE ${mine}
      ) named ORDER BY peer, seq, gen LIMIT ${window}`;
  }
  return `
    SELECT o.peer, o.seq, o.gen, o.segment, ${entryConditions(selection, p)} AS fits FROM outbox_done o
    WHERE o.peer = ANY(${p.add(selection.peers, "int[]")}) ${stateIndex(selection)} AND ${beyond("o")}
    ORDER BY o.peer, o.seq, o.gen LIMIT ${window}`;
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
  size: { readonly window: number; readonly limit: number },
): Promise<Found<SelectedEvent, number>> {
  const p = new Parameters();
  const after = p.add(afterSeq, "bigint");
  const text = `
    WITH seen AS MATERIALIZED (${eventWindow(selection, p, after, size.window)}), matched AS (
      SELECT e.seq, e.segment, e.data_bytes FROM (SELECT DISTINCT seq FROM seen WHERE fits) c JOIN events e ON e.seq = c.seq
      WHERE ${eventConditions(selection, p)} ORDER BY e.seq LIMIT ${p.add(size.limit, "int")}
    )
    SELECT seq, segment, data_bytes, true AS found FROM matched
    UNION ALL
    SELECT max(seq), 0, 0, false FROM seen HAVING count(*) > 0`;
  const { rows } = await db.query<{ seq: string; segment: number; data_bytes: number; found: boolean }>({
    text,
    values: p.values,
  });
  const items = rows
    .filter((row) => row.found)
    .map((row) => ({ seq: Number(row.seq), segment: row.segment, dataBytes: row.data_bytes }))
    .sort((a, b) => a.seq - b.seq);
  const seen = rows.find((row) => !row.found);
  const last = items.length >= size.limit ? items.at(-1)?.seq : seen === undefined ? undefined : Number(seen.seq);
  return { items, next: last === undefined ? null : last };
}

function eventWindow(selection: Selection, p: Parameters, after: string, window: number): string {
  const untilSeq = p.add(selection.untilSeq, "bigint");
  const limit = p.add(window, "int");
  if (selection.seqs !== null)
    return `SELECT seq, true AS fits FROM unnest(${p.add(selection.seqs, "bigint[]")}) AS s (seq)
            WHERE seq > ${after} AND seq <= ${untilSeq} ORDER BY seq LIMIT ${limit}`;
  if (selection.entries !== null)
    return `SELECT o.seq, true AS fits FROM unnest(${p.add(
      selection.entries.map((key) => key.seq),
      "bigint[]",
    )}) AS o (seq)
            WHERE o.seq > ${after} AND o.seq <= ${untilSeq} ORDER BY o.seq LIMIT ${limit}`;
  // Each peer's candidates come from an index in seq order. Several may be about one event: they stay in one window.
  const perPeer = (table: string, fits: string, where: string): string => `
    SELECT x.seq, x.fits FROM unnest(${p.add(selection.peers, "int[]")}) AS q (no) CROSS JOIN LATERAL (
      SELECT o.seq, ${fits} AS fits FROM ${table} o
      WHERE o.peer = q.no AND o.seq > ${after} AND o.seq <= ${untilSeq} ${where}
      ORDER BY o.seq FETCH FIRST ${limit} ROWS WITH TIES) x
    ORDER BY x.seq FETCH FIRST ${limit} ROWS WITH TIES`;
  if (selection.reason !== null) return perPeer("drops", "true", `AND o.reason = ${p.add(selection.reason, "text")}`);
  if (selection.states !== null) return perPeer("outbox_done", entryConditions(selection, p), stateIndex(selection));
  return `SELECT s.seq, true AS fits FROM generate_series(${after} + 1, least(${after} + ${limit}, ${untilSeq})) AS s (seq)`;
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
