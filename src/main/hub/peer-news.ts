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

  constructor(registry: HubRegistry, admin: RegistryAdmin, onError: (error: unknown, doing: string) => void) {
    this.#registry = registry;
    this.#admin = admin;
    this.#onError = onError;
  }

  /** A peer has said in an answer that it takes batches, and perhaps which instance it is. */
  announced(no: number, instanceId: string | null): void {
    const peer = this.#registry.peerByNo(no);
    if (peer === undefined) return;
    const learned = peer.instanceId === null && instanceId !== null;
    if (peer.batches && !learned) return;
    const update: PeerUpdate = { batches: true, ...(learned ? { instanceId, instanceIdFrom: "health" } : {}) };
    void this.#write(`announced ${no}`, no, update);
  }

  /** The chains that a peer pushes end in this id. */
  async learned(no: number, instanceId: string): Promise<void> {
    if (this.#registry.peerByNo(no)?.instanceId !== null) return;
    await this.#write(`learned ${no}`, no, { instanceId, instanceIdFrom: "chain" });
  }

  /**
   * Whoever answers at a peer's address has said which instance it is. An id that a pairing, a person or the instance
   * itself gave is not replaced silently: the other one is noted, and nothing is exchanged until it is accepted.
   * @returns false when it is not the instance we know
   */
  async identified(no: number, instanceId: string): Promise<boolean> {
    const peer = this.#registry.peerByNo(no);
    if (peer === undefined) return true;
    const settled = peer.instanceId !== null && peer.instanceIdFrom !== "chain";
    if (!settled) {
      await this.#write(`identified ${no}`, no, { instanceId, instanceIdFrom: "health" });
      return true;
    }
    const same = peer.instanceId === instanceId;
    const strangerId = same ? null : instanceId;
    if (peer.strangerId !== strangerId) await this.#write(`stranger ${no}`, no, { strangerId });
    return same;
  }

  /** A peer answered that it is gone for good. */
  paused(no: number, reason: string): void {
    void this.#write(`paused ${no}`, no, { status: "paused", statusReason: reason });
  }

  async #write(what: string, no: number, update: PeerUpdate): Promise<void> {
    const peer = this.#registry.peerByNo(no);
    if (peer === undefined || this.#writing.has(what)) return;
    this.#writing.add(what);
    try {
      await this.#admin.updatePeer(peer.team, peer.id, update);
    } catch (error) {
      // The next answer of the peer says it again.
      this.#onError(error, `keeping what was learned of peer ${peer.name}`);
    } finally {
      this.#writing.delete(what);
    }
  }
}
