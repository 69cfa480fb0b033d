import type { ClaimedEntry } from "../../store/outbox.ts";
import type { DeadEntry } from "../../store/outbox-waiting.ts";
import type { LaneStore } from "./lane-ports.ts";

/** After the database failed, it is left alone for so long. */
const PAUSE_MS = 1_000;

/** What waits for a lane in the database: whether there may be something due, and the way to get it. */
export class LaneBacklog {
  readonly #store: LaneStore;
  readonly #clock: () => number;
  readonly #onError: (error: unknown, doing: string) => void;
  // Nobody has looked yet.
  #pending = true;
  #wakes = 0;
  #claiming = false;
  #hastening = false;
  #claimAfter = 0;
  #nextDue: number | null = null;

  constructor(store: LaneStore, clock: () => number, onError: (error: unknown, doing: string) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onError = onError;
  }

  /** There may be due entries in the database. */
  get pending(): boolean {
    return this.#pending;
  }

  get claiming(): boolean {
    return this.#claiming;
  }

  /** When the next entry is due, as of the last look; null when none waits. Milliseconds since the epoch. */
  get nextDue(): number | null {
    return this.#nextDue;
  }

  /** A claim may be made now, and may find something. */
  get worthwhile(): boolean {
    return this.#pending && !this.#claiming && this.#clock() >= this.#claimAfter;
  }

  /** Something was put there. */
  wake(): void {
    this.#wakes++;
    this.#pending = true;
  }

  /** Somebody has looked when the next entry is due. */
  look(nextDue: number | null): void {
    this.#nextDue = nextDue;
    if (nextDue !== null && nextDue <= this.#clock()) this.#pending = true;
  }

  /**
   * A probe may be sent, but what waits is not due: the schedules of entries and of the breaker are two. One entry is
   * made due, or a peer that is back would be left alone until then. Never rejects.
   */
  async hasten(): Promise<void> {
    if (this.#pending || this.#claiming || this.#hastening || this.#nextDue === null) return;
    this.#hastening = true;
    try {
      if (await this.#store.retryOne()) this.wake();
    } catch (error) {
      this.#onError(error, "making an outbox entry due for a probe");
    } finally {
      this.#hastening = false;
    }
  }

  /** Makes due what waits for its next try. Never rejects. */
  async retryAll(): Promise<void> {
    try {
      await this.#store.retryAll();
    } catch (error) {
      this.#onError(error, "making retries due at a peer that is back");
    }
  }

  /** Makes dead letters of what was queued then or earlier. Never rejects: what failed is done the next time. */
  async expire(queuedBefore: number): Promise<readonly DeadEntry[]> {
    try {
      return await this.#store.expire(queuedBefore);
    } catch (error) {
      this.#onError(error, "ending the schedule of entries that waited behind a failing peer");
      return [];
    }
  }

  /** Claims entries. Never rejects: when the database fails there are none, and it is asked again later. */
  async claim(request: Parameters<LaneStore["claim"]>[0]): Promise<readonly ClaimedEntry[]> {
    const wakes = this.#wakes;
    this.#claiming = true;
    try {
      const { entries, more } = await this.#store.claim(request);
      // What was put there meanwhile may not have been seen.
      if (!more && wakes === this.#wakes) this.#pending = false;
      return entries;
    } catch (error) {
      this.#claimAfter = this.#clock() + PAUSE_MS;
      this.#onError(error, "claiming outbox entries");
      return [];
    } finally {
      this.#claiming = false;
    }
  }
}
