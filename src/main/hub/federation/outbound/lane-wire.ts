import type { LaneEntry } from "./lane-entry.ts";

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

  get roomForBatch(): boolean {
    return this.#batches < BATCHES;
  }

  roomForSingle(ordered: boolean): boolean {
    return this.#singles < (ordered ? 1 : SINGLES);
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
