import {
  type BreakerOutcome,
  type BreakerPolicy,
  type BreakerState,
  breaker,
  closedBreaker,
  permits,
} from "../../../../shared/rules/index.ts";

/** May a lane send: freely, one probe, or not now. */
export type Passage =
  | { readonly kind: "send" | "probe" }
  | { readonly kind: "wait"; readonly reason: string; readonly until: number | null };

/** What keeps a lane from sending, other than its peer's settings: its breaker, and waits of the whole lane. */
export class LaneGate {
  readonly #policy: BreakerPolicy;
  #breaker: BreakerState;
  #hold: { readonly until: number; readonly reason: string } | null = null;
  #gone = false;

  constructor(policy: BreakerPolicy, now: number) {
    this.#policy = policy;
    this.#breaker = closedBreaker(now);
  }

  get breaker(): BreakerState {
    return this.#breaker;
  }

  look(now: number): Passage {
    if (this.#gone) return { kind: "wait", reason: "peer_paused", until: null };
    const hold = this.#hold;
    if (hold !== null && now < hold.until) return { kind: "wait", ...hold };
    const permit = permits(this.#breaker, now);
    if (permit !== "wait") return { kind: permit };
    return { kind: "wait", reason: "breaker_open", until: this.#breaker.probeAt };
  }

  /** The peer was seen to be there again: the next probe need not wait for its time. */
  sighted(now: number): void {
    this.#breaker = breaker(this.#breaker, { kind: "sighted" }, now, this.#policy);
  }

  /** A probe is on its way. */
  probe(now: number): void {
    this.#breaker = breaker(this.#breaker, { kind: "probe" }, now, this.#policy);
  }

  /** @returns true when the breaker closed: the peer has recovered */
  learn(outcome: BreakerOutcome, now: number): boolean {
    const before = this.#breaker.phase;
    this.#breaker = breaker(this.#breaker, outcome, now, this.#policy);
    return before !== "closed" && this.#breaker.phase === "closed";
  }

  /** Nothing is sent until then. */
  hold(until: number, reason: string): void {
    this.#hold = { until, reason };
  }

  /** The peer said that it is gone: nothing is sent until its settings change. @returns false when that was known */
  close(): boolean {
    const news = !this.#gone;
    this.#gone = true;
    return news;
  }

  /** A probe may go at once, and a wait for our own network is over. What the peer asked for still holds. */
  hasten(now: number): void {
    if (this.#hold?.reason === "offline") this.#hold = null;
    if (this.#breaker.phase === "open") this.#breaker = { ...this.#breaker, probeAt: now };
  }

  /** Somebody mended the peer's settings: what was learned with the old ones does not count. */
  reset(now: number): void {
    this.#gone = false;
    this.#hold = null;
    this.#breaker = closedBreaker(now);
  }
}
