import { setTimeout as sleep } from "node:timers/promises";
import { describeEndpoint, type Endpoint, endpointSettings, endpoints, prepareSocketFolder } from "./endpoint.ts";
import { fromFileError, PostgresError } from "./errors.ts";
import type { PostgresHome } from "./home.ts";
import { type Predecessor, retirePredecessor } from "./predecessor.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import { serverSettings, settingArguments } from "./settings.ts";

/** A server that was just started, where it listens, and what it found of the one before it. */
export interface Launched {
  readonly server: ServerProcess;
  readonly endpoint: Endpoint;
  readonly predecessor: Predecessor;
}

/** The processes of a killed server notice its death within moments, unless one is in the middle of something long. */
const CLOSING_PATIENCE_MS = 10_000;
const CLOSING_POLL_MS = 100;

/**
 * Starts a server on a home, at the endpoint given or at the first that can be had.
 * @throws PostgresError when no server can be started
 */
export async function launch(options: {
  readonly home: PostgresHome;
  /** The one endpoint to use, so that clients find the server where it was; else see `port`. */
  readonly endpoint?: Endpoint | undefined;
  /** See {@link endpoints}. */
  readonly port?: number | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}): Promise<Launched> {
  const { home, log, signal } = options;
  const { cluster } = home;
  try {
    const predecessor = await retirePredecessor(cluster.dir, home.binaries, log);
    const candidates =
      options.endpoint === undefined ? endpoints(cluster.socketFolder, options.port) : [options.endpoint];
    let refused: unknown;
    for await (const endpoint of candidates) {
      const settings = { ...serverSettings(), ...options.settings, ...endpointSettings(endpoint) };
      const start = async () => {
        if (endpoint.kind === "socket") await prepareSocketFolder(endpoint.folder, home.account);
        return startServer({
          binaries: home.binaries,
          clusterDir: cluster.dir,
          account: home.account,
          args: settingArguments(settings),
          address: describeEndpoint(endpoint),
          log,
          signal,
        });
      };
      try {
        return { server: await patiently(start, signal), endpoint, predecessor };
      } catch (error) {
        if (!hasCode(error, "KITE_POSTGRES_PORT_BUSY")) throw error;
        log(`PostgreSQL cannot listen on ${describeEndpoint(endpoint)}`);
        refused = error;
      }
    }
    throw refused;
  } catch (error) {
    signal?.throwIfAborted();
    throw fromFileError(error, home.dataDir);
  }
}

/** Tries again while processes of a killed server are still closing. */
async function patiently<T>(start: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (const until = performance.now() + CLOSING_PATIENCE_MS; ; ) {
    try {
      return await start();
    } catch (error) {
      if (!hasCode(error, "KITE_POSTGRES_STILL_CLOSING") || performance.now() > until) throw error;
      await sleep(CLOSING_POLL_MS, undefined, signal === undefined ? {} : { signal });
    }
  }
}

function hasCode(error: unknown, code: PostgresError["code"]): boolean {
  return error instanceof PostgresError && error.code === code;
}
