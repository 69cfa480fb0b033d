import type { Peer } from "../../model.ts";

/** Keeps a peer's instance id, learned from the chains it pushes; the registry has it when this resolves. */
export type OnLearn = (peerNo: number, instanceId: string) => Promise<void>;

/**
 * Learns the instance ids of peers whose id is unknown from the last id of the chains they push, once each. An id that
 * is known is never replaced: another one is an integrity issue of the event, for a person to look at.
 */
export class InstanceLearner {
  readonly #onLearn: OnLearn;
  /** Learned, and perhaps not in the registry yet. */
  readonly #learned = new Map<number, string>();

  constructor(onLearn: OnLearn) {
    this.#onLearn = onLearn;
  }

  idOf(peer: Peer): string | null {
    if (peer.instanceId === null) return this.#learned.get(peer.no) ?? null;
    this.#learned.delete(peer.no);
    return peer.instanceId;
  }

  /** Returns at once; when the id cannot be kept now, the next chain teaches it again. */
  learn(peer: Peer, instanceId: string): void {
    if (peer.instanceId !== null || this.#learned.has(peer.no)) return;
    this.#learned.set(peer.no, instanceId);
    this.#onLearn(peer.no, instanceId).catch(() => this.#learned.delete(peer.no));
  }
}
