/** How long a commit is put off at most. Node's timers have a resolution of a millisecond. */
const LINGER_MS = 2;
/** Events that are worth a commit at once. */
const ENOUGH = 8;

/**
 * Puts commits off a little when events come faster than commits end: what a commit costs beside its rows is most of the
 * cost of a small one, here and at every hub behind. An event that comes while nothing is being committed never waits,
 * so a slow stream, or a sender that waits for each answer, does not pay for it.
 */
export class Linger {
  #missing = 0;
  #end: (() => void) | null = null;

  /**
   * Called after a commit. Resolves when the next one should begin.
   * @param committed how many events it had. Their senders may send again now that they are answered; once as many came,
   *   nobody else is to be expected
   * @param waiting events that came meanwhile
   */
  async wait(committed: number, waiting: number): Promise<void> {
    if (waiting === 0 || waiting >= ENOUGH) return;
    this.#missing = Math.min(committed, ENOUGH - waiting);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LINGER_MS);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#end = null;
  }

  /** An event came. */
  arrived(): void {
    if (this.#end !== null && --this.#missing <= 0) this.#end();
  }

  /** There is no time to wait. */
  hurry(): void {
    this.#end?.();
  }
}
