import pg from "pg";

/**
 * One connection for statements that must not wait behind others, opened when it is first needed and again after it
 * was lost. Statements are sent at once, also behind one that is under way, and made one after the other. One that
 * outlasts the limit costs the connection: nobody knows any more what the server is doing.
 */
export class Writer {
  readonly #config: pg.ClientConfig;
  readonly #timeoutMs: number;
  #client: Promise<pg.Client> | null = null;

  /** @param timeoutMs how long one statement may take before it counts as lost */
  constructor(config: pg.ClientConfig, timeoutMs = 15_000) {
    this.#config = config;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws the error of `pg`; a caller finds out with `isUnavailable` whether trying again can help */
  async query<R extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<R>> {
    this.#client ??= this.#open();
    const client = await this.#client;
    let timer: NodeJS.Timeout | undefined;
    const lost = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`connection given up: a statement took longer than ${this.#timeoutMs} ms`));
        // With a statement under way, `end` closes the socket at once instead of waiting for the server.
        void client.end();
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([client.query<R>(query), lost]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    // It may never have opened, or be gone already; either way there is nothing left to close.
    await client?.then((opened) => opened.end()).catch(() => undefined);
  }

  #open(): Promise<pg.Client> {
    // The statements are few and the same for ever: planning them for each set of values would cost more than it finds.
    const client = new pg.Client({ ...this.#config, pipeline: true, options: "-c plan_cache_mode=force_generic_plan" });
    const opening = client.connect().then(() => client);
    const forget = (): void => {
      if (this.#client === opening) this.#client = null;
    };
    client.on("error", forget);
    client.on("end", forget);
    opening.catch(forget);
    return opening;
  }
}
