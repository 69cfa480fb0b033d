import { useSyncExternalStore } from "react";
import { useHub } from "./hub.tsx";

/** One timer for all that shows how long ago or how long until. */
class Ticker {
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | null = null;
  #second = Math.floor(Date.now() / 1_000);

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => {
      this.#second = Math.floor(Date.now() / 1_000);
      for (const each of this.#listeners) each();
    }, 1_000);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
  };

  readonly second = (): number => this.#second;
}

const ticker = new Ticker();

/** The hub's clock, in milliseconds, again each second. */
export function useNow(): number {
  const { clock } = useHub();
  useSyncExternalStore(ticker.subscribe, ticker.second);
  return clock.now();
}
