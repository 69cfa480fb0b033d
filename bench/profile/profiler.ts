import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Resources } from "../processes/resources.ts";
import type { FoundServer } from "../systems/hub-postgres.ts";
import { startServer } from "../systems/postgres.ts";
import { readProfiles } from "./cpu-profile.ts";
import { keepAccount, readStatements, STATEMENT_SETTINGS } from "./statements.ts";

const MOST_FUNCTIONS = 15;
const MOST_STATEMENTS = 8;
const STATEMENT_WIDTH = 100;

/**
 * Profiles the hubs of one scenario: each process by `--cpu-prof`, each database by pg_stat_statements. That has to be
 * loaded when a server starts, so the hubs stand on servers of the bench then.
 */
export class Profiler {
  readonly #folder: string;
  readonly #servers = new Map<string, FoundServer>();

  /** @param folder for the profiles, which stay there, to be opened in a browser's developer tools */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What a hub has to be started with. A hub that is started again gets the same server. */
  async hubOptions(
    name: string,
    folder: string,
    resources: Resources,
  ): Promise<{ profileFolder: string; postgres: FoundServer }> {
    const profileFolder = this.#profilesOf(name);
    await mkdir(profileFolder, { recursive: true });
    let postgres = this.#servers.get(name);
    if (postgres === undefined) {
      postgres = await startServer({ name: `${name}-postgres`, folder, settings: STATEMENT_SETTINGS }, resources);
      await keepAccount(postgres.connection);
      this.#servers.set(name, postgres);
    }
    return { profileFolder, postgres };
  }

  /** Where the databases' time went; to be asked while they run. */
  async statements(): Promise<string> {
    const parts = [...this.#servers].map(async ([name, { connection }]) => {
      const statements = await readStatements(connection, MOST_STATEMENTS);
      const lines = statements.map(({ query, calls, rows, total_ms, wal_bytes }) =>
        [
          `${total_ms.toFixed(0)} ms`.padStart(10),
          `${calls} calls`.padStart(14),
          `${rows} rows`.padStart(14),
          `${(wal_bytes / 1e6).toFixed(0)} MB of WAL`.padStart(16),
          `  ${query.replace(/\s+/g, " ").slice(0, STATEMENT_WIDTH)}`,
        ].join(""),
      );
      return [`PostgreSQL of hub ${name}, its most expensive statements:`, ...lines].join("\n");
    });
    return (await Promise.all(parts)).join("\n\n");
  }

  /** Where the hubs' time went; to be asked when they have ended. */
  async functions(): Promise<string> {
    const parts = [...this.#servers.keys()].map(async (name) => {
      const { functions, busyMs } = await readProfiles(this.#profilesOf(name));
      const lines = functions
        .slice(0, MOST_FUNCTIONS)
        .map(({ name: called, where, ms }) =>
          [
            `${((100 * ms) / busyMs).toFixed(1)} %`.padStart(8),
            `${ms.toFixed(0)} ms`.padStart(10),
            `  ${called}  ${where}`,
          ].join(""),
        );
      return [`Hub ${name}, self time of ${(busyMs / 1_000).toFixed(1)} s busy:`, ...lines].join("\n");
    });
    return `${(await Promise.all(parts)).join("\n\n")}\n\nThe profiles are in ${this.#folder}.`;
  }

  #profilesOf(name: string): string {
    return join(this.#folder, name);
  }
}
