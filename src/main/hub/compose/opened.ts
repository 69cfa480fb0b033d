/** What has to be closed again, in reverse order, each step whatever became of the one before. */
export class Opened {
  readonly #steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  async close(onError: (error: unknown) => void = () => undefined): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        onError(error);
      }
    }
  }
}
