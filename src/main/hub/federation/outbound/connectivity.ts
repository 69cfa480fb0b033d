import { networkInterfaces } from "node:os";
import { classifyAddress } from "./address-policy.ts";
import { type Failure, smellsOffline } from "./failure.ts";

/** For how long failures of several hosts count as happening together, milliseconds. */
const TOGETHER_MS = 60_000;

/**
 * Tells our own network's failures from a peer's. Ours it is when an error that could come from it meets a machine
 * without any interface but loopback, or meets several hosts within a minute with no success between. Then no attempt
 * is burned: an evening on a train must not use up the schedule.
 */
export class Connectivity {
  readonly #hasInterface: () => boolean;
  readonly #failing = new Map<string, number>();

  /** @param hasInterface is there an interface other than loopback? */
  constructor(hasInterface: () => boolean = hasExternalInterface) {
    this.#hasInterface = hasInterface;
  }

  /** A request to a host got no answer. @returns true when our own network is the likely cause */
  failed(host: string, failure: Failure, now: number): boolean {
    if (!smellsOffline(failure) || isLocal(host)) return false;
    this.#failing.set(host, now);
    for (const [other, at] of this.#failing) if (now - at > TOGETHER_MS) this.#failing.delete(other);
    return this.#failing.size > 1 || !this.#hasInterface();
  }

  /** A host answered: whatever fails elsewhere, the network works. */
  succeeded(host: string): void {
    if (this.#failing.size > 0 && !isLocal(host)) this.#failing.clear();
  }
}

function hasExternalInterface(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some((address) => !address.internal));
}

function isLocal(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || classifyAddress(host).class === "loopback";
}
