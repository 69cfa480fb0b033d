import type { OnSettled } from "./federation/outbound/index.ts";
import type { LogEvent } from "./model.ts";
import type { DropRow, EntryRow } from "./store/accept-batch.ts";

/** Something that happens, and those who want to know of it. With nobody listening it costs nothing. */
export class Signal<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Calls `listener` synchronously each time; it must not throw. Returns the function that ends it. */
  on(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
}

/** A commit of this process: its events, and what routing decided about them. `ord` counts them from 1. */
export interface Committed {
  readonly events: readonly LogEvent[];
  readonly entries: readonly (EntryRow & { readonly leased: boolean })[];
  readonly drops: readonly Pick<DropRow, "ord" | "peer" | "reason">[];
}

/** What happens in this hub process, for those who show it. */
export class HubNews {
  readonly committed = new Signal<Committed>();
  /** Outcomes of entries that were on their way, once they are written. */
  readonly settled = new Signal<Parameters<OnSettled>[0]>();
  /** Entries or drops of these events were changed in some other way; null: of many events. */
  readonly touched = new Signal<readonly number[] | null>();
  /** An event came once more. */
  readonly arrived = new Signal<readonly number[]>();
  readonly refused = new Signal<void>();
  readonly sessions = new Signal<void>();
  readonly replays = new Signal<void>();
  readonly stopping = new Signal<void>();
}
