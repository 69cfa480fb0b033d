import type { LogEvent } from "../../model.ts";
import { type Queryable, toHubError } from "../../store/database.ts";
import { readEventsBySeq } from "../../store/replay-entries.ts";

/** The part of the log that shows events to listeners again. */
export interface ReplayLog {
  /** Appends rows that point to these events. @returns their seqs @throws HubError `unavailable`, `overloaded` */
  appendReplays(originals: readonly LogEvent[]): Promise<number[]>;
}

const MOST_AT_ONCE = 256;

interface Asked {
  readonly seqs: readonly number[];
  readonly resolve: (shown: (number | null)[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Shows events to listeners again. Those that are asked for while others are being read share one reading, for a
 * peer's replay of many events arrives as many requests.
 */
export class ListenerReplayer {
  readonly #db: Queryable;
  readonly #log: ReplayLog;
  #asked: Asked[] = [];
  #working = false;

  constructor(db: Queryable, log: ReplayLog) {
    this.#db = db;
    this.#log = log;
  }

  /**
   * @returns the new seq for each; null where the event, or its payload, is not retained any more
   * @throws HubError `unavailable`, `overloaded`; some may have been shown then
   */
  replayToListeners(seqs: readonly number[]): Promise<(number | null)[]> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ seqs, resolve, reject });
      if (!this.#working) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#asked.length > 0) {
      const batch = this.#take();
      try {
        const shown = await this.#show(batch.flatMap(({ seqs }) => seqs));
        let from = 0;
        for (const { seqs, resolve } of batch) {
          resolve(shown.slice(from, from + seqs.length));
          from += seqs.length;
        }
      } catch (error) {
        for (const { reject } of batch) reject(toHubError(error));
      }
    }
    this.#working = false;
  }

  #take(): Asked[] {
    let events = 0;
    let count = 0;
    for (const { seqs } of this.#asked) {
      events += seqs.length;
      if (count > 0 && events > MOST_AT_ONCE) break;
      count++;
    }
    return this.#asked.splice(0, count);
  }

  async #show(seqs: readonly number[]): Promise<(number | null)[]> {
    const events = new Map((await readEventsBySeq(this.#db, [...new Set(seqs)])).map((event) => [event.seq, event]));
    const originals = seqs.flatMap((seq) => events.get(seq) ?? []);
    const shown = (originals.length > 0 ? await this.#log.appendReplays(originals) : []).values();
    return seqs.map((seq) => (events.has(seq) ? (shown.next().value ?? null) : null));
  }
}
