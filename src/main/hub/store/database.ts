import pg from "pg";
import { HubError } from "../errors.ts";

/** Anything statements can be sent to. */
export interface Queryable {
  query<R extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<R>>;
}

/** SQLSTATE classes and codes under which the database is not to be had right now, through no fault of the data. */
const UNAVAILABLE_CLASSES = new Set(["08", "53", "57", "58"]);
const UNAVAILABLE_CODES = new Set(["25006", "40001", "40P01", "55P03", "XX000"]);
const NETWORK_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOENT", "ETIMEDOUT", "EAI_AGAIN", "ENOTFOUND"]);

/** The SQLSTATE (or Node's network code) of an error from `pg`; null when it carries none. */
export function sqlState(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** True when the statement may work later: no connection, no disk space, shutting down, a deadlock. */
export function isUnavailable(error: unknown): boolean {
  const code = sqlState(error);
  if (code !== null)
    return UNAVAILABLE_CLASSES.has(code.slice(0, 2)) || UNAVAILABLE_CODES.has(code) || NETWORK_CODES.has(code);
  // `pg` reports a lost connection as a bare Error.
  return error instanceof Error && /connection|timeout|terminated|not queryable/i.test(error.message);
}

/** Wraps an error of the database for callers: `unavailable` when trying again can help, itself otherwise. */
export function toHubError(error: unknown): unknown {
  return isUnavailable(error) ? new HubError("unavailable", undefined, { retry_after_secs: 1 }, error) : error;
}

/**
 * The hub's connections: a pool for everything, and dedicated clients for those who ask for one. Connections that are
 * lost come back by themselves with the next statement.
 */
export class Database {
  readonly pool: pg.Pool;
  readonly config: pg.ClientConfig;

  /**
   * @param config where the database is
   * @param size most connections of the pool at a time
   * @param onError told of errors on idle connections, which nobody else would see
   */
  constructor(config: pg.ClientConfig, size: number, onError: (error: Error) => void) {
    this.config = { ...config, application_name: "kite-desktop", keepAlive: true, connectionTimeoutMillis: 5_000 };
    this.pool = new pg.Pool({ ...this.config, max: size, idleTimeoutMillis: 30_000, statement_timeout: 30_000 });
    this.pool.on("error", onError);
  }

  /** Runs one statement. @throws the error of `pg`; see {@link toHubError} */
  query<R extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<R>> {
    return this.pool.query<R>(query);
  }

  /**
   * Runs `work` in one transaction on one connection; rolls back when it throws. When the connection is lost, so does the
   * statement at work or the next one.
   */
  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    // The pool does not listen while the client is out, and an error that nobody hears ends the process.
    const onLost = (error: Error): void => {
      broken = error;
    };
    client.on("error", onLost);
    try {
      await client.query("BEGIN");
      const result = await work(client);
      await client.query("COMMIT");
      return result;
    } catch (error) {
      try {
        await client.query("ROLLBACK");
      } catch (rollbackError) {
        broken ??= rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError));
      }
      throw error;
    } finally {
      // A client that is broken is not given out again; until it is closed, there may be more to hear of it.
      if (broken === undefined) client.off("error", onLost);
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
