import { networkInterfaces } from "node:os";

export interface NetworkWatchOptions {
  /** The network has changed, or this machine was asleep: what waits for its next try need not wait any longer. */
  readonly onChange: (why: "woke" | "network") => void;
  /** Milliseconds of a clock that goes on while the machine sleeps. */
  readonly now?: () => number;
  /** The addresses this machine has, as a text to compare. */
  readonly addresses?: () => string;
  readonly everyMs?: number;
}

const EVERY_MS = 2_000;
/** A timer that is later than this was not merely delayed by work. */
const ASLEEP_MS = 10_000;

/**
 * Notices that a laptop was opened or changed its network. No platform tells Node so; but a timer that comes far too late
 * has slept, and an address that came or went is a network that changed. Electron is told, and passes it on: {@link woke}.
 */
export class NetworkWatch {
  readonly #o: NetworkWatchOptions;
  readonly #now: () => number;
  readonly #addresses: () => string;
  readonly #timer: NodeJS.Timeout;
  #lookedAt: number;
  #known: string;

  constructor(options: NetworkWatchOptions) {
    this.#o = options;
    this.#now = options.now ?? Date.now;
    this.#addresses = options.addresses ?? addressesOfThisMachine;
    this.#lookedAt = this.#now();
    this.#known = this.#addresses();
    this.#timer = setInterval(() => this.look(), options.everyMs ?? EVERY_MS);
    this.#timer.unref();
  }

  /** Compares now with the last look. */
  look(): void {
    const { onChange, everyMs = EVERY_MS } = this.#o;
    const now = this.#now();
    const late = now - this.#lookedAt - everyMs;
    this.#lookedAt = now;
    const addresses = this.#addresses();
    const moved = addresses !== this.#known;
    this.#known = addresses;
    if (late > ASLEEP_MS) onChange("woke");
    // A machine that has just lost its last address has nothing to try over.
    else if (moved && addresses !== "") onChange("network");
  }

  /** The system has told that this machine woke up: so it need not be found out again. */
  woke(): void {
    this.#lookedAt = this.#now();
    this.#known = this.#addresses();
    this.#o.onChange("woke");
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function addressesOfThisMachine(): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, addresses]) =>
      (addresses ?? []).filter(({ internal }) => !internal).map(({ address }) => `${name} ${address}`),
    )
    .sort()
    .join(",");
}
