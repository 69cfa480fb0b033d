import type { Tail } from "../model.ts";
import type { Queryable } from "../store/database.ts";
import { type EventPage, oldestSeq, readPage } from "../store/event-pages.ts";
import type { RecentEvents } from "./recent-events.ts";

/** A page on the way from a cursor to the tail. */
export interface ReplayPage extends EventPage {
  /** The oldest seq the log still keeps. */
  readonly oldest: number;
}

/** Events and bytes of a page: enough for one good write, little enough to hold for every session at once. */
const PAGE_EVENTS = 500;
const PAGE_BYTES = 256 * 1024;
/** Seqs that one read looks at, however few of them are the team's. */
const PAGE_SEQS = 30_000;
/** Reads at a time, so that a crowd of listeners that come back leaves connections to others. */
const READS = 4;

/** Reads the log for replays: the newest part from memory, the rest from the database. */
export class LogReader {
  readonly #db: Queryable;
  readonly #tail: Tail;
  readonly #recent: RecentEvents;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(db: Queryable, tail: Tail, recent: RecentEvents) {
    this.#db = db;
    this.#tail = tail;
    this.#recent = recent;
  }

  /**
   * The team's next events after `position`, and how far they reach; never beyond the tail, which is what makes the
   * seam to the live stream exact.
   * @throws the database's error
   */
  async next(team: string, position: number): Promise<ReplayPage> {
    const page = this.#recent.after(team, position, PAGE_EVENTS, PAGE_BYTES);
    if (page !== null) return { ...page, oldest: 0 };
    await this.#enter();
    try {
      const read = await readPage(this.#db, {
        team,
        afterSeq: position,
        upToSeq: this.#tail.seq,
        limit: PAGE_EVENTS,
        maxBytes: PAGE_BYTES,
        maxSeqs: PAGE_SEQS,
      });
      // Asked after the read: whatever retention took from under it is known now.
      return { ...read, oldest: await oldestSeq(this.#db) };
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < READS) this.#running++;
    else await new Promise<void>((turn) => this.#waiting.push(turn));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}
