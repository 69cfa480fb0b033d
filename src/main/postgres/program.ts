import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import type { Account } from "./account.ts";
import { PostgresError } from "./errors.ts";
import { guardExit } from "./exit-guard.ts";
import { LogLines } from "./log-lines.ts";

/** A PostgreSQL program, and how it is to be run. */
export interface Program {
  readonly path: string;
  readonly args: readonly string[];
  /** A folder that the account can enter. */
  readonly cwd: string;
  readonly account: Account | undefined;
}

/** The variables of ours that a PostgreSQL program needs; the others, secrets among them, are none of its business. */
const PASSED_ON = ["PATH", "TMPDIR", "TEMP", "TMP", "SystemRoot", "windir", "ComSpec", "LD_LIBRARY_PATH"];

/**
 * Spawns a program under its account, with messages in English. What keeps it from being spawned may be thrown or come
 * as an `error` event: see {@link spawnError}.
 * @param options.detached in a process group of its own, out of the reach of a terminal's Ctrl-C
 */
export function spawnProgram(program: Program, options: { stdio: StdioOptions; detached: boolean }): ChildProcess {
  const { path, args, cwd, account } = program;
  const passed = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return spawn(path, args, {
    ...options,
    cwd,
    env: { ...Object.fromEntries(passed), LC_ALL: "C", TZ: "UTC" },
    windowsHide: true,
    ...(account !== undefined && { uid: account.uid, gid: account.gid }),
  });
}

/** The error for a program that could not be spawned. */
export function spawnError({ path, account }: Program, cause: unknown): PostgresError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const detail = account === undefined ? reason : `${reason}, as the account ${account.name}`;
  return new PostgresError("KITE_POSTGRES_BINARIES", path, { detail, cause });
}

/**
 * Runs a program to its end.
 * @param input what it reads on its standard input
 * @returns its exit code (null when it was killed) and the last lines it printed
 * @throws PostgresError KITE_POSTGRES_BINARIES when it cannot be spawned; the signal's reason when aborted
 */
export async function runProgram(
  program: Program,
  input: string,
  signal: AbortSignal | undefined,
): Promise<{ code: number | null; lines: readonly string[] }> {
  signal?.throwIfAborted();
  const lines = new LogLines(() => undefined);
  let child: ChildProcess | undefined;
  const end = () => void child?.kill();
  const unguard = guardExit(end);
  signal?.addEventListener("abort", end);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child = spawnProgram(program, { stdio: "pipe", detached: false });
      child.once("error", reject);
      child.once("close", resolve);
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding("utf8");
        stream?.on("data", (text: string) => lines.push(text));
      }
      // A program that ends without reading its input breaks the pipe; its exit code tells the story.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(input);
    }).catch((error: unknown) => Promise.reject(spawnError(program, error)));
    signal?.throwIfAborted();
    lines.flush();
    return { code, lines: lines.last };
  } finally {
    signal?.removeEventListener("abort", end);
    unguard();
  }
}
