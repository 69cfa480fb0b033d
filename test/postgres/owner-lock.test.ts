import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { PostgresError, startPostgres } from "../../src/main/postgres/index.ts";
import { acquireOwnerLock, type OwnerLock } from "../../src/main/postgres/owner-lock.ts";
import { bootId, isAlive, startTicks } from "../../src/main/postgres/processes.ts";
import { FAST, failure, HubChild, query, stopAfterTest, temporaryFolder, until } from "./fixture.ts";

const quiet = () => undefined;
const onLinux = process.platform === "linux";

/** A lock as another process would have left it. */
async function leaveLock(dataDir: string, owner: Record<string, unknown>, name = "7"): Promise<string> {
  await mkdir(join(dataDir, "owner.lock"), { recursive: true });
  const file = join(dataDir, "owner.lock", name);
  await writeFile(file, JSON.stringify(owner));
  return file;
}

function acquire(dataDir: string): Promise<OwnerLock | PostgresError> {
  return acquireOwnerLock(dataDir).catch((error: unknown) => {
    if (error instanceof PostgresError) return error;
    throw error;
  });
}

test("a second hub on the same folder is refused, naming the first, which is unharmed", async () => {
  const dataDir = await temporaryFolder();
  const server = stopAfterTest(await startPostgres({ dataDir, settings: FAST, log: quiet }));
  const second = await new HubChild(dataDir).answer();
  expect(second).toMatchObject({ kind: "failed", code: "KITE_POSTGRES_OWNED" });
  expect(second).toMatchObject({ message: expect.stringContaining(`process ${process.pid}`) });
  // In the same process too.
  expect((await failure(startPostgres({ dataDir, settings: FAST, log: quiet }))).code).toBe("KITE_POSTGRES_OWNED");
  expect(isAlive(server.pid)).toBe(true);
  expect(await query(server.connection(), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("of hubs that start at once on a new folder, exactly one wins", async () => {
  const dataDir = await temporaryFolder();
  const hubs = Array.from({ length: 3 }, () => new HubChild(dataDir));
  const answers = await Promise.all(hubs.map((hub) => hub.answer()));
  const kinds = answers.map((answer) => (answer.kind === "failed" ? answer.code : answer.kind)).sort();
  expect(kinds).toEqual(["KITE_POSTGRES_OWNED", "KITE_POSTGRES_OWNED", "ready"]);
  const winner = hubs[answers.findIndex(({ kind }) => kind === "ready")];
  winner?.tell("stop");
  await winner?.gone();
});

test.skipIf(!onLinux)("of many claimants to the lock of a dead hub, exactly one wins, again and again", async () => {
  const dataDir = await temporaryFolder();
  await leaveLock(dataDir, { pid: process.pid, host: hostname(), boot: "another", startTicks: "1" });
  for (let round = 0; round < 25; round++) {
    const results = await Promise.all(Array.from({ length: 12 }, () => acquire(dataDir)));
    const locks = results.filter((result): result is OwnerLock => !(result instanceof PostgresError));
    expect(locks).toHaveLength(1);
    await Promise.all(locks.map((lock) => lock.release()));
  }
  expect(await readdir(join(dataDir, "owner.lock"))).toHaveLength(1);
});

test("claimants and owners that come and go never own the folder together", async () => {
  const dataDir = await temporaryFolder();
  let owners = 0;
  let turns = 0;
  const worker = async () => {
    while (turns < 60) {
      const lock = await acquire(dataDir);
      if (lock instanceof PostgresError) continue;
      owners++;
      turns++;
      expect(owners).toBe(1);
      await readdir(dataDir);
      owners--;
      await lock.release();
    }
  };
  if (onLinux) await Promise.all(Array.from({ length: 6 }, worker));
  else await worker();
  expect(turns).toBeGreaterThanOrEqual(60);
});

test("a released lock is free at once", async () => {
  const dataDir = await temporaryFolder();
  const first = await acquireOwnerLock(dataDir);
  await first.release();
  await first.release();
  const second = await acquireOwnerLock(dataDir);
  await second.release();
});

test("a dead owner's lock is taken over", async () => {
  const dataDir = await temporaryFolder();
  const gone = spawn(process.execPath, ["-e", ""]);
  await once(gone, "exit");
  await leaveLock(dataDir, { pid: gone.pid, host: hostname(), ...(bootId() && { boot: bootId(), startTicks: "1" }) });
  await (await acquireOwnerLock(dataDir)).release();
});

test("a lock torn by a crash of the machine is taken over", async () => {
  const dataDir = await temporaryFolder();
  await writeFile(await leaveLock(dataDir, {}), '{"pid":');
  await (await acquireOwnerLock(dataDir)).release();
});

test("a pid that was given to another process, or is of a former boot, is not the owner", async (context) => {
  if (!onLinux) context.skip("only Linux tells when a process began without being asked at length");
  const self = { pid: process.pid, host: hostname(), boot: bootId(), startTicks: startTicks(process.pid) };
  for (const owner of [
    { ...self, startTicks: "1" },
    { ...self, boot: "the one before" },
  ]) {
    const dataDir = await temporaryFolder();
    await leaveLock(dataDir, owner);
    await (await acquireOwnerLock(dataDir)).release();
  }
  const dataDir = await temporaryFolder();
  await leaveLock(dataDir, self);
  expect(await acquire(dataDir)).toMatchObject({ code: "KITE_POSTGRES_OWNED" });
});

test("a zombie counts as dead", async (context) => {
  if (!onLinux) context.skip("reads the state of a process, as on Linux");
  // The shell turns into a program that never asks after its child; a child that ended before that would be asked after.
  const parent = spawn("sh", ["-c", "sleep 0.3 & echo $!; exec sleep 600"]);
  onTestFinished(() => void parent.kill("SIGKILL"));
  const [chunk] = await once(parent.stdout, "data");
  const pid = Number(String(chunk));
  await until("there is a zombie", async () => (await readFile(`/proc/${pid}/stat`, "utf8")).includes(") Z "));
  expect(() => process.kill(pid, 0)).not.toThrow();
  expect(isAlive(pid)).toBe(false);
  const dataDir = await temporaryFolder();
  await leaveLock(dataDir, { pid, host: hostname(), boot: bootId(), startTicks: startTicks(pid) });
  await (await acquireOwnerLock(dataDir)).release();
});

test("an owner that cannot be looked up is judged by its heartbeat", async () => {
  const dataDir = await temporaryFolder();
  const file = await leaveLock(dataDir, { pid: process.pid, host: "another-container" });
  const beat = setInterval(() => utimes(file, new Date(), new Date()).catch(quiet), 300);
  onTestFinished(() => clearInterval(beat));
  const refused = await acquire(dataDir);
  expect(refused).toMatchObject({ code: "KITE_POSTGRES_OWNED" });
  expect(String(refused)).toContain("on another-container");
  clearInterval(beat);
  await (await acquireOwnerLock(dataDir, { patienceMs: 500 })).release();
});

test("a lock shows a heartbeat while it is held", async () => {
  const dataDir = await temporaryFolder();
  const lock = await acquireOwnerLock(dataDir);
  const file = join(dataDir, "owner.lock", "1");
  const long = new Date(0);
  await utimes(file, long, long);
  await until("it beats", async () => (await stat(file)).mtimeMs > 0);
  await lock.release();
});
