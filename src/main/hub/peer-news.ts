import type { Peer } from "./model.ts";
import type { HubRegistry, PeerUpdate, RegistryAdmin } from "./registry/index.ts";

/**
 * Writes down what traffic teaches about peers: that one takes batches, its instance id, that it wants no more. Each
 * is written once, however many requests say it at a time.
 */
export class PeerNews {
  readonly #registry: HubRegistry;
  readonly #admin: RegistryAdmin;
  readonly #onError: (error: unknown, doing: string) => void;
  readonly #writing = new Set<string>();
  #last: Promise<void> = Promise.resolve();

  constructor(registry: HubRegistry, admin: RegistryAdmin, onError: (error: unknown, doing: string) => void) {
    this.#registry = registry;
    this.#admin = admin;
    this.#onError = onError;
  }

  /** A peer has said in an answer that it takes batches, and perhaps which instance it is. */
  announced(no: number, instanceId: string | null): void {
    void this.#write(`announced ${no}`, no, (peer) => {
      const learned = peer.instanceId === null && instanceId !== null;
      if (peer.batches && !learned) return null;
      return { batches: true, ...(learned ? { instanceId, instanceIdFrom: "health" } : {}) };
    });
  }

  /** The chains that a peer pushes end in this id. */
  async learned(no: number, instanceId: string): Promise<void> {
    await this.#write(`learned ${no}`, no, (peer) =>
      peer.instanceId === null ? { instanceId, instanceIdFrom: "chain" } : null,
    );
  }

  /**
   * Whoever answers at a peer's address has said which instance it is. An id that a pairing, a person or the instance
   * itself gave is not replaced silently: the other one is noted, and nothing is exchanged until it is accepted.
   * @returns false when it is not the instance we know
   */
  async identified(no: number, instanceId: string): Promise<boolean> {
    const settled = (peer: Peer): boolean => peer.instanceId !== null && peer.instanceIdFrom !== "chain";
    await this.#write(`identified ${no}`, no, (peer) => {
      if (!settled(peer)) return { instanceId, instanceIdFrom: "health" };
      const strangerId = peer.instanceId === instanceId ? null : instanceId;
      return peer.strangerId === strangerId ? null : { strangerId };
    });
    const peer = this.#registry.peerByNo(no);
    return peer === undefined || !settled(peer) || peer.instanceId === instanceId;
  }

  /** A peer answered that it is gone for good. */
  paused(no: number, reason: string): void {
    void this.#write(`paused ${no}`, no, () => ({ status: "paused", statusReason: reason }));
  }

  /**
   * Writes what is new, one thing after the other: a change of the registry costs every batch that is on its way another
   * round, so what an earlier write has said already is not written again. Most of it is said with every request, and
   * what is known must not cost more than a look.
   */
  async #write(what: string, no: number, news: (peer: Peer) => PeerUpdate | null): Promise<void> {
    const isNews = (): PeerUpdate | null => {
      const peer = this.#registry.peerByNo(no);
      return peer === undefined ? null : news(peer);
    };
    if (this.#writing.has(what) || isNews() === null) return;
    this.#writing.add(what);
    const write = this.#last.then(async () => {
      const peer = this.#registry.peerByNo(no);
      const update = isNews();
      if (peer === undefined || update === null) return;
      try {
        await this.#admin.updatePeer(peer.team, peer.id, update);
      } catch (error) {
        // The next answer of the peer says it again.
        this.#onError(error, `keeping what was learned of peer ${peer.name}`);
      }
    });
    this.#last = write;
    await write;
    this.#writing.delete(what);
  }
}
