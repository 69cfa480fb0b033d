import type { EventRow, Outcome } from "../../../shared/contract/index.ts";
import { eventRow, type HubInside, type LogEvent } from "../../hub/index.ts";

/** What was said of an event at a peer is said anew. */
export type OutcomeChange = Outcome & { readonly seq: number };

/** A console that follows the log. Everything is handed over in seq order, each row once. */
export interface LiveListener {
  readonly team: string;
  push(rows: readonly EventRow[], outcomes: readonly OutcomeChange[]): void;
}

interface PendingRow {
  readonly team: string;
  readonly row: EventRow;
  /** True once its outcomes are known. */
  decided: boolean;
}

/** What happens within this time goes in one message. Milliseconds. */
const FLUSH_MS = 50;
/** Seqs whose outcomes one query reads, at most; the rest wait for the next. */
const READ_AT_ONCE = 1_000;
/** The newest rows whose outcomes are read again when many entries were changed at once. */
const NEWEST = 1_000;
/** Decisions and seqs that are remembered between notices that belong together. */
const REMEMBERED = 10_000;

/**
 * The log as consoles follow it: rows from the tail, in memory; the decisions about them from the commit that made them;
 * what becomes of their entries from the lanes. So a row costs no query, but where another hub on the same database has
 * committed it. Does nothing as long as nobody follows.
 */
export class LiveRows {
  readonly #inside: Pick<HubInside, "tail" | "news" | "ledger" | "registry" | "log">;
  readonly #listeners = new Set<LiveListener>();
  readonly #ends: (() => void)[] = [];
  #rows: PendingRow[] = [];
  readonly #pending = new Map<number, PendingRow>();
  /** Decisions whose rows are still on their way. */
  readonly #decided = new Map<number, Outcome[]>();
  #changes = new Map<string, OutcomeChange>();
  readonly #reread = new Set<number>();
  /** Events with entries of more than one generation: what a lane says of one of them is not the whole truth. */
  readonly #several = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #flushing = false;

  constructor(inside: Pick<HubInside, "tail" | "news" | "ledger" | "registry" | "log">) {
    this.#inside = inside;
  }

  /**
   * Follows the log from here on: the first row is the one after `tail.seq` of this moment, or later.
   * Returns the function that ends it.
   */
  follow(listener: LiveListener): () => void {
    if (this.#listeners.size === 0) this.#begin();
    this.#listeners.add(listener);
    // Rows that wait are the past for this one, and it reads them as they are now: what becomes of them is news to it.
    this.#pending.clear();
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#end();
    };
  }

  #begin(): void {
    const { tail, news } = this.#inside;
    this.#reread.clear();
    this.#ends.push(
      tail.subscribe((events) => this.#onEvents(events)),
      news.committed.on(({ events, entries, drops }) => {
        const outcomes = new Map<number, Outcome[]>(events.map((event) => [event.seq, []]));
        const of = (ord: number): Outcome[] | undefined => outcomes.get(events[ord - 1]?.seq ?? 0);
        for (const { ord, peer, leased } of entries)
          of(ord)?.push({ peer, state: leased ? "sending" : "pending", reason: null });
        for (const { ord, peer, reason } of drops) of(ord)?.push({ peer, state: "dropped", reason });
        for (const [seq, list] of outcomes) this.#onDecided(seq, list);
      }),
      news.settled.on((outcomes) => {
        for (const { event, cause, entries } of outcomes)
          for (const { peer, seq, gen } of entries) this.#onSettled(peer, seq, gen, event, cause);
      }),
      news.touched.on((seqs) => this.#readAgain(seqs)),
      news.arrived.on((seqs) => {
        for (const seq of seqs) this.#several.add(seq);
        trim(this.#several);
        this.#readAgain(seqs);
      }),
    );
  }

  #end(): void {
    for (const end of this.#ends.splice(0)) end();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#rows = [];
    this.#pending.clear();
    this.#decided.clear();
    this.#changes.clear();
    this.#reread.clear();
    this.#several.clear();
  }

  #onEvents(events: readonly LogEvent[]): void {
    for (const event of events) {
      const known = event.replayOf === null ? this.#decided.get(event.seq) : [];
      this.#decided.delete(event.seq);
      const pending = { team: event.team, row: eventRow(event, known ?? []), decided: known !== undefined };
      this.#rows.push(pending);
      this.#pending.set(event.seq, pending);
    }
    this.#schedule();
  }

