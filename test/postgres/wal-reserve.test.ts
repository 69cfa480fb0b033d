import { afterAll, beforeAll, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../../src/main/postgres/index.ts";
import { reserveWal } from "../../src/main/postgres/wal-reserve.ts";
import { makeFolder, query, removeFolder } from "./fixture.ts";

const SEGMENTS = 4;

let dataDir = "";
let server: PostgresServer;

beforeAll(async () => {
  dataDir = await makeFolder();
  // Synced, as a user has it: a server that does not sync makes no zeros either.
  server = await startPostgres({ dataDir, log: () => undefined });
});

afterAll(async () => {
  await server.stop();
  await removeFolder(dataDir);
});

const reserve = (given: { signal?: AbortSignal; idleMs?: number } = {}) =>
  reserveWal({
    connection: server.connection(),
    dataDir,
    segments: SEGMENTS,
    idleMs: given.idleMs ?? 5,
    signal: given.signal ?? new AbortController().signal,
  });

/** Names of the segments behind the one that is written to. */
async function ready(): Promise<string[]> {
  const rows = await query(
    server.connection(),
    `SELECT name FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'
       AND name > pg_walfile_name(pg_current_wal_insert_lsn()) ORDER BY name`,
  );
  return rows.map(({ name }) => String(name));
}

test("it ends at once when it is told to", async () => {
  const before = await ready();
  const ended = new AbortController();
  const running = reserve({ signal: ended.signal, idleMs: 60_000 });
  ended.abort();
  expect(await running).toBe(0);
  expect(await ready()).toEqual(before);
});

test("segments stand ready that events are written to without one being made", async () => {
  expect(await reserve()).toBeGreaterThan(0);
  const names = await ready();
  expect(names.length).toBeGreaterThanOrEqual(SEGMENTS - 2);

  await query(
    server.connection(),
    "CREATE TABLE much AS SELECT repeat(md5(n::text), 32) FROM generate_series(1, 20000) AS n",
  );
  const left = await ready();
  expect(left.length).toBeLessThan(names.length);
  expect(names).toEqual(expect.arrayContaining(left));
});

test("a server that has enough is left alone", async () => {
  await reserve();
  expect(await reserve()).toBe(0);
});
