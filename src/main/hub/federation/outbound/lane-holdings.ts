import type { Group, LaneEntry } from "./lane-entry.ts";
import { LaneQueue } from "./lane-queue.ts";

/**
 * What a lane holds at most, from the lease to the written outcome. What comes beyond that waits in the database, and costs
 * it a claim and another reading of the event, so a burst had better fit.
 */
export const CAPACITY = 16_384;
const CAPACITY_BYTES = 32 * 1024 * 1024;

/** What a lane has in its hands: the queue, what left it and is not written yet, and room set aside for commits under way. */
export class LaneHoldings {
  readonly queue = new LaneQueue();
  /** Groups that left the queue, until their outcome is written. */
  readonly #out = new Set<Group>();
  #outSize = 0;
  #reserved = 0;

  /** Entries that left the queue and whose outcome is not written. */
  get out(): number {
    return this.#outSize;
  }

  /** Nothing is held, and no room is set aside. */
  get empty(): boolean {
    return this.#size === 0;
  }

  get #size(): number {
    return this.queue.size + this.#outSize + this.#reserved;
  }

  /** How much more may be claimed. @param wireBytes of what is on the wire */
  room(wireBytes: number): { readonly entries: number; readonly bytes: number } {
    return { entries: CAPACITY - this.#size, bytes: CAPACITY_BYTES - this.queue.bytes - wireBytes };
  }

  /** Sets room aside for entries that are being committed. @returns false when there is none */
  reserve(count: number, wireBytes: number): boolean {
    const { entries, bytes } = this.room(wireBytes);
    if (entries < count || bytes < 0) return false;
    this.#reserved += count;
    return true;
  }

  /** They have come, or will not come. */
  unreserve(count: number): void {
    this.#reserved -= count;
  }

  /** A group has left the queue. */
  keep(group: Group): void {
    this.#out.add(group);
    this.#outSize += group.entries.length;
  }

  /** Its outcome is written. */
  letGo(group: Group): void {
    if (this.#out.delete(group)) this.#outSize -= group.entries.length;
  }

  /** Entries whose lease ends before the given time. They count as prolonged to `until`. */
  prolong(before: number, until: number): LaneEntry[] {
    const entries: LaneEntry[] = [];
    const look = (entry: LaneEntry): void => {
      if (entry.leasedUntil >= before) return;
      entry.leasedUntil = until;
      entries.push(entry);
    };
    for (const entry of this.queue) look(entry);
    for (const group of this.#out) group.entries.forEach(look);
    return entries;
  }
}
