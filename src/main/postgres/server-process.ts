import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { fromServerLog, PostgresError } from "./errors.ts";
import { guardExit } from "./exit-guard.ts";
import { LogLines } from "./log-lines.ts";
import { readPidFile } from "./predecessor.ts";
import { spawnError, spawnProgram } from "./program.ts";
import { signalServer, stopServer } from "./stop-server.ts";

/** How a server process ended: one of the two is null, as Node tells it. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A server that is ready for connections, and a child of this process. */
export interface ServerProcess {
  readonly pid: number;
  /** Settles when the process has ended, whoever ended it. */
  readonly exited: Promise<ServerExit>;
  /** Ends it in an orderly way if it can be, and by force if not. Idempotent. */
  stop(): Promise<void>;
}

const POLL_MS = 5;
/** A server that starts says something at least this often: see the setting log_startup_progress_interval. */
const SILENCE_MS = 60_000;
/** How long to wait for the last words of a server that has ended; its children may keep the pipe open. */
const LAST_WORDS_MS = 500;

/**
 * Starts a server and waits until it is ready, however long it recovers, as long as it shows signs of life.
 * @param args settings, as `postgres` takes them
 * @throws PostgresError of what the server said when it ended first; the signal's reason when aborted
 */
export async function startServer(options: {
  readonly binaries: Binaries;
  readonly clusterDir: string;
  readonly account: Account | undefined;
  readonly args: readonly string[];
  /** Where it is to listen, for the error when it cannot. */
  readonly address: string;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}): Promise<ServerProcess> {
  const { binaries, clusterDir, account, signal } = options;
  signal?.throwIfAborted();
  const lines = new LogLines(options.log);
  const program = { path: binaries.postgres, args: ["-D", clusterDir, ...options.args], cwd: clusterDir, account };
  let child: ChildProcess | undefined;
  // In place before the server is: whatever ends this process in between leaves nothing behind.
  const unguard = guardExit(() => child?.pid !== undefined && signalServer(child.pid, binaries, "INT"));
  try {
    // Out of the reach of the Ctrl-C that asks the hub to finish what is in flight, for which it needs its database.
    child = spawnProgram(program, { stdio: ["ignore", "ignore", "pipe"], detached: true });
    await once(child, "spawn");
  } catch (error) {
    unguard();
    throw spawnError(program, error);
  }
  const { pid, stderr } = child;
  if (pid === undefined) throw new Error("a spawned process without a pid");

  let ended: ServerExit | undefined;
  const exited = new Promise<ServerExit>((resolve) => {
    child.once("exit", (code, name) => {
      unguard();
      ended = { code, signal: name };
      resolve(ended);
    });
  });
  stderr?.setEncoding("utf8");
  stderr?.on("data", (text: string) => lines.push(text));

  let stopping: Promise<unknown> | undefined;
  const stop = async (): Promise<void> => {
    stopping ??= stopServer(pid, binaries, () => ended !== undefined);
    await stopping;
  };
  try {
    for (;;) {
      if (ended !== undefined) throw await failure(stderr, lines, clusterDir, options.address, ended);
      const file = await readPidFile(clusterDir);
      if (file?.pid === pid && file.state === "ready") return { pid, exited, stop };
      if (performance.now() - lines.heardAt > SILENCE_MS)
        throw new PostgresError("KITE_POSTGRES_START_FAILED", clusterDir, {
          detail: `it was silent for ${SILENCE_MS / 1000} s`,
          serverLog: lines.last,
        });
      await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
    }
  } catch (error) {
    await stop();
    signal?.throwIfAborted();
    throw error;
  }
}

async function failure(
  stderr: Readable | null,
  lines: LogLines,
  clusterDir: string,
  address: string,
  exit: ServerExit,
): Promise<PostgresError> {
  if (stderr !== null && !stderr.closed) await Promise.race([once(stderr, "close"), sleep(LAST_WORDS_MS)]);
  lines.flush();
  const detail = exit.signal === null ? `it ended with code ${exit.code}` : `it was ended by ${exit.signal}`;
  const error = fromServerLog(lines.last, clusterDir, detail);
  return error.code === "KITE_POSTGRES_PORT_BUSY" ? fromServerLog(lines.last, address, detail) : error;
}
