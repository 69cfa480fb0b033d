import type { LogEvent, Tail } from "../model.ts";

/** Reads committed events after a seq, in seq order. */
export type ReadAfter = (afterSeq: number, limit: number) => Promise<readonly LogEvent[]>;

const PAGE = 1_000;

/**
 * Publishes the log to this process: what it committed itself, straight from memory; what other hubs on the same
 * database committed, from the table. Seqs have no gaps, so a batch that does not follow on is proof that there is
 * something to read first.
 */
export class LogTail implements Tail {
  readonly #read: ReadAfter;
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Set<(events: readonly LogEvent[]) => void>();
  #seq: number;
  #catchingUp: Promise<void> | null = null;
  #target = 0;

  /** @param seq the log's head now: what is older is for replays, not for the tail */
  constructor(seq: number, read: ReadAfter, onError: (error: unknown) => void) {
    this.#seq = seq;
    this.#read = read;
    this.#onError = onError;
  }

  get seq(): number {
    return this.#seq;
  }

  subscribe(listener: (events: readonly LogEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Publishes a batch that this process has committed. */
  publish(events: readonly LogEvent[]): void {
    const first = events[0];
    const last = events.at(-1);
    if (first === undefined || last === undefined) return;
    if (first.seq === this.#seq + 1 && this.#catchingUp === null) this.#emit(events, last.seq);
    else void this.advanceTo(last.seq);
  }

  /** Reads up to `seq`, which another hub is known to have committed. Resolves when it is published. */
  advanceTo(seq: number): Promise<void> {
    if (seq > this.#target) this.#target = seq;
    if (this.#target <= this.#seq && this.#catchingUp === null) return Promise.resolve();
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = null;
    });
    return this.#catchingUp;
  }

  async #catchUp(): Promise<void> {
    while (this.#seq < this.#target) {
      let events: readonly LogEvent[];
      try {
        events = await this.#read(this.#seq, PAGE);
      } catch (error) {
        // The next publication or poll tries again; nothing is skipped, because the seq has not moved.
        this.#onError(error);
        return;
      }
      const last = events.at(-1);
      // Nothing there although the head says so: retention took it before it was read.
      if (last === undefined) {
        this.#seq = this.#target;
        return;
      }
      this.#emit(events, last.seq);
    }
  }

  #emit(events: readonly LogEvent[], seq: number): void {
    this.#seq = seq;
    for (const listener of this.#listeners) {
      try {
        listener(events);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
