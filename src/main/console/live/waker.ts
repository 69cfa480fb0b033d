/** Lets one feed sleep until there is something to send, or nobody to send it to. */
export class Waker {
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.wake();
  #awake = false;
  #resolve: (() => void) | null = null;

  /** @param signal aborted when the reader is gone */
  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort);
  }

  wake(): void {
    this.#awake = true;
    this.#resolve?.();
  }

  /**
   * Resolves at the next wake, at once if that was since the last wait, or after `ms`.
   * @returns false when the reader is gone
   */
  async wait(ms?: number): Promise<boolean> {
    if (!this.#awake && this.#signal?.aborted !== true) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        if (ms !== undefined) timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
      this.#resolve = null;
    }
    this.#awake = false;
    return this.#signal?.aborted !== true;
  }

  close(): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}
