/** Events of one type, published at one hub until it is stopped. */
export interface Generator {
  readonly at: string;
  readonly type: string;
  readonly perSecond: number;
}

/** Publishes over and over: at most one generator for each hub. */
export class Traffic {
  readonly #publish: (generator: Generator) => Promise<void>;
  readonly #running = new Map<string, { readonly generator: Generator; timer: ReturnType<typeof setTimeout> | null }>();

  constructor(publish: (generator: Generator) => Promise<void>) {
    this.#publish = publish;
  }

  get running(): readonly Generator[] {
    return [...this.#running.values()].map(({ generator }) => generator);
  }

  start(generator: Generator): void {
    this.stop(generator.at);
    const running = { generator, timer: null as ReturnType<typeof setTimeout> | null };
    this.#running.set(generator.at, running);
    const began = performance.now();
    let sent = 0;
    const next = async (): Promise<void> => {
      sent++;
      try {
        await this.#publish(generator);
      } catch {
        // A hub that does not take it now may take the next one: a generator ends only when it is told to.
      }
      if (this.#running.get(generator.at) !== running) return;
      const due = began + (sent / generator.perSecond) * 1_000 - performance.now();
      running.timer = setTimeout(() => void next(), Math.max(0, due));
    };
    void next();
  }

  /** @returns false when nothing was generated there */
  stop(at: string): boolean {
    const running = this.#running.get(at);
    if (running === undefined) return false;
    if (running.timer !== null) clearTimeout(running.timer);
    return this.#running.delete(at);
  }

  end(): void {
    for (const { at } of this.running) this.stop(at);
  }
}
