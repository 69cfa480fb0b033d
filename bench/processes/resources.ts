/** What has to be ended or removed again, in the reverse order of its making. */
export class Resources {
  readonly #stack: { name: string; release: () => Promise<unknown> }[] = [];

  /** @param release must do no harm when what it releases has ended already */
  defer(name: string, release: () => Promise<unknown>): void {
    this.#stack.push({ name, release });
  }

  /** Releases everything, whatever fails on the way; failures are printed. */
  async release(): Promise<void> {
    for (let next = this.#stack.pop(); next !== undefined; next = this.#stack.pop()) {
      try {
        await next.release();
      } catch (error) {
        console.error(`${next.name} could not be released:`, error);
      }
    }
  }
}
