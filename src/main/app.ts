import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import type { Logger } from "pino";
import type { Config, DescribedSetting } from "./config/index.ts";
import { type Console, openConsole } from "./console/index.ts";
import { folderSecret } from "./folder-key.ts";
import { type Credentials, createSecretBox, type Hub, openHub, type SecretBox } from "./hub/index.ts";
import { Labs } from "./lab/index.ts";
import { type PostgresConnection, reserveWal, type SupervisedPostgres, supervisePostgres } from "./postgres/index.ts";

/** A running hub with the database it stands on: what both entries, the app and the server, start. */
export interface App {
  readonly hub: Hub;
  readonly console: Console;
  readonly url: string;
  readonly hookUrl: string;
  readonly instanceId: string;
  readonly credentials: Credentials;
  readonly dataDir: string;
  /** Milliseconds from the call of `startApp` to ready. */
  readonly startMs: number;
  /** Drains what is in flight, and stops hub and database. Idempotent. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly log: Logger;
  readonly version: string;
  /** Ends the start before it is complete. */
  readonly signal?: AbortSignal;
  /** Told what the start is doing, in words for people. */
  readonly onStep?: (step: string) => void;
  /** The settings as the console shows them. */
  readonly described?: readonly DescribedSetting[];
  /** Pages of other origins that may use the console: the development server's. */
  readonly consoleOrigins?: readonly string[];
}

/** Where migrations and other files that ship with the program are. */
export const RESOURCES = join(import.meta.dirname, "..", "..", "resources");
/** The built console: this file is in out/main when it is built, and in src/main when it is not. */
const PAGES = join(import.meta.dirname, "..", "..", "out", "renderer");

/** The database of a configuration, and the key of its secrets: what export and import need as well. */
export interface Ground {
  readonly connection: pg.ClientConfig;
  readonly box: SecretBox;
  /** True when other hub processes may use the database. */
  readonly shared: boolean;
  /** How to connect to a database of the embedded server, by default the hub's; null where it is not ours. */
  readonly server: ((database?: string) => PostgresConnection) | null;
  close(): Promise<void>;
}

/** Starts or finds the database. @throws PostgresError */
export async function openGround(config: Config, options: AppOptions): Promise<Ground> {
  const { log, signal } = options;
  if (config.databaseUrl !== null) {
    if (config.cipherKey === null) await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
    const secret = config.cipherKey ?? (await folderSecret(config.dataDir));
    const connection = { connectionString: config.databaseUrl };
    return { connection, box: createSecretBox(secret), shared: true, server: null, close: async () => undefined };
  }
  const isNew = !existsSync(join(config.dataDir, "postgres"));
  options.onStep?.(isNew ? "Setting up the database; this is done once" : "Starting the database");
  const postgres: SupervisedPostgres = await supervisePostgres({
    dataDir: config.dataDir,
    log: (line) => log.debug({ from: "postgres" }, line),
    onState: (state) => {
      if (state.state === "down") log.warn(`PostgreSQL is down (${state.reason}); it is started again`);
      else log.info(`PostgreSQL is ${state.state}`);
    },
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    const secret = config.cipherKey ?? (await folderSecret(config.dataDir));
    log.debug(`PostgreSQL started ${postgres.startedIn} in ${Math.round(postgres.startMs)} ms`);
    return {
      connection: postgres.connection(),
      box: createSecretBox(secret),
      shared: false,
      server: (database) => postgres.connection(database),
      close: () => postgres.stop(),
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/**
 * Starts everything, in order: database, migrations, hub, HTTP. What was started is stopped again when a later step
 * fails.
 * @throws PostgresError, MigrationError, SecretKeyError, or the error of listening
 */
export async function startApp(config: Config, options: AppOptions): Promise<App> {
  const began = performance.now();
  const ground = withWalReserve(await openGround(config, options), config, options.log);
  options.onStep?.("Opening the hub");
  return startAppOn(ground, config, options, began);
}

/** Has the embedded server make room in its log when nobody needs it; see {@link reserveWal}. */
function withWalReserve(ground: Ground, { dataDir }: Config, log: Logger): Ground {
  if (ground.server === null) return ground;
  const ended = new AbortController();
  const connection = ground.server();
  const reserving = reserveWal({ connection, dataDir, signal: ended.signal }).then(
    (made) => log.debug(`${made} segments of PostgreSQL's log were made in advance`),
    (error: unknown) => log.debug({ err: error }, "no segments of PostgreSQL's log were made in advance"),
  );
  return {
    ...ground,
    async close() {
      ended.abort();
      await reserving;
      await ground.close();
    },
  };
}

/** The same on a database that is there already; it is closed with the hub, or when this fails. */
export async function startAppOn(
  ground: Ground,
  config: Config,
  options: AppOptions,
  began = performance.now(),
): Promise<App> {
  let hub: Hub;
  const opened: Console[] = [];
  const labs: Labs = new Labs({
    server: ground.server,
    migrations: join(RESOURCES, "migrations"),
    recipes: join(RESOURCES, "labs"),
    log: options.log.child({ part: "lab" }),
    version: options.version,
    // The hubs of a lab can be looked at by this console, and by no browser of their own.
    mount: async (inside) => {
      const setting = { dataDir: null, database: "embedded", config: [], pages: null } as const;
      const console = await openConsole(inside, { ...setting, labs, ofLab: true });
      return () => console.close();
    },
  });
  try {
    hub = await openHub({
      ...config,
      mount: async (inside) => {
        const console = await openConsole(inside, {
          dataDir: config.dataDir,
          database: config.databaseUrl === null ? "embedded" : "external",
          config: options.described ?? [],
          labs,
          pages: config.console ? PAGES : null,
          origins: options.consoleOrigins ?? [],
        });
        opened.push(console);
        return () => console.close();
      },
      connection: ground.connection,
      box: ground.box,
      shared: ground.shared,
      migrations: join(RESOURCES, "migrations"),
      log: options.log,
      version: options.version,
    });
  } catch (error) {
    await ground.close();
    throw error;
  }
  const [console] = opened;
  if (console === undefined) throw new Error("the hub was opened without its console");
  const url = config.publicUrl?.replace(/\/+$/, "") ?? hub.url;
  const stop = async (): Promise<void> => {
    try {
      await labs.stop();
      await hub.stop();
    } finally {
      await ground.close();
    }
  };
  let stopping: Promise<void> | null = null;
  return {
    hub,
    console,
    url,
    hookUrl: `${url}/hooks/${encodeURIComponent(hub.credentials.team)}/demo/${hub.credentials.hookToken}`,
    instanceId: hub.instanceId,
    credentials: hub.credentials,
    dataDir: config.dataDir,
    startMs: performance.now() - began,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}
