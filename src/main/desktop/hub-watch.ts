import type { OverviewView } from "../../shared/contract/index.ts";
import type { Running } from "./running.ts";

/** Changes come in bursts; the tray need not follow each. */
const PACE_MS = 1_000;
/** In case a change was missed. */
const AT_LEAST_EVERY_MS = 30_000;

/** Looks at the hub's overview after each change, at a pace, and tells what it saw; null when the hub cannot say. */
export class HubWatch {
  readonly #running: Running;
  readonly #tell: (seen: OverviewView | null) => void;
  readonly #unfollow: () => void;
  readonly #regular: NodeJS.Timeout;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(running: Running, tell: (seen: OverviewView | null) => void) {
    this.#running = running;
    this.#tell = tell;
    this.#unfollow = running.onChange(() => this.#soon());
    this.#regular = setInterval(() => this.#soon(), AT_LEAST_EVERY_MS);
    void this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#unfollow();
    clearInterval(this.#regular);
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #soon(): void {
    if (this.#stopped || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#look();
    }, PACE_MS);
  }

  async #look(): Promise<void> {
    const seen = await this.#running.overview().catch(() => null);
    if (!this.#stopped) this.#tell(seen);
  }
}
