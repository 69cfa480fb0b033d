import { execFile } from "node:child_process";
import { chmod, mkdtemp, open, statfs } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, platform, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { median } from "./measure/statistics.ts";

/** What the numbers were measured on. */
export interface Environment {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gb: number;
  readonly system: string;
  readonly node: string;
  /** Null outside a repository. */
  readonly commit: string | null;
  /** The median of writing and syncing a page, in milliseconds. */
  readonly fdatasync_ms: number;
  /** Processes that wanted to run, over the last minute, before the bench began. */
  readonly load: number;
}

/** `f_type` of file systems that live in memory, where a sync is no promise: tmpfs and ramfs. */
const IN_MEMORY = [0x01021994, 0x858458f6];
const PAGE_BYTES = 8_192;
const SYNCS = 100;

/** The folder in which a run keeps its databases. Named, so that what a killed run left is known for what it is. */
export async function makeFolder(): Promise<string> {
  const parent = process.env["KITE_BENCH_DIR"] ?? tmpdir();
  const folder = await mkdtemp(join(parent, "kite-bench-"));
  // As root, PostgreSQL runs under another account and has to pass through.
  await chmod(folder, 0o711);
  return folder;
}

/** @throws Error when the folder's file system keeps nothing */
export async function describeEnvironment(folder: string): Promise<Environment> {
  const { type } = await statfs(folder);
  if (IN_MEMORY.includes(type))
    throw new Error(`${folder} is in memory, where nothing is durable. Set KITE_BENCH_DIR to a folder on a disk.`);
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    commit: await commit(),
    fdatasync_ms: await measureSync(folder),
    load: loadavg()[0] ?? 0,
  };
}

export function environmentText(environment: Environment): string {
  const { cpu, cores, memory_gb, system, node, fdatasync_ms, load } = environment;
  const lines = [
    `${cores} cores (${cpu}), ${memory_gb} GB, ${system}, Node ${node}, fdatasync ${fdatasync_ms.toFixed(2)} ms`,
  ];
  if (load > 0.5)
    lines.push(`The machine is busy (load ${load.toFixed(1)} in the last minute): ratios may hold, the rest does not.`);
  return lines.join("\n");
}

async function measureSync(folder: string): Promise<number> {
  const file = await open(join(folder, "sync"), "w");
  const page = Buffer.alloc(PAGE_BYTES, 1);
  const times: number[] = [];
  try {
    for (let at = 0; at < SYNCS; at++) {
      const began = performance.now();
      await file.write(page, 0, PAGE_BYTES, at * PAGE_BYTES);
      await file.datasync();
      times.push(performance.now() - began);
    }
  } finally {
    await file.close();
  }
  return median(times);
}

async function commit(): Promise<string | null> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)("git", args, { cwd: import.meta.dirname })).stdout.trim();
  try {
    const changed = (await git("status", "--porcelain")) !== "";
    return `${await git("rev-parse", "HEAD")}${changed ? " and changes" : ""}`;
  } catch {
    return null;
  }
}