  #onDecided(seq: number, outcomes: Outcome[]): void {
    const pending = this.#pending.get(seq);
    if (pending === undefined) {
      // The tail is reading what another hub committed before; this one's rows follow. Or it has read this one's already,
      // before the commit was confirmed here: then they were shown with what the database says of them.
      if (seq <= this.#inside.tail.seq) return;
      this.#decided.set(seq, outcomes);
      trim(this.#decided);
    } else if (!pending.decided) {
      pending.row.outcomes.push(...outcomes);
      pending.decided = true;
    }
  }

  #onSettled(peer: number, seq: number, gen: number, event: string, cause: string | null): void {
    const state = STATE_AFTER[event];
    if (state === undefined || gen > 0 || this.#several.has(seq)) {
      this.#readAgain([seq]);
      return;
    }
    const outcome: Outcome = { peer, state, reason: state === "dead" || state === "cancelled" ? cause : null };
    // A row that the tail holds back for an earlier commit may be delivered before it is shown: then it comes as delivered.
    const coming = this.#pending.get(seq)?.row.outcomes ?? this.#decided.get(seq);
    if (coming === undefined) this.#changes.set(`${seq}-${peer}`, { seq, ...outcome });
    else replace(coming, outcome);
    this.#schedule();
  }

  #readAgain(seqs: readonly number[] | null): void {
    if (seqs === null) {
      const newest = this.#inside.tail.seq;
      for (let seq = Math.max(newest - NEWEST + 1, 1); seq <= newest; seq++) this.#reread.add(seq);
    } else for (const seq of seqs) this.#reread.add(seq);
    this.#schedule();
  }

  #schedule(): void {
    // Nobody follows any more: what a reading that failed meanwhile has put back is forgotten when somebody does again.
    if (this.#listeners.size === 0 || this.#flushing || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flushing = true;
      void this.#flush().finally(() => {
        this.#flushing = false;
        if (this.#rows.length + this.#changes.size + this.#reread.size > 0) this.#schedule();
      });
    }, FLUSH_MS);
  }

  async #flush(): Promise<void> {
    const rows = this.#rows;
    const changes = this.#changes;
    this.#rows = [];
    this.#changes = new Map();
    this.#pending.clear();
    await this.#read(rows, changes);
    const teamOf = (peer: number): string | undefined => this.#inside.registry.peerByNo(peer)?.team;
    const outcomes = [...changes.values()];
    for (const listener of this.#listeners) {
      const { team } = listener;
      listener.push(
        rows.filter((pending) => pending.team === team).map((pending) => pending.row),
        outcomes.filter(({ peer }) => teamOf(peer) === team),
      );
    }
  }

  /** Reads what nobody has told: outcomes of other hubs' events, and of entries that were changed in bulk. */
  async #read(rows: readonly PendingRow[], changes: Map<string, OutcomeChange>): Promise<void> {
    const { ledger, registry, log } = this.#inside;
    const undecided = new Map(
      rows
        .filter(({ team, decided }) => !decided && registry.peersOf(team).length > 0)
        .map(({ row }) => [row.seq, row]),
    );
    const again = [...this.#reread].sort((a, b) => b - a).slice(0, READ_AT_ONCE);
    for (const seq of again) this.#reread.delete(seq);
    const seqs = [...undecided.keys(), ...again];
    if (seqs.length === 0) return;
    try {
      for (const [seq, outcomes] of await ledger.outcomes(seqs)) {
        const coming = undecided.get(seq)?.outcomes ?? this.#decided.get(seq);
        for (const outcome of outcomes) {
          if (coming === undefined) changes.set(`${seq}-${outcome.peer}`, { seq, ...outcome });
          else replace(coming, outcome);
        }
      }
    } catch (error) {
      log.debug({ err: error }, "outcomes for the console could not be read; trying again");
      for (const seq of seqs) this.#reread.add(seq);
    }
  }
}

/** What the lanes' events make of an entry; those that are missing leave it to the database to say. */
const STATE_AFTER: Readonly<Record<string, Outcome["state"]>> = {
  deliver: "delivered",
  fail: "dead",
  retry: "pending",
  split: "pending",
  release: "pending",
};

function replace(outcomes: Outcome[], outcome: Outcome): void {
  const index = outcomes.findIndex(({ peer }) => peer === outcome.peer);
  if (index < 0) outcomes.push(outcome);
  else outcomes[index] = outcome;
}

/** Forgets the oldest. */
function trim(memory: Map<number, unknown> | Set<number>): void {
  for (const key of memory.keys()) {
    if (memory.size <= REMEMBERED) return;
    memory.delete(key);
  }
}
