import type { EntryView } from "../../../shared/contract/index.ts";

/** Asks for entries after a cursor, in the order of the list. */
export type AskEntries = (
  cursor: string | null,
  limit: number,
) => Promise<{ readonly items: readonly EntryView[]; readonly nextCursor: string | null }>;

/** A stretch of the list: what stands behind its cursor, up to the cursor of the next one. */
interface Stretch {
  readonly cursor: string | null;
  readonly items: readonly EntryView[];
  readonly next: string | null;
  /** The entry that `next` was made of; null for the last stretch. */
  readonly end: EntryView | null;
}

const PAGE = 200;
/** When more than this came in at the top meanwhile, the list begins anew rather than being patched. */
const MOST_NEW = 5;

/** The order of the list: newest event first. Below zero: `a` stands before `b`. */
const order = (a: EntryView, b: EntryView): number => b.seq - a.seq || b.peer.no - a.peer.no || b.gen - a.gen;

/**
 * A list of entries read page by page, as long as the person scrolls. What is on screen is asked again when the hub says
 * that entries changed, and only that: a list of a million rows costs no more than its window.
 */
export class EntryPages {
  error: unknown = null;
  version = 0;
  /** New at the top, and held back because the person has moved down: rows must not move under the eye. */
  waiting = 0;
  #top: EntryView | null = null;
  #stretches: Stretch[] = [];
  /** The first index of each stretch. */
  #starts: number[] = [];
  #count = 0;
  #busy = false;
  #stale = false;
  #window = { from: 0, to: 50 };
  #ended = true;
  readonly #listeners = new Set<() => void>();

  constructor(private readonly ask: AskEntries) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly getVersion = (): number => this.version;

  /** Rows that are here. */
  get count(): number {
    return this.#count;
  }

  /** False until the first page is here. */
  get started(): boolean {
    return this.#stretches.length > 0;
  }

  /** True when there is nothing more behind the last row. */
  get complete(): boolean {
    return this.started && this.#stretches.at(-1)?.next === null;
  }

  at(index: number): EntryView | undefined {
    const stretch = this.#stretchOf(index);
    return this.#stretches[stretch]?.items[index - (this.#starts[stretch] ?? 0)];
  }

  indexOf(id: string): number | null {
    for (const [at, { items }] of this.#stretches.entries()) {
      const found = items.findIndex((entry) => entry.id === id);
      if (found >= 0) return (this.#starts[at] ?? 0) + found;
    }
    return null;
  }

  /** Which rows are in sight; reads on when they are near the end of what is here. */
  show(from: number, to: number): void {
    this.#window = { from, to };
    if (from === 0 && this.waiting > 0) this.refresh();
    if (!this.complete && to > this.#count - PAGE / 2) void this.#work();
  }

  begin(): void {
    this.#ended = false;
    void this.#work();
  }

  /** Entries have changed: what is in sight is asked again. */
  refresh(): void {
    this.#stale = true;
    void this.#work();
  }

  /** Answers that come later are not taken any more. */
  end(): void {
    this.#ended = true;
  }

  /** One request after the other, until nothing is stale and the window is full. */
  async #work(): Promise<void> {
    if (this.#busy || this.#ended) return;
    this.#busy = true;
    try {
      while (!this.#ended) {
        if (this.#stale) {
          this.#stale = false;
          if (this.started) await this.#again();
        }
        if (this.started && (this.complete || this.#window.to <= this.#count - PAGE / 2)) {
          if (this.#stale) continue;
          break;
        }
        await this.#more();
      }
      this.error = null;
    } catch (error) {
      this.error = error;
    } finally {
      this.#busy = false;
      this.#tell();
    }
  }

  async #more(): Promise<void> {
    const cursor = this.#stretches.at(-1)?.next ?? null;
    const { items, nextCursor } = await this.ask(cursor, PAGE);
    if (cursor === null) this.#top = items[0] ?? null;
    this.#stretches.push({ cursor, items, next: nextCursor, end: endOf(items, nextCursor) });
    this.#tell();
  }

  async #again(): Promise<void> {
    const [first, last] = [this.#stretchOf(this.#window.from), this.#stretchOf(this.#window.to)];
    for (const stretch of this.#stretches.slice(first, last + 1)) {
      const fresh = this.#held(stretch, await this.#read(stretch));
      const at = this.#stretches.indexOf(stretch);
      if (fresh === null) this.#stretches = [];
      else this.#stretches.splice(at, 1, ...fresh);
      if (fresh === null) break;
    }
    this.#tell();
  }

  /** Keeps what is new at the top out of sight for a person who has moved down. */
  #held({ cursor }: Stretch, fresh: Stretch[] | null): Stretch[] | null {
    if (cursor !== null || fresh === null) return fresh;
    const top = this.#top;
    if (this.#window.from === 0 || top === null) {
      this.#top = fresh[0]?.items[0] ?? top;
      this.waiting = 0;
      return fresh;
    }
    const held = fresh.map((each) => ({ ...each, items: each.items.filter((entry) => order(entry, top) >= 0) }));
    const size = (stretches: readonly Stretch[]): number => stretches.reduce((sum, { items }) => sum + items.length, 0);
    this.waiting = size(fresh) - size(held);
    return held;
  }

  /** A stretch as it is now, from its cursor to where the next one begins. Null: so much is new that all is read anew. */
  async #read({ cursor, items: before, next, end }: Stretch): Promise<Stretch[] | null> {
    const fresh: Stretch[] = [];
    for (let from = cursor; fresh.length <= MOST_NEW; ) {
      const { items, nextCursor } = await this.ask(from, PAGE);
      if (end === null)
        return [{ cursor, items: keepSame(before, items), next: nextCursor, end: endOf(items, nextCursor) }];
      const within = keepSame(
        before,
        items.filter((entry) => order(entry, end) <= 0),
      );
      const last = items.at(-1);
      if (nextCursor === null || last === undefined || order(last, end) >= 0)
        return [...fresh, { cursor: from, items: within, next, end }];
      fresh.push({ cursor: from, items: within, next: nextCursor, end: endOf(items, nextCursor) });
      from = nextCursor;
    }
    return null;
  }

  #stretchOf(index: number): number {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  #tell(): void {
    if (this.#ended) return;
    this.#starts = [];
    this.#count = 0;
    for (const { items } of this.#stretches) {
      this.#starts.push(this.#count);
      this.#count += items.length;
    }
    this.version += 1;
    for (const listener of this.#listeners) listener();
  }
}

const endOf = (items: readonly EntryView[], next: string | null): EntryView | null =>
  next === null ? null : (items.at(-1) ?? null);

/** Rows that did not change stay the very objects they were, so that they are not drawn again. */
function keepSame(before: readonly EntryView[], now: readonly EntryView[]): readonly EntryView[] {
  const known = new Map(before.map((entry) => [entry.id, entry]));
  return now.map((entry) => {
    const same = known.get(entry.id);
    return same !== undefined && JSON.stringify(same) === JSON.stringify(entry) ? same : entry;
  });
}
