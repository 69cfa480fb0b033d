import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, readlink, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { onTestFinished, type TestContext } from "vitest";
import { type PostgresConnection, PostgresError, type PostgresServer } from "../../src/main/postgres/index.ts";
import type { HubMessage, HubOrder } from "./hub-child.ts";

export const isRoot = process.getuid?.() === 0;

/** For servers whose durability is not what is tested. */
export const FAST = { fsync: "off" };

/** A folder of this test's own, which every account may pass through; removed at the test's end. */
export async function temporaryFolder(): Promise<string> {
  const folder = await makeFolder();
  onTestFinished(() => removeFolder(folder));
  return folder;
}

/** The same for the caller to remove, where several tests look at one server. */
export async function makeFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "kite-pg-")));
  await chmod(folder, 0o711);
  return folder;
}

/** Processes that were just killed may still be closing files in it. */
export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

/** Stops the server at the end of the test, whatever happened. */
export function stopAfterTest<T extends { stop(): Promise<void> }>(server: T): T {
  onTestFinished(() => server.stop());
  return server;
}

/** Runs one statement on a connection of its own. */
export async function query(connection: PostgresConnection, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connection);
  // A server that is killed breaks the connection outside of any statement too.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The error a start is expected to end with. */
export async function failure(start: Promise<PostgresServer>): Promise<PostgresError> {
  try {
    await (await start).stop();
  } catch (error) {
    if (error instanceof PostgresError) return error;
    throw error;
  }
  throw new Error("the server started, though it should not have");
}

/** Polls until the condition holds. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 15_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The processes that work in a folder or beneath it, or were started for it (Linux; elsewhere none are seen). */
export async function processesIn(folder: string): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const concerned = async (pid: number): Promise<boolean> => {
    const place = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return place.startsWith(folder) || command.includes(`\0-D\0${folder}`);
  };
  const pids = (await readdir("/proc")).map(Number).filter(Number.isInteger);
  const found = await Promise.all(pids.map(concerned));
  return pids.filter((_pid, index) => found[index]);
}

/** A hub in a process of its own, as far as PostgreSQL is concerned. It ends with the test. */
export class HubChild {
  readonly process: ChildProcess;
  readonly #answer: Promise<HubMessage>;

  constructor(dataDir: string, settings: Record<string, string> = FAST) {
    const script = fileURLToPath(new URL("hub-child.ts", import.meta.url));
    this.process = fork(script, [dataDir, JSON.stringify(settings)], { execArgv: ["--import", "tsx"] });
    this.#answer = once(this.process, "message").then(([message]) => message);
    onTestFinished(() => this.kill());
  }

  /** @throws when the server did not start there */
  async ready(): Promise<HubMessage & { kind: "ready" }> {
    const answer = await this.#answer;
    if (answer.kind === "failed") throw new Error(answer.message);
    return answer;
  }

  /** How its start went. */
  answer(): Promise<HubMessage> {
    return this.#answer;
  }

  tell(order: HubOrder): void {
    this.process.send(order);
  }

  /** Ends it without a chance to do anything, and waits until it is gone. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.gone();
  }

  async gone(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, "exit");
  }
}

/** Mounts a file system in memory for the test; skips the test, saying why, where that cannot be. */
export async function mountMemory(context: TestContext, options: string): Promise<string> {
  if (!isRoot || process.platform !== "linux") context.skip("needs root on Linux, to mount a file system");
  const folder = join(await temporaryFolder(), "disk");
  mkdirSync(folder);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "pipe" });
  } catch (error) {
    context.skip(`mounting a file system is not permitted here: ${error}`);
  }
  onTestFinished(async () => {
    await until("nothing works on the mounted disk", async () => (await processesIn(folder)).length === 0);
    execFileSync("umount", [folder]);
  });
  return folder;
}
