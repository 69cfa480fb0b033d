import type { Dispatcher } from "undici";
import type { Target } from "./sending.ts";

/** One answer to a posted request. */
export interface Answer {
  readonly status: number;
  /** Empty unless it was asked for. */
  readonly body: string;
}

const BATCH = "application/cloudevents-batch+json";
const ACCEPTED = '"status":"accepted"';

/** What all requests of a run have in common. */
export class Posting {
  readonly origin: string;
  readonly #path: string;
  readonly #headers: Record<string, string>;
  readonly #batch: number;

  constructor(target: Target, batch: number) {
    const url = new URL(target.url);
    this.origin = url.origin;
    this.#path = url.pathname + url.search;
    this.#headers = { "content-type": batch > 1 ? BATCH : target.contentType };
    this.#batch = batch;
  }

  /** Whether answers have to be read to know what was accepted. */
  get readsBodies(): boolean {
    return this.#batch > 1;
  }

  request(body: string): Dispatcher.DispatchOptions {
    return { method: "POST", path: this.#path, headers: this.#headers, body };
  }

  /** @param make makes the next event */
  body(make: () => string): string {
    if (this.#batch === 1) return make();
    return `[${Array.from({ length: this.#batch }, make).join(",")}]`;
  }

  /** How many events an answer says are stored. 202 is one event; a batch's answer has a result for each. */
  accepted({ status, body }: Answer): number {
    if (this.#batch === 1) return status === 202 ? 1 : 0;
    return status === 200 || status === 202 ? body.split(ACCEPTED).length - 1 : 0;
  }
}

/** Receives one answer after another. Kept as lean as undici allows: the generator shares the machine with the rest. */
export abstract class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #readsBody: boolean;
  #status = 0;
  #chunks: Buffer[] = [];

  constructor(readsBody: boolean) {
    this.#readsBody = readsBody;
  }

  abstract answered(answer: Answer): void;
  abstract failed(error: Error): void;

  onRequestStart(): void {
    this.#chunks = [];
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#readsBody) this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.answered({ status: this.#status, body: this.#readsBody ? Buffer.concat(this.#chunks).toString() : "" });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.failed(error);
  }
}
