import { randomBytes } from "node:crypto";
import { lchown, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Account, allowPassage, giveTree } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { errorCode, fromServerLog, PostgresError } from "./errors.ts";
import { runProgram } from "./program.ts";
import { settingArguments } from "./settings.ts";

/** The superuser and the database that every new cluster has. */
export const SUPERUSER = "kite";
export const DATABASE = "kite";

/** A hub's cluster: `postgres/` in its data folder, with the files of the server, its password and its socket. */
export interface Cluster {
  /** PostgreSQL's own data directory. */
  readonly dir: string;
  readonly socketFolder: string;
  readonly password: string;
  /** True when it was made just now. */
  readonly isNew: boolean;
}

/** Where the parts of a cluster stand. */
export function clusterPaths(dataDir: string): { home: string; dir: string; socketFolder: string; password: string } {
  const home = join(dataDir, "postgres");
  return { home, dir: join(home, "data"), socketFolder: join(home, "run"), password: join(home, "password") };
}

export interface ClusterOptions {
  /** The hub's data folder: absolute, without symbolic links, and owned by the caller (see acquireOwnerLock). */
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  /** Whether a new cluster must survive a power failure at once. False only where fsync is off too. */
  readonly sync: boolean;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the cluster of a data folder, and makes it first if there is none.
 * @throws PostgresError KITE_POSTGRES_VERSION_MISMATCH, KITE_POSTGRES_NOT_A_CLUSTER or what keeps initdb from working
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const paths = clusterPaths(options.dataDir);
  await removeUnfinished(options);
  const isNew = !(await exists(paths.home));
  if (isNew) await createCluster(options);
  const version = await readText(join(paths.dir, "PG_VERSION"));
  const password = await readText(paths.password);
  if (version === undefined || password === undefined) {
    const missing = version === undefined ? join(paths.dir, "PG_VERSION") : paths.password;
    throw new PostgresError("KITE_POSTGRES_NOT_A_CLUSTER", paths.home, { detail: `${missing} is missing` });
  }
  if (version !== String(options.binaries.major))
    throw new PostgresError("KITE_POSTGRES_VERSION_MISMATCH", paths.dir, {
      detail: `PostgreSQL ${version}, while this one is ${options.binaries.major}`,
    });
  // A folder restored from a backup by root belongs to root.
  if (options.account !== undefined && (await stat(paths.dir)).uid === 0) await giveTree(paths.dir, options.account);
  return { dir: paths.dir, socketFolder: paths.socketFolder, password, isNew };
}

/**
 * Makes a cluster beside its place and moves it there when it is whole, password and database included, so that one
 * which was interrupted is never taken for one that can be used.
 */
async function createCluster({ dataDir, binaries, account, sync, log, signal }: ClusterOptions): Promise<void> {
  const began = performance.now();
  const stage = await mkdtemp(join(dataDir, UNFINISHED));
  const [dir, passwordFile] = [join(stage, "data"), join(stage, "password")];
  try {
    if (account !== undefined) await allowPassage(stage);
    await mkdir(dir, { mode: 0o700 });
    await writeFile(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600, flag: "wx", flush: true });
    // initdb reads the password as the account.
    if (account !== undefined) for (const path of [dir, passwordFile]) await lchown(path, account.uid, account.gid);
    const args = ["-D", dir, "-U", SUPERUSER, "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
    args.push("--locale=C", "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "--no-instructions");
    if (!sync) args.push("--no-sync");
    const made = await runProgram({ path: binaries.initdb, args, cwd: stage, account }, "", signal);
    if (made.code !== 0) throw fromServerLog(made.lines, dataDir, `initdb ended with code ${made.code}`);
    await createDatabase({ binaries, account, sync, signal }, dir);
    await moveIntoPlace(stage, clusterPaths(dataDir).home);
    if (sync) await syncFolder(dataDir);
    log(`made a new PostgreSQL ${binaries.major} cluster in ${dataDir} in ${Math.round(performance.now() - began)} ms`);
  } catch (error) {
    await rm(stage, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

/** Creates the hub's database in a cluster that no server runs on. */
async function createDatabase(
  { binaries, account, sync, signal }: Pick<ClusterOptions, "binaries" | "account" | "sync" | "signal">,
  dir: string,
): Promise<void> {
  const settings = { exit_on_error: "on", log_checkpoints: "off", fsync: sync ? "on" : "off" };
  const args = ["--single", "-D", dir, ...settingArguments(settings), "template1"];
  const program = { path: binaries.postgres, args, cwd: dir, account };
  const made = await runProgram(program, `CREATE DATABASE ${DATABASE}\n`, signal);
  if (made.code !== 0) throw fromServerLog(made.lines, dir, `creating the database ended with code ${made.code}`);
}

const UNFINISHED = "postgres.init-";

async function removeUnfinished({ dataDir, log }: ClusterOptions): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(UNFINISHED)) continue;
    log(`removing ${join(dataDir, name)}, a cluster whose making was interrupted`);
    // An initdb that outlived its killed hub may still be writing there; what it leaves is removed the next time.
    await rm(join(dataDir, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** On Windows, a virus scanner may hold files that are new for a moment. */
async function moveIntoPlace(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(from, to);
    } catch (error) {
      const held = process.platform === "win32" && ["EPERM", "EACCES", "EBUSY"].includes(errorCode(error) ?? "");
      if (!held || attempt === 20) throw error;
      await sleep(100);
    }
  }
}

/** Makes the entry of a renamed file durable. Windows neither needs nor allows it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
