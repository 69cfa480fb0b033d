import { compileFilter, type Filter } from "../../../shared/filter/index.ts";
import type { Change, EventFeed } from "./feed.ts";
import { FilterIndex } from "./filter-index.ts";
import type { Item } from "./ring-buffer.ts";

/**
 * What a screen shows of the live events: those that fit a filter, newest first; while it stands still, only those up to
 * the moment it stopped. Gaps always fit.
 */
export class StreamView {
  version = 0;
  #index: FilterIndex;
  #filter: Filter = { items: [] };
  #stoppedAt: number | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly feed: EventFeed,
    private readonly now: () => number,
  ) {
    this.#index = this.#build();
  }

  /** Follows the feed. @returns the function that ends it */
  readonly attach = (): (() => void) => {
    this.#take({ cleared: true, changed: [] });
    return this.feed.onChange((change) => this.#take(change));
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getVersion = (): number => this.version;

  get stopped(): boolean {
    return this.#stoppedAt !== null;
  }

  /** How many rows there are to show. */
  get count(): number {
    return this.#stoppedAt === null ? this.#index.size : this.#index.upTo(this.#stoppedAt);
  }

  /** How many that fit came since it stopped. */
  get waiting(): number {
    return this.#index.size - this.count;
  }

  /** The item at a place from the top, where the newest is. */
  at(place: number): Item | undefined {
    const ordinal = this.#index.at(this.count - 1 - place);
    return ordinal === undefined ? undefined : this.feed.buffer.at(ordinal);
  }

  /** The place from the top of an event that is shown; null when it is not. */
  placeOf(seq: number): number | null {
    const ordinal = this.feed.buffer.ordinalOf(seq);
    if (ordinal === undefined) return null;
    const fits = this.#index.upTo(ordinal);
    return fits > 0 && this.#index.at(fits - 1) === ordinal && fits <= this.count ? this.count - fits : null;
  }

  stop(): void {
    if (this.#stoppedAt !== null) return;
    this.#stoppedAt = this.feed.buffer.next - 1;
    this.#tell();
  }

  go(): void {
    if (this.#stoppedAt === null) return;
    this.#stoppedAt = null;
    this.#tell();
  }

  setFilter(filter: Filter): void {
    this.#filter = filter;
    this.#index = this.#build();
    this.#tell();
  }

  takeUndecided(): { from: number; to: number } | null {
    return this.#index.takeUndecided();
  }

  confirm(seqs: readonly number[]): void {
    if (seqs.length === 0) return;
    this.#index.confirm(seqs);
    this.#tell();
  }

  #build(): FilterIndex {
    if (this.#filter.items.length === 0) return new FilterIndex(this.feed.buffer, () => "yes");
    const judge = compileFilter(this.#filter, { peers: this.feed.peers, now: this.now() });
    return new FilterIndex(this.feed.buffer, (item) => (item.kind === "gap" ? "yes" : judge(item.row)));
  }

  #take({ cleared, changed }: Change): void {
    if (cleared) this.#index = this.#build();
    this.#index.update();
    this.#index.reconsider(changed);
    this.#tell();
  }

  #tell(): void {
    this.version += 1;
    for (const listener of this.#listeners) listener();
  }
}
