import type { Cursor } from "../store/cursors.ts";

/**
 * How far one connection has come: what was considered for it, what was sent, what was acknowledged. Seqs, all of them.
 */
export class Progress {
  #position: number;
  #acked: number;
  #lastSent = 0;
  #sent = 0;

  /**
   * @param position where the connection starts
   * @param acked what the listener has acknowledged before
   */
  constructor(position: number, acked: number) {
    this.#position = position;
    this.#acked = acked;
  }

  /** Every event up to here was sent, or was not for this listener. */
  get position(): number {
    return this.#position;
  }

  get acked(): number {
    return this.#acked;
  }

  /** How many events were sent. */
  get sent(): number {
    return this.#sent;
  }

  /** The log was considered up to `position`; `count` events of it were sent, the last of them being `lastSent`. */
  advance(position: number, count = 0, lastSent = 0): void {
    this.#position = position;
    if (count === 0) return;
    this.#sent += count;
    this.#lastSent = lastSent;
  }

  /**
   * The client says that everything up to `seq` is done. Clients acknowledge late, twice, and numbers of their own making
   * (kite-wire.md 6.3): what was not sent on this connection cannot be acknowledged on it, so no event is skipped.
   * @returns whether the cursor moves
   */
  ack(seq: number): boolean {
    const reached = Math.min(seq, this.#lastSent);
    if (reached <= this.#acked) return false;
    this.#acked = reached;
    return true;
  }

  /**
   * What to remember. When all that was sent is acknowledged, nothing up to `position` was left for this listener: a
   * listener whose scopes seldom match does not read the same stretch of the log again and again, nor loses its place
   * to retention.
   */
  cursor(scopes: readonly string[]): Cursor {
    return { seq: this.#acked, passed: this.#acked >= this.#lastSent ? this.#position : 0, scopes };
  }
}
