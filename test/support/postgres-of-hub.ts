import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";

/** The embedded server of a hub's data folder, seen from outside: its processes and its tables. */
export class PostgresOfHub {
  readonly #home: string;

  constructor(dataDir: string) {
    this.#home = join(dataDir, "postgres");
  }

  /** The pid of the server. @throws when there is none */
  async pid(): Promise<number> {
    return (await this.#pidFile()).pid;
  }

  /** The pids of the server and of everything it runs, those that serve connections included. */
  async pids(): Promise<number[]> {
    const rows = await this.query<{ pid: number }>("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()");
    return [await this.pid(), ...rows.map(({ pid }) => pid)];
  }

  /** Runs one statement on a connection of its own. @throws when the server is not to be had */
  async query<T extends Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    const { port, socketFolder } = await this.#pidFile();
    const password = (await readFile(join(this.#home, "password"), "utf8")).trim();
    const client = new pg.Client({
      host: socketFolder === "" ? "127.0.0.1" : socketFolder,
      port,
      user: "kite",
      database: "kite",
      password,
      connectionTimeoutMillis: 5_000,
      query_timeout: 10_000,
    });
    // A server that is killed breaks the connection outside of any statement too.
    client.on("error", () => undefined);
    try {
      await client.connect();
      return (await client.query<T>(text, [...values])).rows;
    } finally {
      // Not awaited: on a connection that a killed server left half open, the end may never be confirmed.
      client.end().catch(() => undefined);
    }
  }

  /** postmaster.pid: pid, data folder, start, port, socket folder, address, … one on each line. */
  async #pidFile(): Promise<{ pid: number; port: number; socketFolder: string }> {
    const lines = (await readFile(join(this.#home, "data", "postmaster.pid"), "utf8")).split("\n");
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    if (!(pid > 0) || !(port > 0)) throw new Error(`PostgreSQL in ${this.#home} is not up`);
    return { pid, port, socketFolder: lines[4]?.trim() ?? "" };
  }
}

/** Sends a signal to processes some of which may be gone already. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

/** Does this process run? One that is dead and not yet collected by its parent does not count as running on Linux. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== "linux") return true;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return stat !== null && !/\) [ZX] /.test(stat);
}
