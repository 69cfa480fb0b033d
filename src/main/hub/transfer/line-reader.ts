import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import { createGunzip, type Gunzip } from "node:zlib";
import { damaged, foreign, truncated } from "./transfer-error.ts";

/** An event has 256 KiB of data; a line that is longer than this was not written by us. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** Reads lines through gunzip, and knows the digest of all lines but the last one read. */
export class LineReader {
  readonly #gunzip: Gunzip = createGunzip();
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #hash: Hash = createHash("sha256");
  #rest: Buffer[] = [];
  #pending: Buffer | null = null;
  #last: Buffer | null = null;

  constructor(source: Readable) {
    // Errors come to whoever reads next; after the last reading they are nobody's.
    this.#gunzip.on("error", () => undefined);
    source.once("error", (error) => this.#gunzip.destroy(error));
    source.pipe(this.#gunzip);
    this.#chunks = this.#gunzip[Symbol.asyncIterator]();
  }

  /** SHA-256 over everything before the last line that was read, in hex. */
  get digestBefore(): string {
    return this.#hash.copy().digest("hex");
  }

  /**
   * The next line, without its line feed; null at the end.
   * @throws TransferError when the file is damaged, cut off or no gzip; the source's own error
   */
  async next(): Promise<string | null> {
    if (this.#last !== null) this.#hash.update(this.#last);
    this.#last = await this.#read();
    return this.#last === null ? null : this.#last.toString("utf8", 0, this.#last.length - 1);
  }

  close(): void {
    this.#gunzip.destroy();
  }

  async #read(): Promise<Buffer | null> {
    let length = 0;
    for (;;) {
      const chunk = await this.#chunk();
      if (chunk === null) {
        if (this.#rest.length > 0) throw truncated();
        return null;
      }
      const end = chunk.indexOf(0x0a) + 1;
      if (end === 0) {
        this.#rest.push(chunk);
        length += chunk.length;
        if (length > LONGEST_LINE) throw damaged("a line has no end");
        continue;
      }
      const line = Buffer.concat([...this.#rest, chunk.subarray(0, end)]);
      this.#rest = [];
      this.#pending = end < chunk.length ? chunk.subarray(end) : null;
      return line;
    }
  }

  async #chunk(): Promise<Buffer | null> {
    if (this.#pending !== null) {
      const chunk = this.#pending;
      this.#pending = null;
      return chunk;
    }
    try {
      const { done, value } = await this.#chunks.next();
      return done === true ? null : value;
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): unknown {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "Z_BUF_ERROR") return truncated(error);
    if (code !== "Z_DATA_ERROR" || !(error instanceof Error)) return error;
    return error.message === "incorrect header check" ? foreign(error) : damaged("its bytes were altered", error);
  }
}
