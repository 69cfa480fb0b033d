import { setTimeout as sleep } from "node:timers/promises";
import { openHome } from "./home.ts";
import { type Launched, launch } from "./launch.ts";
import { connectionTo, homeOptions, type PostgresServer, type StartOptions, startedIn } from "./server.ts";
import type { ServerExit } from "./server-process.ts";

/** What a supervised server is doing. */
export type PostgresState =
  | { readonly state: "running"; readonly pid: number }
  /** It ended, or could not be started again; `reason` is for people. The next attempt is in `retryInMs`. */
  | { readonly state: "down"; readonly reason: string; readonly retryInMs: number }
  | { readonly state: "stopped" };

export interface SuperviseOptions extends StartOptions {
  /** Told of every change of state after the first start. */
  readonly onState?: (state: PostgresState) => void;
}

export interface SupervisedPostgres extends PostgresServer {
  readonly state: PostgresState;
  /** Of the present server, or of the last one while there is none. */
  readonly pid: number;
  /** Settles when the supervision has ended, which only `stop` brings about. */
  readonly exited: Promise<ServerExit>;
}

/** A server that ran this long was healthy: its end is met with a start at once, not with a wait. */
const HEALTHY_MS = 5_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** How long to wait before the next start, after so many failures in a row: 0, then 100 ms doubled up to 5 s. */
export function restartDelayMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}

/**
 * Like `startPostgres`, and starts the server again whenever it ends: on the same socket or port, so that pools of
 * connections recover by themselves, and for as long as it takes, since a full disk may be freed. The data folder stays
 * locked throughout. The first start fails as `startPostgres` does.
 */
export async function supervisePostgres(options: SuperviseOptions): Promise<SupervisedPostgres> {
  const began = performance.now();
  const stopped = new AbortController();
  const { log, settings = {} } = options;
  const home = await openHome(homeOptions(options));
  let current: Launched;
  try {
    current = await launch({ ...options, settings, home });
  } catch (error) {
    await home.close();
    throw error;
  }
  const { endpoint } = current;
  const first = { startedIn: startedIn(home, current), startMs: performance.now() - began };
  let state: PostgresState = { state: "running", pid: current.server.pid };

  const enter = (next: PostgresState): void => {
    state = next;
    try {
      options.onState?.(next);
    } catch (error) {
      log(`a listener to the state of PostgreSQL failed: ${error}`);
    }
  };

  /** @returns false when the supervision ends */
  const startAgain = async (failures: number, reason: string): Promise<boolean> => {
    const { signal } = stopped;
    for (let [failed, why] = [failures, reason]; ; failed++) {
      const retryInMs = restartDelayMs(failed);
      log(`PostgreSQL is down: ${why}; starting it again in ${retryInMs} ms`);
      enter({ state: "down", reason: why, retryInMs });
      try {
        await sleep(retryInMs, undefined, { signal });
        current = await launch({ home, endpoint, settings, log, signal });
        if (!signal.aborted) return true;
        // The stop came when the start was just complete.
        await current.server.stop();
        return false;
      } catch (error) {
        if (signal.aborted) return false;
        why = error instanceof Error ? error.message : String(error);
      }
    }
  };

  const keepRunning = async (): Promise<ServerExit> => {
    for (let failures = 0; ; ) {
      const runningSince = performance.now();
      const exit = await current.server.exited;
      if (stopped.signal.aborted) return exit;
      failures = performance.now() - runningSince >= HEALTHY_MS ? 0 : failures + 1;
      const how = exit.signal === null ? `ended with code ${exit.code}` : `was ended by ${exit.signal}`;
      if (!(await startAgain(failures, `the server ${how}`))) return exit;
      enter({ state: "running", pid: current.server.pid });
    }
  };
  const exited = keepRunning();

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopped.abort();
    await current.server.stop();
    await exited;
    await home.close();
    enter({ state: "stopped" });
  };

  return {
    ...first,
    dataDir: home.dataDir,
    connection: (database) => connectionTo(home, endpoint, database),
    exited,
    get pid() {
      return current.server.pid;
    },
    get state() {
      return state;
    },
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
