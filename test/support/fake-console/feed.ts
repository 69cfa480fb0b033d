import type { EventRow, StreamMessage } from "../../../src/shared/contract/index.ts";

/** What one who listens has not taken yet. */
class Queue<T> {
  readonly #waiting: T[] = [];
  #wake: () => void = () => {};

  push(value: T): void {
    this.#waiting.push(value);
    this.#wake();
  }

  async *read(signal: AbortSignal | undefined): AsyncGenerator<T, void, void> {
    signal?.addEventListener("abort", () => this.#wake(), { once: true });
    while (signal?.aborted !== true) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else
        await new Promise<void>((wake) => {
          this.#wake = wake;
        });
    }
  }
}

/** A value that many follow. */
export class Broadcast<T> {
  readonly #queues = new Set<Queue<T>>();

  send(value: T): void {
    for (const queue of this.#queues) queue.push(value);
  }

  async *follow(first: readonly T[], signal: AbortSignal | undefined): AsyncGenerator<T, void, void> {
    const queue = new Queue<T>();
    this.#queues.add(queue);
    try {
      yield* first;
      yield* queue.read(signal);
    } finally {
      this.#queues.delete(queue);
    }
  }
}

/** The log of the fake hub: which rows there are, and who follows them. */
export class FakeLog {
  readonly rows: EventRow[] = [];
  readonly stream = new Broadcast<StreamMessage>();

  add(rows: readonly EventRow[]): void {
    this.rows.push(...rows);
    this.stream.send({ kind: "rows", rows: [...rows] });
  }

  get head(): number {
    return this.rows.at(-1)?.seq ?? 0;
  }
}
