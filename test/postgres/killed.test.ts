import { spawn } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { locateBinaries } from "../../src/main/postgres/binaries.ts";
import { startPostgres } from "../../src/main/postgres/index.ts";
import { isAlive } from "../../src/main/postgres/processes.ts";
import { stopServer } from "../../src/main/postgres/stop-server.ts";
import {
  FAST,
  HubChild,
  makeFolder,
  processesIn,
  query,
  removeFolder,
  stopAfterTest,
  temporaryFolder,
  until,
} from "./fixture.ts";

const quiet = () => undefined;
const DURABLE = { fsync: "on" };
const KEEP = "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 42 AS answer";

// The tests take turns on one folder: whatever state a kill leaves it in is one to start from.
let dataDir = "";
beforeAll(async () => {
  dataDir = await makeFolder();
});
afterAll(() => removeFolder(dataDir));

test("after its hub was killed, a server left running is replaced: what was committed is there, and nothing of the dead hub commits any more", async () => {
  const hub = new HubChild(dataDir, DURABLE);
  const orphan = await hub.ready();
  await query(orphan.connection, KEEP);
  // A server does not look after its client while it works, so this statement outlives the hub.
  const late = query(orphan.connection, "INSERT INTO kept SELECT 43 FROM pg_sleep(3600)");
  late.catch(() => undefined);
  const sleeping = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
  await until("the statement runs", async () => (await query(orphan.connection, sleeping)).length > 0);
  await hub.kill();
  expect(isAlive(orphan.pid)).toBe(true);

  const server = stopAfterTest(await startPostgres({ dataDir, log: quiet }));
  expect(server.startedIn).toBe("recovered");
  expect(isAlive(orphan.pid)).toBe(false);
  await expect(late).rejects.toThrow();
  expect(await query(server.connection(), "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
});

test("after hub and server were killed, the next start recovers what was committed", async () => {
  const hub = new HubChild(dataDir, DURABLE);
  const { pid, connection } = await hub.ready();
  await query(connection, KEEP);
  process.kill(pid, "SIGKILL");
  await hub.kill();
  await until("the server is dead", () => !isAlive(pid));

  const server = stopAfterTest(await startPostgres({ dataDir, log: quiet }));
  expect(server.startedIn).toBe("recovered");
  expect(await query(server.connection(), "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
});

test("when the server is killed under a living hub, `exited` tells, `stop` resolves, and the folder is free", async () => {
  const server = stopAfterTest(await startPostgres({ dataDir, settings: FAST, log: quiet }));
  process.kill(server.pid, "SIGKILL");
  if (process.platform !== "win32") expect(await server.exited).toEqual({ code: null, signal: "SIGKILL" });
  await server.exited;
  await server.stop();
  const next = stopAfterTest(await startPostgres({ dataDir, settings: FAST, log: quiet }));
  expect(next.startedIn).toBe("recovered");
});

test("a start waits for what is left of a killed server to end", async () => {
  const killed = stopAfterTest(await startPostgres({ dataDir, settings: FAST, log: quiet }));
  // Busy, a session does not notice that its server is gone.
  const busy = query(killed.connection(), "SET statement_timeout = 2000; DO $$ BEGIN LOOP NULL; END LOOP; END $$");
  busy.catch(() => undefined);
  const running = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SET statement_timeout%'";
  await until("it is busy", async () => (await query(killed.connection(), running)).length > 0);
  process.kill(killed.pid, "SIGKILL");
  await killed.stop();
  const lines: string[] = [];
  stopAfterTest(await startPostgres({ dataDir, settings: FAST, log: (line) => lines.push(line) }));
  expect(lines.join("\n")).toMatch(/pre-existing shared memory block .* still in use/);
});

test.skipIf(process.platform === "win32")(
  "a server that does not follow an orderly stop is stopped by force",
  async () => {
    const server = stopAfterTest(await startPostgres({ dataDir, settings: FAST, log: quiet }));
    process.kill(server.pid, "SIGSTOP");
    const escalation = [
      ["INT", 20],
      ["QUIT", 20],
      ["KILL", 10_000],
    ] as const;
    expect(await stopServer(server.pid, locateBinaries(), () => !isAlive(server.pid), escalation)).toBe(true);
    expect(await server.exited).toEqual({ code: null, signal: "SIGKILL" });
  },
);

test("the traces of a killed server do not keep the next one from starting when their pid is that of another process", async (context) => {
  if (process.platform === "win32") context.skip("needs a process under the server's account");
  const hub = new HubChild(dataDir);
  const { pid } = await hub.ready();
  process.kill(pid, "SIGKILL");
  await hub.kill();
  await until("the server is dead", () => !isAlive(pid));

  // PostgreSQL by itself would now refuse to start: a process of its own user with that pid exists.
  const { uid, gid } = await stat(join(dataDir, "postgres", "data"));
  const stranger = spawn("sleep", ["600"], { uid, gid, cwd: "/" });
  onTestFinished(() => void stranger.kill("SIGKILL"));
  const pidFile = join(dataDir, "postgres", "data", "postmaster.pid");
  await writeFile(pidFile, (await readFile(pidFile, "utf8")).replace(/^\d+/, String(stranger.pid)));

  const server = stopAfterTest(await startPostgres({ dataDir, settings: FAST, log: quiet }));
  expect(server.startedIn).toBe("recovered");
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
});

test("a hub that exits without stopping its server leaves none behind", async () => {
  const hub = new HubChild(dataDir);
  const { pid } = await hub.ready();
  hub.tell("exit");
  await hub.gone();
  await until("the server has stopped", () => !isAlive(pid));
  expect(await processesIn(dataDir)).toEqual([]);
  expect(stopAfterTest(await startPostgres({ dataDir, settings: FAST, log: quiet })).startedIn).toBe("warm");
});

test("a hub killed while it makes the cluster does not keep the next one from making it", async (context) => {
  if (process.platform !== "linux") context.skip("finds the running initdb by its working directory, as on Linux");
  const dataDir = await temporaryFolder();
  const hub = new HubChild(dataDir, DURABLE);
  await until("initdb works", async () => (await processesIn(dataDir)).length > 0);
  await hub.kill();
  const server = stopAfterTest(await startPostgres({ dataDir, settings: FAST, log: quiet }));
  expect(server.startedIn).toBe("cold");
  expect(await query(server.connection(), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await server.stop();
  await until("the killed hub's initdb is gone", async () => (await processesIn(dataDir)).length === 0);
});
