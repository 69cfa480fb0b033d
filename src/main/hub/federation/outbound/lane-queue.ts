import { MAX_BATCH_EVENTS, MAX_SENT_BYTES } from "../batch-limits.ts";
import type { Group, LaneEntry } from "./lane-entry.ts";

const NO_ATTEMPTS: readonly string[] = [];

/** Entries in a lane's memory that wait to be sent: in order, and before them the groups that have to go again. */
export class LaneQueue {
  #entries: LaneEntry[] = [];
  #head = 0;
  #again: Group[] = [];
  #againSize = 0;
  #bytes = 0;

  /** Entries that wait. */
  get size(): number {
    return this.#entries.length - this.#head + this.#againSize;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(entry: LaneEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
  }

  /** Puts groups before everything else, in their order; a group goes as it is, in one request. */
  pushAgain(groups: readonly Group[]): void {
    for (let i = groups.length - 1; i >= 0; i--) {
      const group = groups[i];
      if (group === undefined) continue;
      this.#again.push(group);
      this.#againSize += group.entries.length;
      for (const entry of group.entries) this.#bytes += entry.bytes;
    }
  }

  /** The group that has to go again next. */
  get again(): Group | undefined {
    return this.#again.at(-1);
  }

  get first(): LaneEntry | undefined {
    return this.#entries[this.#head];
  }

  takeAgain(): Group | null {
    const group = this.#again.pop();
    if (group === undefined) return null;
    this.#againSize -= group.entries.length;
    for (const entry of group.entries) this.#bytes -= entry.bytes;
    return group;
  }

  takeOne(): Group | null {
    const entry = this.first;
    if (entry === undefined) return null;
    this.#advance(1, entry.bytes);
    return { entries: [entry], attempts: NO_ATTEMPTS };
  }

  /** The next entries that fit in one batch; replays travel alone. */
  takeBatch(): Group | null {
    let bytes = 0;
    let end = this.#head;
    for (; end < this.#entries.length && end - this.#head < MAX_BATCH_EVENTS; end++) {
      const entry = this.#entries[end];
      if (entry === undefined || entry.replay || (end > this.#head && bytes + entry.bytes > MAX_SENT_BYTES)) break;
      bytes += entry.bytes;
    }
    if (end === this.#head) return null;
    const entries = this.#entries.slice(this.#head, end);
    this.#advance(entries.length, bytes);
    return { entries, attempts: NO_ATTEMPTS };
  }

  /** Takes everything out. */
  drain(): Group[] {
    const groups = this.#again;
    const rest = this.#entries.slice(this.#head);
    if (rest.length > 0) groups.push({ entries: rest, attempts: NO_ATTEMPTS });
    this.#again = [];
    this.#againSize = 0;
    this.#entries = [];
    this.#head = 0;
    this.#bytes = 0;
    return groups;
  }

  *[Symbol.iterator](): Generator<LaneEntry> {
    for (const group of this.#again) yield* group.entries;
    for (let i = this.#head; i < this.#entries.length; i++) {
      const entry = this.#entries[i];
      if (entry !== undefined) yield entry;
    }
  }

  #advance(count: number, bytes: number): void {
    this.#head += count;
    this.#bytes -= bytes;
    // Moving the rest forward is paid for by what was taken before it.
    if (this.#head * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }
}
