import type { Group, LaneEntry } from "./lane-entry.ts";
import type { LaneQueue } from "./lane-queue.ts";

/** Requests in flight at a time. */
const BATCHES = 2;
export const SINGLES = 32;

/** What a lane has on the wire, and whether there is room for more. */
export class LaneWire {
  #batches = 0;
  #singles = 0;
  #entries = 0;
  #bytes = 0;

  /** Entries on the wire. */
  get entries(): number {
    return this.#entries;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes from the queue what goes next, if there is room for it. @param how one probe, or what the peer takes */
  next(
    queue: LaneQueue,
    how: { readonly probe: boolean; readonly batching: boolean; readonly ordered: boolean },
  ): Group | null {
    const roomForSingle = this.#singles < (how.ordered ? 1 : SINGLES);
    const roomForBatch = this.#batches < BATCHES;
    const { again } = queue;
    if (again !== undefined) {
      const room = again.entries.length > 1 ? roomForBatch : roomForSingle;
      return room ? queue.takeAgain() : null;
    }
    if (how.probe) return queue.takeOne();
    if (!how.batching || queue.first?.replay === true) return roomForSingle ? queue.takeOne() : null;
    return roomForBatch ? queue.takeBatch() : null;
  }

  /**
   * A request goes out. @returns what to call when it is over
   * @param asBatch takes a batch's place, however few entries it has: what comes meanwhile gathers for the next
   */
  start(entries: readonly LaneEntry[], asBatch: boolean): () => void {
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    const count = (sign: 1 | -1): void => {
      if (asBatch) this.#batches += sign;
      else this.#singles += sign;
      this.#entries += sign * entries.length;
      this.#bytes += sign * bytes;
    };
    count(1);
    return () => count(-1);
  }
}
