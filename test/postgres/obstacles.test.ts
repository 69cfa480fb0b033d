import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type PostgresServer, startPostgres } from "../../src/main/postgres/index.ts";
import {
  FAST,
  failure,
  isRoot,
  makeFolder,
  mountMemory,
  processesIn,
  query,
  removeFolder,
  stopAfterTest,
  temporaryFolder,
} from "./fixture.ts";

function start(dataDir: string, settings: Record<string, string> = FAST): Promise<PostgresServer> {
  return startPostgres({ dataDir, settings, log: () => undefined });
}

test("a cluster whose making was interrupted is removed and made again", async () => {
  const dataDir = await temporaryFolder();
  const half = join(dataDir, "postgres.init-Ab12cd", "data");
  await mkdir(join(half, "base"), { recursive: true });
  await writeFile(join(half, "PG_VERSION"), "18\n");
  const server = stopAfterTest(await start(dataDir));
  expect(server.startedIn).toBe("cold");
  expect((await readdir(dataDir)).sort()).toEqual(["owner.lock", "postgres"]);
});

test("a folder that is no cluster is refused and left as it is", async () => {
  const dataDir = await temporaryFolder();
  await mkdir(join(dataDir, "postgres"));
  const note = join(dataDir, "postgres", "note.txt");
  await writeFile(note, "mine");
  expect(await failure(start(dataDir))).toMatchObject({ code: "KITE_POSTGRES_NOT_A_CLUSTER" });
  expect(existsSync(note)).toBe(true);
  // An empty one is no harm.
  await rm(note);
  expect(stopAfterTest(await start(dataDir)).startedIn).toBe("cold");
});

test("a data folder beneath a file is refused", async () => {
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "");
  const error = await failure(start(join(file, "hub")));
  expect(error.code).toBe("KITE_POSTGRES_UNWRITABLE");
  expect(error.message).toContain(join(file, "hub"));
  expect(error.message).toContain("KITE_DATA_DIR");
});

test("a folder that may not be written is refused", async (context) => {
  if (isRoot) context.skip("root may write everywhere: see the read-only disk");
  const folder = await temporaryFolder();
  await chmod(folder, 0o555);
  expect(await failure(start(folder))).toMatchObject({ code: "KITE_POSTGRES_UNWRITABLE" });
  expect(await failure(start(join(folder, "hub")))).toMatchObject({ code: "KITE_POSTGRES_UNWRITABLE" });
  vi.stubEnv("HOME", folder);
  const error = await failure(start(join(folder, ".local", "state", "kite-desktop")));
  vi.unstubAllEnvs();
  expect(error.code).toBe("KITE_POSTGRES_READ_ONLY_HOME");
  expect(error.message).toContain("KITE_DATA_DIR");
  await chmod(folder, 0o755);
});

test("a read-only disk is refused, and a read-only home says which variable to set", async (context) => {
  const disk = await mountMemory(context, "size=1m,mode=755,ro");
  expect(await failure(start(join(disk, "hub")))).toMatchObject({ code: "KITE_POSTGRES_UNWRITABLE" });
  vi.stubEnv("HOME", disk);
  const error = await failure(start(join(disk, ".local", "state", "kite-desktop")));
  vi.unstubAllEnvs();
  expect(error.code).toBe("KITE_POSTGRES_READ_ONLY_HOME");
  expect(error.message).toContain("KITE_DATA_DIR");
});

test("a disk too full for a cluster is refused, and nothing stays on it", async (context) => {
  const disk = await mountMemory(context, "size=20m,mode=755");
  const dataDir = join(disk, "hub");
  const error = await failure(start(dataDir));
  expect(error.code).toBe("KITE_POSTGRES_DISK_FULL");
  expect(error.message).toContain(dataDir);
  expect((await readdir(dataDir)).filter((name) => name.startsWith("postgres"))).toEqual([]);
});

