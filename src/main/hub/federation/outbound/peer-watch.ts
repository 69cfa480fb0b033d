import type { Failure, FailureKind } from "./failure.ts";

/** A peer that is away is looked for after a tenth of the time it has been away, within these bounds. Milliseconds. */
const SOONEST_MS = 1_000;
const LATEST_MS = 30_000;
const SHARE = 10;

/** What says that nobody is there. A peer that hangs may be there, and what refuses our own address or TLS is no absence. */
const ABSENT: ReadonlySet<FailureKind> = new Set(["dns", "refused", "unreachable", "reset"]);

/**
 * Notices that a peer which could not be reached is there again, long before its breaker would try: a request for its
 * health costs it next to nothing, an event that fails is an attempt. Only the news counts, away and then there: a peer
 * that answers this and nothing else is left to the breaker.
 */
export class PeerWatch {
  readonly #answers: () => Promise<boolean>;
  /** When it stopped answering; null when the last request had an answer. */
  #silentSince: number | null = null;
  #absent = false;
  #lookedAt = 0;
  #looking = false;

  /** @param answers asks the peer for a sign of life; must not reject */
  constructor(answers: () => Promise<boolean>) {
    this.#answers = answers;
  }

  /** Nobody was there when it was last tried or looked for. */
  get absent(): boolean {
    return this.#absent;
  }

  /** A request came to this end: an answer, or the lack of one. */
  heard(failure: Failure | null, now: number): void {
    if (failure === null) {
      this.#silentSince = null;
      this.#absent = false;
      return;
    }
    this.#silentSince ??= now;
    this.#absent ||= ABSENT.has(failure.kind);
  }

  /** Looks for a peer that is not sent to, when it is time to. @returns true when it was away and is there again */
  async look(now: number): Promise<boolean> {
    if (this.#silentSince === null || this.#looking) return false;
    const pause = Math.min(Math.max((now - this.#silentSince) / SHARE, SOONEST_MS), LATEST_MS);
    if (now - Math.max(this.#lookedAt, this.#silentSince) < pause) return false;
    this.#lookedAt = now;
    this.#looking = true;
    const there = await this.#answers();
    this.#looking = false;
    const news = there && this.#absent;
    this.#absent = !there;
    return news;
  }
}
