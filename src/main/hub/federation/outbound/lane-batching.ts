import type { Peer } from "../../model.ts";
import { announcesBatches } from "./answers.ts";
import type { Answer } from "./peer-client.ts";

/** A peer that announced batches and refused one gets singles for so long. */
const OFF_MS = 600_000;

/** Whether a peer gets batches: it must have announced that it takes them, and a refusal suspends them. */
export class LaneBatching {
  #announced = false;
  #offUntil = 0;

  allowed(peer: Peer, now: number): boolean {
    return (peer.batches || this.#announced) && !peer.ordered && now >= this.#offUntil;
  }

  /** @returns true when the answer announces batches, and none before it did */
  learn(answer: Answer): boolean {
    if (this.#announced || !announcesBatches(answer)) return false;
    this.#announced = true;
    return true;
  }

  refused(now: number): void {
    this.#offUntil = now + OFF_MS;
  }

  /** Somebody mended the peer's settings: it may be another server. */
  reset(): void {
    this.#announced = false;
    this.#offUntil = 0;
  }
}