test("a disk that became full is refused at the next start, which works when there is space again", async (context) => {
  const disk = await mountMemory(context, "size=90m,mode=755");
  const dataDir = join(disk, "hub");
  await (await start(dataDir)).stop();
  const filler = join(disk, "filler");
  // Written until it stops: nothing is left.
  await writeFile(filler, Buffer.alloc(90 * 1024 * 1024)).catch(() => undefined);
  expect(await failure(start(dataDir))).toMatchObject({ code: "KITE_POSTGRES_DISK_FULL" });
  await rm(filler);
  expect(stopAfterTest(await start(dataDir)).startedIn).not.toBe("cold");
});

test("while the server runs, a full disk fails statements, and they work again when there is space", async (context) => {
  const disk = await mountMemory(context, "size=120m,mode=755");
  const server = stopAfterTest(await start(join(disk, "hub"), { ...FAST, min_wal_size: "32MB", max_wal_size: "32MB" }));
  await query(server.connection(), "CREATE TABLE heap (body text)");
  const filler = join(disk, "filler");
  await writeFile(filler, Buffer.alloc(120 * 1024 * 1024)).catch(() => undefined);
  const grow = () =>
    query(server.connection(), "INSERT INTO heap SELECT repeat('x', 8000) FROM generate_series(1, 500)");
  await expect(grow()).rejects.toMatchObject({ code: "53100" });
  await rm(filler);
  await grow();
});

test("as root, a folder that the server's account cannot reach is refused by name", async (context) => {
  if (!isRoot) context.skip("needs root, who drops to another account");
  const closed = join(await temporaryFolder(), "closed");
  await mkdir(closed, { mode: 0o700 });
  const error = await failure(start(join(closed, "hub")));
  expect(error.code).toBe("KITE_POSTGRES_NOT_TRAVERSABLE");
  expect(error.message).toContain(`the folder ${closed} `);
  expect(error.message).toContain("KITE_DATA_DIR");
  expect((await stat(closed)).mode & 0o777).toBe(0o700);
  expect(await processesIn(closed)).toEqual([]);
});

describe("a cluster made before", () => {
  let dataDir = "";
  let cluster = "";

  beforeAll(async () => {
    dataDir = await makeFolder();
    cluster = join(dataDir, "postgres", "data");
    await (await start(dataDir)).stop();
  });

  afterAll(() => removeFolder(dataDir));

  test("of another major version is refused, and left as it is", async () => {
    await writeFile(join(cluster, "PG_VERSION"), "17\n");
    const error = await failure(start(dataDir));
    expect(error.code).toBe("KITE_POSTGRES_VERSION_MISMATCH");
    expect(error.message).toContain("PostgreSQL 17");
    await writeFile(join(cluster, "PG_VERSION"), "18\n");
    await (await start(dataDir)).stop();
  });

  test("that is damaged is refused with the server's own words", async () => {
    const control = join(cluster, "global", "pg_control");
    await rename(control, `${control}.away`);
    const error = await failure(start(dataDir));
    await rename(`${control}.away`, control);
    expect(error.code).toBe("KITE_POSTGRES_START_FAILED");
    expect(error.message).toContain("pg_control");
    expect(error.serverLog.length).toBeGreaterThan(0);
  });

  test("with a setting that the server does not know is refused with its own words", async () => {
    const error = await failure(start(dataDir, { ...FAST, no_such_setting: "1" }));
    expect(error.code).toBe("KITE_POSTGRES_START_FAILED");
    expect(error.message).toContain("no_such_setting");
  });

  test("in a folder that others cannot pass through: as root, it is opened for passage only", async (context) => {
    if (!isRoot) context.skip("needs root, who drops to another account");
    await chmod(dataDir, 0o700);
    await (await start(dataDir)).stop();
    expect((await stat(dataDir)).mode & 0o777).toBe(0o711);
  });

  test("of an ordinary user is run as that user by root, and one restored by root is given to the account", async (context) => {
    if (!isRoot) context.skip("needs root, who drops to another account");
    const account = (await stat(cluster)).uid;
    for (const [given, expected] of [
      ["12345:12345", 12345],
      ["0:0", account],
    ] as const) {
      execFileSync("chown", ["-R", given, cluster]);
      const server = await start(dataDir);
      expect((await stat(join(cluster, "postmaster.pid"))).uid).toBe(expected);
      await server.stop();
    }
  });
});
