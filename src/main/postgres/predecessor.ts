import { execFile } from "node:child_process";
import { readFile, readlink, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { Binaries } from "./binaries.ts";
import { errorCode, PostgresError } from "./errors.ts";
import { isAlive } from "./processes.ts";
import { stopServer } from "./stop-server.ts";

/** What the last server of a cluster left: nothing (it was stopped), its traces (it was killed), or itself. */
export type Predecessor = "stopped" | "killed" | "running";

/**
 * Clears the way for a new server on a cluster, whose hub is known to be dead.
 *
 * A server that outlived its killed hub is stopped, not adopted: it costs 0.1 s, and then no transaction of the dead
 * hub can commit any more behind the new one's back, the settings are those of this version, and the server is our
 * child, so that its log and its end are seen. The traces of a killed server are removed, because PostgreSQL itself
 * refuses to start when the pid in them is now that of another process of this user, or a zombie. Its own interlock,
 * the shared memory, still protects the cluster from processes of a killed server that are not gone yet.
 */
export async function retirePredecessor(
  clusterDir: string,
  binaries: Binaries,
  log: (line: string) => void,
): Promise<Predecessor> {
  const pidFile = join(clusterDir, "postmaster.pid");
  const pid = (await readPidFile(clusterDir))?.pid;
  if (pid === undefined) return "stopped";
  const running = await isServerOf(pid, clusterDir);
  if (running) {
    log(`stopping the PostgreSQL server (process ${pid}) that a killed hub left running`);
    if (!(await stopServer(pid, binaries, async () => !(await isServerOf(pid, clusterDir)))))
      throw new PostgresError("KITE_POSTGRES_STILL_CLOSING", clusterDir, { detail: `process ${pid}` });
  } else {
    log("the PostgreSQL server was not stopped in an orderly way; it recovers what was committed");
  }
  await rm(pidFile, { force: true });
  return running ? "running" : "killed";
}

/** The pid and the state (`starting`, `ready`, `stopping` …) in postmaster.pid; undefined when there is no such file. */
export async function readPidFile(clusterDir: string): Promise<{ pid: number; state: string } | undefined> {
  let text: string;
  try {
    text = await readFile(join(clusterDir, "postmaster.pid"), "utf8");
  } catch (error) {
    // The second is Windows' word for a file that is being deleted.
    if (errorCode(error) === "ENOENT" || errorCode(error) === "EPERM") return undefined;
    throw error;
  }
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  // PostgreSQL writes the number negative in single-user mode; a torn file has none, and names no process.
  return { pid: Number.isInteger(pid) ? Math.abs(pid) : 0, state: lines[7]?.trim() ?? "" };
}

/** Whether the pid is that of a PostgreSQL server which lives and works on this cluster, not of some other process. */
async function isServerOf(pid: number, clusterDir: string): Promise<boolean> {
  if (pid === 0 || !isAlive(pid)) return false;
  if (process.platform === "linux") {
    // The server makes its data directory its working directory. In a container, root may not be allowed to see that.
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    if (folder !== undefined) return folder === clusterDir;
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return command.includes(`\0-D\0${clusterDir}\0`);
  }
  if (process.platform === "win32") {
    const listed = await output("tasklist", ["/FI", `PID eq ${pid}`, "/FO", "CSV", "/NH"]);
    return listed.toLowerCase().includes('"postgres.exe"');
  }
  const listed = await output("ps", ["-ww", "-o", "state=,command=", "-p", String(pid)]);
  return !listed.trimStart().startsWith("Z") && listed.includes("postgres") && listed.includes(`-D ${clusterDir}`);
}

/** What a program of the system prints; nothing when it finds nothing (they say so by their exit code). */
async function output(program: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { windowsHide: true })).stdout;
  } catch (error) {
    if (errorCode(error) === "ENOENT") throw new Error(`${basename(program)} is needed to look for a former server`);
    return "";
  }
}
