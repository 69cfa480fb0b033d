import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type PostgresState, type SuperviseOptions, supervisePostgres } from "../../src/main/postgres/index.ts";
import { isAlive } from "../../src/main/postgres/processes.ts";
import { restartDelayMs } from "../../src/main/postgres/supervise.ts";
import {
  FAST,
  failure,
  makeFolder,
  processesIn,
  query,
  removeFolder,
  stopAfterTest,
  temporaryFolder,
  until,
} from "./fixture.ts";

// The tests take turns on one folder, which each leaves as a stopped one.
let dataDir = "";
beforeAll(async () => {
  dataDir = await makeFolder();
});
afterAll(() => removeFolder(dataDir));

async function supervise(options: Partial<SuperviseOptions> = {}) {
  const states: PostgresState[] = [];
  const server = stopAfterTest(
    await supervisePostgres({
      dataDir,
      settings: FAST,
      log: () => undefined,
      onState: (state) => states.push(state),
      ...options,
    }),
  );
  return { server, states, names: () => states.map(({ state }) => state) };
}

test("the wait before a restart is none at first, doubles, and is bounded", () => {
  expect([0, 1, 2, 3, 6, 7, 60].map(restartDelayMs)).toEqual([0, 100, 200, 400, 3200, 5000, 5000]);
});

for (const [transport, port] of [
  ["the default endpoint", undefined],
  ["TCP", 0],
] as const)
  test(`a killed server is started again on ${transport}, and a pool of connections recovers by itself`, async () => {
    const { server, states, names } = await supervise(port === undefined ? {} : { port });
    const [connection, pid] = [server.connection(), server.pid];
    const pool = new pg.Pool({ ...connection, max: 3 });
    pool.on("error", () => undefined);
    onTestFinished(() => pool.end());
    await pool.query("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 42 AS answer");

    process.kill(pid, "SIGKILL");
    await until("it runs again", () => names().includes("running"));
    expect(names()).toEqual(["down", "running"]);
    expect(states[0]).toMatchObject({ reason: expect.stringContaining("the server") });
    expect(server.pid).not.toBe(pid);
    expect(server.connection()).toEqual(connection);
    expect((await pool.query("SELECT answer FROM kept")).rows).toEqual([{ answer: 42 }]);
  });

test("while it cannot be started it is tried again and again, saying why, and the folder stays locked", async () => {
  const { server, states, names } = await supervise();
  const control = join(dataDir, "postgres", "data", "global", "pg_control");
  await rename(control, `${control}.away`);
  process.kill(server.pid, "SIGKILL");
  await until("it has been tried three times", () => names().filter((name) => name === "down").length >= 3);
  expect(states.at(-1)).toMatchObject({ reason: expect.stringContaining("pg_control") });
  expect(await failure(supervisePostgres({ dataDir, log: () => undefined }))).toMatchObject({
    code: "KITE_POSTGRES_OWNED",
  });
  await rename(`${control}.away`, control);
  await until("it runs again", () => server.state.state === "running");
  expect(await query(server.connection(), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("a stop while the server is down, or just being started, is a stop", async () => {
  for (const moment of ["down", "starting"]) {
    let starting = false;
    const log = (line: string) => {
      starting ||= line.includes("listening on");
    };
    const { server, names } = await supervise({ log });
    starting = false;
    process.kill(server.pid, "SIGKILL");
    await until("the moment has come", () => (moment === "down" ? names().includes("down") : starting));
    await server.stop();
    await server.exited;
    expect(server.state).toEqual({ state: "stopped" });
    expect(isAlive(server.pid)).toBe(false);
    // The children of the server that was killed notice its death by themselves, within moments.
    await until("nothing works in the folder", async () => (await processesIn(dataDir)).length === 0);
  }
});

test("a listener that throws does not end the supervision", async () => {
  const onState = () => {
    throw new Error("in the listener");
  };
  const lines: string[] = [];
  const { server } = await supervise({ onState, log: (line) => lines.push(line) });
  const { pid } = server;
  process.kill(pid, "SIGKILL");
  await until("it runs again", () => server.pid !== pid && server.state.state === "running");
  expect(lines.join("\n")).toContain("in the listener");
});

test("a first start that fails is an error, and holds nothing", async () => {
  const dataDir = await temporaryFolder();
  await mkdir(join(dataDir, "postgres"));
  const note = join(dataDir, "postgres", "note.txt");
  await writeFile(note, "mine");
  const options = { dataDir, settings: FAST, log: () => undefined };
  expect(await failure(supervisePostgres(options))).toMatchObject({ code: "KITE_POSTGRES_NOT_A_CLUSTER" });
  await rm(note);
  stopAfterTest(await supervisePostgres(options));
});
