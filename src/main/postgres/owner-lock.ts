import { randomBytes } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { errorCode, PostgresError } from "./errors.ts";
import { bootId, isAlive, startTicks } from "./processes.ts";

/** How often the owner shows that it lives. */
const BEAT_MS = 2_000;
/** How long the silence of an owner that cannot be looked up is watched before it counts as dead. */
const PATIENCE_MS = 7_000;

const Owner = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  boot: z.string().optional(),
  startTicks: z.string().optional(),
});
type Owner = z.infer<typeof Owner>;

/** The right to be the only hub on a data folder. */
export interface OwnerLock {
  /** Lets the next hub have the folder. Idempotent. */
  release(): Promise<void>;
}

/**
 * Becomes the one owner of a data folder, or says who is.
 *
 * The lock is a folder of numbered files, one for each hub that ever owned the data folder; the highest number owns it.
 * Whoever finds the highest owner dead (or released) claims the next number. A hard link creates the file together with
 * its content and fails when the number is taken, so one of two claimants wins. Numbers only grow, because the highest
 * file is never deleted: a claimant that slept through all this and takes a number that was free again sees a higher
 * one afterwards, and starts over. (The usual lock file, deleted when stale, has no such proof: two hubs may delete it
 * one after the other, and the second deletes the first one's.)
 *
 * An owner on this machine is judged by its pid and, on Linux, by the time it began, so that a pid given to another
 * process does not look like it. One that cannot be judged that way (on another platform, or in another container that
 * shares the folder) is judged by its heartbeat, the modification time of its file.
 * @param dataDir an existing folder
 * @throws PostgresError KITE_POSTGRES_OWNED, naming the pid, when another hub has it
 */
export async function acquireOwnerLock(
  dataDir: string,
  { signal, patienceMs = PATIENCE_MS }: { signal?: AbortSignal | undefined; patienceMs?: number } = {},
): Promise<OwnerLock> {
  const folder = join(dataDir, "owner.lock");
  await mkdir(folder, { recursive: true });
  const claim = join(folder, `claim-${randomBytes(8).toString("hex")}`);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const last = await highest(folder);
      if (last !== undefined && !last.released) {
        const owner = await readOwner(join(folder, last.name));
        if (owner !== undefined && (await lives(owner, () => beats(join(folder, last.name), patienceMs, signal)))) {
          // It may have ended in an orderly way while its heartbeat was watched.
          if ((await highest(folder))?.name !== last.name) continue;
          throw new PostgresError("KITE_POSTGRES_OWNED", dataDir, {
            detail: owner.host === hostname() ? `process ${owner.pid}` : `process ${owner.pid} on ${owner.host}`,
          });
        }
      }
      const number = (last?.number ?? 0) + 1;
      await writeFile(claim, JSON.stringify(self()), { flush: true });
      if (!(await linked(claim, join(folder, String(number))))) continue;
      const present = await highest(folder);
      if (present === undefined || present.number !== number || present.released) {
        // We slept: the number had been taken, released and tidied away before we took it.
        await rm(join(folder, String(number)), { force: true });
        continue;
      }
      await removeOthers(folder, number);
      return hold(folder, number);
    }
  } finally {
    await rm(claim, { force: true });
  }
}

function hold(folder: string, number: number): OwnerLock {
  const file = join(folder, String(number));
  const beat = setInterval(() => {
    const now = new Date();
    // A folder deleted under a running hub is reported by whoever needs what was in it.
    utimes(file, now, now).catch(() => undefined);
  }, BEAT_MS);
  beat.unref();
  let released: Promise<void> | undefined;
  return {
    release() {
      clearInterval(beat);
      // A rename needs no space, so it succeeds on a full disk; if it fails all the same, the lock ends with the process.
      released ??= rename(file, `${file}.released`).catch(() => undefined);
      return released;
    },
  };
}

function self(): Owner {
  const [boot, ticks] = [bootId(), startTicks(process.pid)];
  return {
    pid: process.pid,
    host: hostname(),
    ...(boot !== undefined && { boot }),
    ...(ticks !== undefined && { startTicks: ticks }),
  };
}

async function lives(owner: Owner, shows: () => Promise<boolean>): Promise<boolean> {
  if (owner.host !== hostname()) return shows();
  if (owner.boot !== bootId() || !isAlive(owner.pid)) return false;
  return owner.startTicks === undefined ? shows() : owner.startTicks === startTicks(owner.pid);
}

/** Watches a lock file until it is touched or renamed (true), or has been left alone for too long (false). */
async function beats(file: string, patienceMs: number, signal: AbortSignal | undefined): Promise<boolean> {
  const step = 100;
  const before = await modified(file);
  // Counting steps, not time: a laptop that slept meanwhile must give its owner time to wake.
  for (let waited = 0; waited < patienceMs; waited += step) {
    await sleep(step, undefined, signal === undefined ? {} : { signal });
    if ((await modified(file)) !== before) return true;
  }
  return false;
}

async function modified(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return undefined;
  }
}

/** The highest number. When it stands there both taken and released, the former is a claim that came too late. */
async function highest(folder: string): Promise<{ name: string; number: number; released: boolean } | undefined> {
  const entries = (await readdir(folder)).flatMap((name) => {
    const match = /^(\d+)(\.released)?$/.exec(name);
    return match === null ? [] : [{ name, number: Number(match[1]), released: match[2] !== undefined }];
  });
  return entries.sort((a, b) => a.number - b.number || Number(a.released) - Number(b.released)).at(-1);
}

/** Undefined when the file is gone (its owner released it just now) or was torn by a crash of the machine. */
async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    return Owner.safeParse(JSON.parse(await readFile(file, "utf8"))).data;
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    // ENOENT: the new owner has tidied up our claim.
    if (errorCode(error) === "EEXIST" || errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

async function removeOthers(folder: string, mine: number): Promise<void> {
  for (const name of await readdir(folder)) if (name !== String(mine)) await rm(join(folder, name), { force: true });
}
