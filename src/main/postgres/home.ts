import { constants } from "node:fs";
import { access, mkdir, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, relative, resolve } from "node:path";
import { type Account, allowPassage, firstBarrier, serverAccount } from "./account.ts";
import { type Binaries, locateBinaries, reachableBinaries } from "./binaries.ts";
import { type Cluster, clusterPaths, openCluster } from "./cluster.ts";
import { fromFileError, PostgresError } from "./errors.ts";
import { acquireOwnerLock } from "./owner-lock.ts";

/** A data folder that is ours, with a cluster that a server can be started on. */
export interface PostgresHome {
  /** As it was asked for, made absolute. */
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly cluster: Cluster;
  /** Lets the next hub have it. Only when no server runs on it any more. */
  close(): Promise<void>;
}

/**
 * Takes possession of a data folder: makes it if need be, locks out other hubs, finds binaries and an account that can
 * be used with it, and opens or makes the cluster.
 * @throws PostgresError when any of this cannot be; then nothing is held
 */
export async function openHome(options: {
  readonly dataDir: string;
  readonly sync: boolean;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}): Promise<PostgresHome> {
  const { log, signal } = options;
  const asked = resolve(options.dataDir);
  try {
    const binaries = locateBinaries();
    const dataDir = await makeFolder(asked);
    const lock = await acquireOwnerLock(dataDir, { signal });
    try {
      const account = await serverAccount(clusterPaths(dataDir).dir);
      if (account !== undefined) await openWay(dataDir, account, log);
      const usable = await reachableBinaries(binaries, account, dataDir, log);
      const cluster = await openCluster({ dataDir, binaries: usable, account, sync: options.sync, log, signal });
      return { dataDir: asked, binaries: usable, account, cluster, close: () => lock.release() };
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw fromFileError(error, asked, await isUnderUnwritableHome(asked));
  }
}

/** @returns the folder without symbolic links: the server and the checks of rights go by its real way */
async function makeFolder(folder: string): Promise<string> {
  // Only the data folder itself is closed to others; what leads to it is made as folders usually are.
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return realpath(folder);
}

/** Makes sure that the account can pass through every folder on the way to the cluster. Only our own is changed. */
async function openWay(dataDir: string, account: Account, log: (line: string) => void): Promise<void> {
  let barrier = await firstBarrier(dataDir, account);
  // A home may be meant as the data folder by mistake, and is nothing to open to others.
  if (barrier === dataDir && dataDir !== (await realpath(homedir()).catch(() => undefined))) {
    await allowPassage(dataDir);
    log(`allowed other accounts to pass through ${dataDir}, for PostgreSQL runs there as ${account.name}`);
    barrier = await firstBarrier(dataDir, account);
  }
  if (barrier !== undefined)
    throw new PostgresError("KITE_POSTGRES_NOT_TRAVERSABLE", barrier, {
      detail: `account ${account.name}, data folder ${dataDir}`,
    });
}

async function isUnderUnwritableHome(folder: string): Promise<boolean> {
  const home = homedir();
  if (home === dirname(home) || relative(home, folder).startsWith("..")) return false;
  // A home that does not exist is as bad as one that is read-only, if what it would stand in is.
  return !(await canWrite(home));
}

async function canWrite(folder: string): Promise<boolean> {
  try {
    await stat(folder);
    await access(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
