import type { BreakerPolicy, RetryPolicy } from "../../../../shared/rules/index.ts";
import type { Peer } from "../../model.ts";
import { LaneBatching } from "./lane-batching.ts";
import { LaneGate, type Passage } from "./lane-gate.ts";
import { retryPolicyOf } from "./retry-policy.ts";

const STOPPING: Passage = { kind: "wait", reason: "stopping", until: null };
const PAUSED: Passage = { kind: "wait", reason: "peer_paused", until: null };

/**
 * How a lane stands to its peer: by which settings, in which phase of its own life, after what the peer has answered. From
 * that it follows whether anything may be sent. No I/O, and no clock of its own.
 */
export class LaneStanding {
  readonly gate: LaneGate;
  readonly batches = new LaneBatching();
  #peer: Peer;
  #policy: RetryPolicy;
  #mended = 0;
  #stopping = false;
  #removed = false;

  constructor(peer: Peer, breaker: BreakerPolicy, now: number) {
    this.#peer = peer;
    this.#policy = retryPolicyOf(peer);
    this.gate = new LaneGate(breaker, now);
  }

  /** The peer's settings of now. */
  get peer(): Peer {
    return this.#peer;
  }

  get policy(): RetryPolicy {
    return this.#policy;
  }

  /** Grows when somebody mends the peer's settings: answers to what went out before say nothing about the peer of now. */
  get mended(): number {
    return this.#mended;
  }

  /** The lane's own end has begun: what is broken off now is broken off by this hub. */
  get leaving(): boolean {
    return this.#stopping || this.#removed;
  }

  /** Why nothing is wanted at this peer any more; null while it is. */
  get ended(): string | null {
    if (this.#removed) return "peer_deleted";
    return this.#peer.status === "revoked" ? "peer_revoked" : null;
  }

  /** @param now milliseconds since the epoch */
  batching(now: number): boolean {
    return this.batches.allowed(this.#peer, now);
  }

  /** @param now milliseconds since the epoch */
  passage(now: number): Passage {
    const { ended } = this;
    if (ended !== null) return { kind: "wait", reason: ended, until: null };
    if (this.#stopping) return STOPPING;
    if (this.#peer.status === "paused" || this.#peer.strangerId !== null) return PAUSED;
    return this.gate.look(now);
  }

  /** Takes the peer's new settings. @returns true when they may mend what kept the peer from being reached */
  update(peer: Peer, now: number): boolean {
    const before = this.#peer;
    this.#peer = peer;
    this.#policy = retryPolicyOf(peer);
    const mended =
      peer.status !== before.status ||
      peer.hookUrl !== before.hookUrl ||
      peer.outboundToken !== before.outboundToken ||
      peer.allowPrivate !== before.allowPrivate ||
      peer.strangerId !== before.strangerId;
    if (!mended) return false;
    this.#mended++;
    this.gate.reset(now);
    this.batches.reset();
    return true;
  }

  /** The hub stops. */
  stop(): void {
    this.#stopping = true;
  }

  /** The peer was deleted. */
  remove(): void {
    this.#removed = true;
  }
}
