import { entryId } from "../../entry-id.ts";
import type { Attempt } from "../../store/attempts.ts";
import { isUnavailable, type Queryable } from "../../store/database.ts";
import type { EntryKey } from "../../store/outbox.ts";
import { settle } from "../../store/outbox-settle.ts";
import type { DeadEntry } from "../../store/outbox-waiting.ts";
import type { LaneOutcome } from "./outcomes.ts";

/** What one request, or one decision not to make it, came to. */
export interface Completion {
  readonly attempts: readonly Attempt[];
  readonly outcomes: readonly LaneOutcome[];
  /** Called when it is written, or can never be. */
  readonly written: () => void;
}

/** What a statement wrote: outcomes of entries, and the attempts that were made. */
export type OnSettled = (outcomes: readonly LaneOutcome[], attempts: readonly Attempt[]) => void;

export interface CompletionsOptions {
  readonly db: Queryable;
  readonly hub: number;
  readonly clock: () => number;
  readonly onDead: (entries: readonly DeadEntry[]) => void;
  /** Told of everything that is committed, for counting. */
  readonly onSettled: OnSettled;
  readonly onError: (error: unknown, doing: string) => void;
}

/** Nobody waits for an outcome to be written, so outcomes wait this long for company. Milliseconds. */
const LINGER_MS = 10;
/** Entries of one statement, about. */
const STATEMENT_ENTRIES = 2_048;
const RETRY_MS = 500;

/**
 * Writes outcomes, those of all lanes together, one statement at a time. While the database is away they are kept, and
 * lanes come to a stop because their room is not given back. What a crash loses is sent again, and the peer says
 * duplicate.
 */
export class Completions {
  readonly #o: CompletionsOptions;
  #waiting: Completion[] = [];
  #working: Promise<void> | null = null;
  #hurry: (() => void) | null = null;
  #givenUp = false;

  constructor(options: CompletionsOptions) {
    this.#o = options;
  }

  add(completion: Completion): void {
    this.#waiting.push(completion);
    this.#working ??= this.#work();
  }

  /**
   * Resolves when everything is written. When the database is still away after `deadlineMs`, the rest is given up, and
   * its leases run out.
   */
  async flush(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => {
      this.#givenUp = true;
      this.#hurry?.();
    }, deadlineMs);
    this.#hurry?.();
    while (this.#working !== null) await this.#working;
    clearTimeout(timer);
  }

  async #work(): Promise<void> {
    let pause = LINGER_MS;
    while (this.#waiting.length > 0) {
      await this.#pause(pause);
      const written = await this.#write(this.#take());
      if (!written && this.#givenUp) break;
      pause = written ? LINGER_MS : RETRY_MS;
    }
    this.#working = null;
  }

  #take(): Completion[] {
    let entries = 0;
    let count = 0;
    for (const { outcomes } of this.#waiting) {
      for (const outcome of outcomes) entries += outcome.entries.length;
      count++;
      if (entries >= STATEMENT_ENTRIES) break;
    }
    return this.#waiting.splice(0, count);
  }

  /**
   * Writes these together; what PostgreSQL refuses is found by halving and given up alone.
   * @returns false when the database is away: they wait again, in their place
   */
  async #write(batch: readonly Completion[]): Promise<boolean> {
    const outcomes = batch.flatMap((completion) => completion.outcomes);
    const attempts = batch.flatMap((completion) => completion.attempts);
    try {
      const { dead } = await settle(this.#o.db, this.#o.hub, this.#o.clock(), outcomes, attempts);
      if (dead.length > 0) this.#o.onDead(toDead(outcomes, dead));
      this.#o.onSettled(outcomes, attempts);
    } catch (error) {
      if (isUnavailable(error)) {
        this.#waiting.unshift(...batch);
        return false;
      }
      if (batch.length > 1) {
        const half = batch.length >> 1;
        if (await this.#write(batch.slice(0, half))) return this.#write(batch.slice(half));
        this.#waiting.unshift(...batch.slice(half));
        return false;
      }
      this.#o.onError(error, "writing what became of outbox entries; they will be sent again");
    }
    for (const { written } of batch) written();
    return true;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#hurry = null;
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#hurry = wake;
    });
  }
}

function toDead(outcomes: readonly LaneOutcome[], dead: readonly EntryKey[]): DeadEntry[] {
  const moved = new Set(dead.map(entryId));
  return outcomes
    .filter((outcome) => outcome.event === "fail")
    .flatMap(({ entries, cause, error, counted }) =>
      entries
        .filter((entry) => moved.has(entryId(entry)))
        .map(({ peer, seq, gen, hops, tries, event }) => ({
          peer,
          seq,
          gen,
          hops,
          tries: tries + (counted ? 1 : 0),
          cause: cause ?? "",
          lastError: error,
          event: event === null ? null : { team: event.team, id: event.id, source: event.source, type: event.type },
        })),
    );
}
