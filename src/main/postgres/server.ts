import { DATABASE, SUPERUSER } from "./cluster.ts";
import { type Endpoint, endpointHost } from "./endpoint.ts";
import { openHome, type PostgresHome } from "./home.ts";
import { type Launched, launch } from "./launch.ts";
import type { ServerExit } from "./server-process.ts";

export interface StartOptions {
  /** The hub's data folder; made if it does not exist. What stands here is put beneath it. */
  readonly dataDir: string;
  /** Gets what the server prints, and what we have to say about it, line by line. No secrets among it. */
  readonly log: (line: string) => void;
  /** Settings of the server that override ours. With `fsync` off, a new cluster is not synced to the disk either. */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Without it, a Unix socket where the platform and the path allow one, else a free TCP port. With it, TCP on
   * 127.0.0.1 at that port, or at any free one for 0.
   */
  readonly port?: number;
  /** Ends the start before it is complete; without effect afterwards. */
  readonly signal?: AbortSignal;
}

/** Connection options, as `pg` takes them. */
export interface PostgresConnection {
  /** The folder of a Unix socket, or 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface PostgresServer {
  /** How to connect, to the hub's database unless another is named. */
  connection(database?: string): PostgresConnection;
  /** Settles when the server has ended, wanted or not. */
  readonly exited: Promise<ServerExit>;
  readonly dataDir: string;
  readonly pid: number;
  /**
   * `cold`: the cluster was made first. `warm`: the last server had been stopped in an orderly way. `recovered`: it had
   * been killed, or was still running after its hub had been killed.
   */
  readonly startedIn: "cold" | "warm" | "recovered";
  /** How long the start took, in milliseconds. */
  readonly startMs: number;
  /** Stops the server and lets the next hub have the folder. Idempotent; no error if the server is dead already. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL server of a data folder, and makes folder and cluster if there are none.
 *
 * The caller stops it, on signals too; if this process exits in an orderly way without that, the server is told to stop.
 * @throws PostgresError; nothing is running or held then
 */
export async function startPostgres(options: StartOptions): Promise<PostgresServer> {
  const began = performance.now();
  const home = await openHome(homeOptions(options));
  try {
    const launched = await launch({ ...options, settings: options.settings ?? {}, home });
    const { server, endpoint } = launched;
    return {
      connection: (database) => connectionTo(home, endpoint, database),
      exited: server.exited,
      dataDir: home.dataDir,
      pid: server.pid,
      startedIn: startedIn(home, launched),
      startMs: performance.now() - began,
      async stop() {
        await server.stop();
        await home.close();
      },
    };
  } catch (error) {
    await home.close();
    throw error;
  }
}

/** What {@link openHome} is to know of the options of a start. */
export function homeOptions({ dataDir, log, settings, signal }: StartOptions): Parameters<typeof openHome>[0] {
  return { dataDir, log, signal, sync: settings?.fsync !== "off" };
}

/** See {@link PostgresServer.connection}. */
export function connectionTo(home: PostgresHome, endpoint: Endpoint, database = DATABASE): PostgresConnection {
  const { password } = home.cluster;
  return { host: endpointHost(endpoint), port: endpoint.port, user: SUPERUSER, password, database };
}

/** See {@link PostgresServer.startedIn}. */
export function startedIn(home: PostgresHome, { predecessor }: Launched): PostgresServer["startedIn"] {
  if (home.cluster.isNew) return "cold";
  return predecessor === "stopped" ? "warm" : "recovered";
}
