import type { LogEvent } from "../model.ts";
import type { EventPage } from "../store/event-pages.ts";

/** Nothing older is shown from memory: a payload that was purged or reduced since is gone from the database only. Milliseconds. */
const OLDEST_MS = 60_000;

/**
 * The newest events of the log, still in memory. A listener that lags a little, or a thousand that come back at once
 * after a restart, are served from here; only what is older is read from the database.
 */
export class RecentEvents {
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  readonly #now: () => number;
  #events: LogEvent[] = [];
  /** Index of the oldest event that counts; what is before it awaits the next compaction. */
  #start = 0;
  #bytes = 0;

  constructor(maxEvents: number, maxBytes: number, now: () => number) {
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  /** Adds a batch of the tail. */
  push(batch: readonly LogEvent[]): void {
    const first = batch[0];
    const newest = this.#events.at(-1);
    if (first !== undefined && newest !== undefined && first.seq !== newest.seq + 1) this.#clear();
    for (const event of batch) {
      this.#events.push(event);
      this.#bytes += event.dataBytes;
    }
    while (this.#count() > this.#maxEvents || (this.#bytes > this.#maxBytes && this.#count() > 0)) this.#dropOldest();
    if (this.#start > this.#maxEvents) {
      this.#events = this.#events.slice(this.#start);
      this.#start = 0;
    }
  }

  /** The events of a team after a seq; null when some of them may be gone from memory. */
  after(team: string, seq: number, limit: number, maxBytes: number): EventPage | null {
    while (this.#isStale(this.#events[this.#start])) this.#dropOldest();
    const oldest = this.#events[this.#start];
    const newest = this.#events.at(-1);
    if (oldest === undefined || newest === undefined || seq + 1 < oldest.seq || seq >= newest.seq) return null;
    const events: LogEvent[] = [];
    let bytes = 0;
    let through = seq;
    for (let i = this.#start + seq + 1 - oldest.seq; i < this.#events.length; i++) {
      const event = this.#events[i];
      if (event === undefined || events.length >= limit || bytes >= maxBytes) break;
      through = event.seq;
      if (event.team !== team) continue;
      events.push(event);
      bytes += event.dataBytes;
    }
    return { events, through };
  }

  #isStale(event: LogEvent | undefined): boolean {
    return event !== undefined && this.#now() - event.receivedAt > OLDEST_MS;
  }

  #count(): number {
    return this.#events.length - this.#start;
  }

  #dropOldest(): void {
    this.#bytes -= this.#events[this.#start]?.dataBytes ?? 0;
    this.#start++;
  }

  #clear(): void {
    this.#events = [];
    this.#start = 0;
    this.#bytes = 0;
  }
}
