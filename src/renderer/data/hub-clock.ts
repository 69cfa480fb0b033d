import type { HubState } from "../../shared/contract/index.ts";

/** What the hub last said of itself, and how far its clock is from ours. */
export class HubClock {
  state: HubState | null = null;
  /** Hub's clock minus ours, in milliseconds. */
  offset = 0;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): HubState | null => this.state;

  readonly now = (): number => Date.now() + this.offset;

  tell(state: HubState): void {
    this.state = state;
    this.offset = state.now - Date.now();
    for (const listener of this.#listeners) listener();
  }
}
