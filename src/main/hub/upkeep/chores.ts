/** Work that comes round again: each at its own pace, never twice at a time, and none of it ends the process. */
export class Chores {
  readonly #onError: (error: unknown, doing: string) => void;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(onError: (error: unknown, doing: string) => void) {
    this.#onError = onError;
  }

  every(ms: number, doing: string, work: () => Promise<void>): void {
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      const run = work()
        .catch((error) => this.#onError(error, doing))
        .finally(() => {
          busy = false;
          this.#running.delete(run);
        });
      this.#running.add(run);
    }, ms);
    timer.unref();
    this.#timers.push(timer);
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    await Promise.all(this.#running);
  }
}
