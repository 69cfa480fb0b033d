/** What has to be ended or removed again, in the reverse order of its making. */
export class Resources {
  readonly #stack: { name: string; release: () => Promise<unknown> }[] = [];
  #released = false;

  /**
   * @param release must do no harm when what it releases has ended already
   * @throws Error when everything was released already; what comes too late is released at once
   */
  defer(name: string, release: () => Promise<unknown>): void {
    this.#stack.push({ name, release });
    if (!this.#released) return;
    this.release().catch(console.error);
    throw new Error(`${name} was started when everything was to end`);
  }

  /** Releases everything, whatever fails on the way; failures are printed. */
  async release(): Promise<void> {
    this.#released = true;
    for (let next = this.#stack.pop(); next !== undefined; next = this.#stack.pop()) {
      try {
        await next.release();
      } catch (error) {
        console.error(`${next.name} could not be released:`, error);
      }
    }
  }
}
