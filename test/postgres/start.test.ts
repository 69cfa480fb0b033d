import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../../src/main/postgres/index.ts";
import {
  FAST,
  failure,
  isRoot,
  makeFolder,
  processesIn,
  query,
  removeFolder,
  stopAfterTest,
  temporaryFolder,
  until,
} from "./fixture.ts";

const quiet = () => undefined;

test("a first start makes the cluster, a second one finds it, and a stop leaves no process", async () => {
  const dataDir = join(await temporaryFolder(), "new", "hub");
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);

  const first = stopAfterTest(await startPostgres({ dataDir, log }));
  expect(first).toMatchObject({ dataDir, startedIn: "cold" });
  await query(first.connection(), "CREATE TABLE kept AS SELECT 42 AS answer");
  expect(await query(first.connection("postgres"), "SELECT current_database() AS name")).toEqual([
    { name: "postgres" },
  ]);
  await first.stop();
  await first.stop();
  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(await processesIn(dataDir)).toEqual([]);

  const second = stopAfterTest(await startPostgres({ dataDir, log }));
  expect(second.startedIn).toBe("warm");
  expect(await query(second.connection(), "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
  expect(lines.join("\n")).toContain("ready to accept connections");
  expect(lines.join("\n")).not.toContain(second.connection().password);
});

describe("a running server", () => {
  const lines: string[] = [];
  let folder = "";
  let server: PostgresServer;
  let stop = async () => {};

  beforeAll(async () => {
    process.env.KITE_TEST_SECRET = "not-for-postgres";
    folder = await makeFolder();
    server = await startPostgres({
      dataDir: join(folder, "a, b; c"),
      settings: { work_mem: "5MB", max_connections: "33" },
      log: (line) => lines.push(line),
    });
    stop = () => server.stop();
  });

  afterAll(async () => {
    delete process.env.KITE_TEST_SECRET;
    await stop();
    await removeFolder(folder);
  });

  test.skipIf(process.platform === "win32")("listens on a Unix socket, whatever characters its path has", () => {
    expect(server.connection().host).toContain(server.dataDir);
  });

  test("has settings for durability, UTC and UTF-8 by default, and the caller's win", async () => {
    const names = ["fsync", "synchronous_commit", "full_page_writes", "TimeZone", "server_encoding"];
    const shown = await query(
      server.connection(),
      `SELECT name, setting FROM pg_settings WHERE name IN ('${[...names, "max_connections", "work_mem"].join("', '")}')`,
    );
    expect(Object.fromEntries(shown.map(({ name, setting }) => [name, setting]))).toEqual({
      TimeZone: "UTC",
      fsync: "on",
      full_page_writes: "on",
      max_connections: "33",
      server_encoding: "UTF8",
      synchronous_commit: "on",
      work_mem: "5120",
    });
  });

  test("refuses a wrong password", async () => {
    const guess = { ...server.connection(), password: "guess" };
    await expect(query(guess, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
  });

  test("runs under an ordinary account, and its password is closed to others", async (context) => {
    if (process.platform === "win32") context.skip("Windows has neither user ids nor modes");
    const cluster = await stat(join(server.dataDir, "postgres", "data"));
    if (isRoot) expect(cluster.uid).not.toBe(0);
    else expect(cluster.uid).toBe(process.getuid?.());
    expect((await stat(join(server.dataDir, "postgres", "password"))).mode & 0o777).toBe(0o600);
    if (process.platform !== "linux") return;
    const status = await readFile(`/proc/${server.pid}/status`, "utf8");
    expect(status).toMatch(new RegExp(`^Uid:\\s+${cluster.uid}\\s`, "m"));
  });

  test("is out of the reach of a terminal's Ctrl-C, and of the environment's secrets", async (context) => {
    if (process.platform !== "linux") context.skip("looks into another process, as Linux allows");
    const [, , , session] = (await readFile(`/proc/${server.pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
    expect(session).toBe(String(server.pid));
    const environment = await readFile(`/proc/${server.pid}/environ`, "utf8");
    expect(environment).toContain("LC_ALL=C");
    expect(environment).not.toContain("not-for-postgres");
  });

  test("logs its errors, but no statements and no rows", async () => {
    await query(server.connection(), "CREATE TABLE one (secret text PRIMARY KEY)");
    await query(server.connection(), "INSERT INTO one VALUES ('hush')");
    await expect(query(server.connection(), "INSERT INTO one VALUES ('hush')")).rejects.toMatchObject({
      code: "23505",
    });
    await until("the error is logged", () => lines.join("\n").includes("duplicate key"));
    expect(lines.join("\n")).not.toContain("hush");
  });
});

test("a path too long for a Unix socket, with odd characters, is served over TCP", async () => {
  const dataDir = join(await temporaryFolder(), `a, folder; with ${"x".repeat(80)}`);
  const server = stopAfterTest(await startPostgres({ dataDir, settings: FAST, log: quiet }));
  expect(server.connection().host).toBe("127.0.0.1");
  expect(await query(server.connection(), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("a port that is busy is refused by name, and the folder is free afterwards", async () => {
  const dataDir = await temporaryFolder();
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
  const address = squatter.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const error = await failure(startPostgres({ dataDir, port, settings: FAST, log: quiet }));
  expect(error).toMatchObject({ code: "KITE_POSTGRES_PORT_BUSY" });
  expect(error.message).toContain(`127.0.0.1:${port}`);
  await new Promise((resolve) => squatter.close(resolve));
  const server = stopAfterTest(await startPostgres({ dataDir, port, settings: FAST, log: quiet }));
  expect(server.connection()).toMatchObject({ host: "127.0.0.1", port });
});

test("a start that is aborted rejects with the reason and leaves nothing running", async () => {
  const folder = await temporaryFolder();
  const dataDir = join(folder, "hub");
  const abort = new AbortController();
  const log = (line: string) => line.includes("listening on") && abort.abort(new Error("enough"));
  await expect(startPostgres({ dataDir, settings: FAST, log, signal: abort.signal })).rejects.toThrow("enough");
  expect(await processesIn(folder)).toEqual([]);
  // The cluster that was made before is good.
  expect(stopAfterTest(await startPostgres({ dataDir, settings: FAST, log: quiet })).startedIn).toBe("warm");
});

test("a start that is aborted while the cluster is made leaves no half of one", async () => {
  const folder = await temporaryFolder();
  const dataDir = join(folder, "hub");
  const abort = new AbortController();
  const started = startPostgres({ dataDir, settings: FAST, log: quiet, signal: abort.signal });
  started.catch(() => undefined);
  await until("initdb works", async () => (await processesIn(dataDir)).length > 0 || process.platform !== "linux");
  abort.abort(new Error("enough"));
  await expect(started).rejects.toThrow("enough");
  expect(existsSync(join(dataDir, "postgres"))).toBe(false);
  await until("initdb is gone", async () => (await processesIn(dataDir)).length === 0);
});
