import { chmod, lchown, lstat, readdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PostgresError } from "./errors.ts";

/** The operating-system account the server runs under when we are root, since PostgreSQL refuses to be root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** In this order; macOS writes its service accounts with an underscore. */
const CANDIDATES = ["postgres", "_postgres", "nobody"];

/**
 * The account to run under: undefined (ourselves) unless we are root; the owner of the cluster if there is one
 * already; else the first of `postgres`, `_postgres` and `nobody` that exists.
 * @param clusterDir the cluster's folder, which need not exist
 * @throws PostgresError KITE_POSTGRES_NO_ACCOUNT
 */
export async function serverAccount(clusterDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = parseAccounts(await readFile("/etc/passwd", "utf8").catch(() => ""));
  const owner = await stat(clusterDir).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) {
    const known = accounts.find(({ uid }) => uid === owner.uid);
    return { name: known?.name ?? `user ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  }
  for (const name of CANDIDATES) {
    const account = accounts.find((entry) => entry.name === name);
    if (account !== undefined) return account;
  }
  throw new PostgresError("KITE_POSTGRES_NO_ACCOUNT", "/etc/passwd", { detail: `none of ${CANDIDATES.join(", ")}` });
}

/** Reads the format of passwd(5). */
export function parseAccounts(passwd: string): Account[] {
  return passwd.split("\n").flatMap((line) => {
    const [name, , uid, gid] = line.split(":");
    if (!name || !uid || !gid || !/^-?\d+$/.test(uid) || !/^-?\d+$/.test(gid)) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

/**
 * The first folder from the root down to `path`, `path` included, that the account may not pass through (or, for a
 * file, may not execute); undefined when the way is free. Access lists beyond the mode bits are not looked at.
 */
export async function firstBarrier(path: string, account: Account): Promise<string | undefined> {
  const real = await realpath(path);
  const way = [real];
  for (let folder = dirname(real); folder !== way[0]; folder = dirname(folder)) way.unshift(folder);
  for (const folder of way) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return folder;
  }
  return undefined;
}

/** Allows everyone to pass through a folder, but not to list it. */
export async function allowPassage(folder: string): Promise<void> {
  await chmod(folder, ((await stat(folder)).mode & 0o7777) | 0o111);
}

/** Gives a folder and all that is in it to the account; symbolic links themselves, never what they point to. */
export async function giveTree(path: string, account: Account): Promise<void> {
  await lchown(path, account.uid, account.gid);
  if (!(await lstat(path)).isDirectory()) return;
  for (const name of await readdir(path)) await giveTree(join(path, name), account);
}
