import { createHash, type Hash } from "node:crypto";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** Rows compress well at any level; the fastest keeps up with PostgreSQL. */
const LEVEL = 1;

/** Writes lines through gzip into a sink, no faster than the sink takes them, and knows the digest of all of them. */
export class LineWriter {
  readonly #gzip = createGzip({ level: LEVEL });
  readonly #hash: Hash = createHash("sha256");
  readonly #sink: Writable;
  readonly #done: Promise<void>;

  constructor(sink: Writable) {
    this.#sink = sink;
    // Its errors are the sink's, which come by `#done`.
    this.#gzip.on("error", () => undefined);
    this.#gzip.pipe(sink);
    this.#done = finished(sink);
    sink.once("error", (error) => this.#gzip.destroy(error));
    // Whoever writes next, or ends, learns of it.
    this.#done.catch(() => undefined);
  }

  /** SHA-256 over everything written so far, in hex. */
  get digest(): string {
    return this.#hash.copy().digest("hex");
  }

  /** @throws the sink's error */
  async write(lines: readonly string[]): Promise<void> {
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    this.#hash.update(bytes);
    if (this.#gzip.destroyed) return this.#done;
    if (!this.#gzip.write(bytes)) await Promise.race([once(this.#gzip, "drain"), this.#done]);
  }

  /** Resolves when the sink has everything. @throws the sink's error */
  async end(): Promise<void> {
    this.#gzip.end();
    await this.#done;
  }

  /** Gives up, leaving the sink unfinished. */
  abort(): void {
    this.#gzip.destroy();
    this.#sink.destroy();
  }
}
