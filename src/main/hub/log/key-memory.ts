import type { Bytes16 } from "../model.ts";
import type { Bloom } from "./bloom.ts";

/**
 * Which deduplication keys may be in the database, segment by segment. A key that no filter knows is certainly new and
 * costs no lookup; that is the fate of nearly all. Without it every accepted event would pay a search in the indexes
 * of the whole memory, and a page of each rewritten after every checkpoint.
 */
export class KeyMemory {
  readonly #filters = new Map<number, Bloom>();

  /** Takes over a segment's filter, stored or freshly built. */
  load(segment: number, filter: Bloom): void {
    this.#filters.set(segment, filter);
  }

  forget(segment: number): void {
    this.#filters.delete(segment);
  }

  has(segment: number): boolean {
    return this.#filters.has(segment);
  }

  filter(segment: number): Bloom | undefined {
    return this.#filters.get(segment);
  }

  add(segment: number, key: Bytes16): void {
    this.#filters.get(segment)?.add(key);
  }

  /** The segments that may hold the key; empty for a key that is certainly new. */
  candidates(key: Bytes16): number[] {
    const found: number[] = [];
    for (const [segment, filter] of this.#filters) if (filter.mayHave(key)) found.push(segment);
    return found;
  }
}
