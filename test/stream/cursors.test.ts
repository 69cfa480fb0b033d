import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteIdleCursors, openCursor, saveCursors } from "../../src/main/hub/store/cursors.ts";
import { Database } from "../../src/main/hub/store/database.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

let testDatabase: TestDatabase;
let db: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  db = new Database(testDatabase.connection, 4, () => undefined);
  await db.query({ text: "UPDATE log_head SET seq = 100" });
});

afterAll(async () => {
  await db.close();
  await testDatabase.drop();
});

const all = ["*"];
const open = (clientId: string, seq = 50, scopes: readonly string[] = all) =>
  openCursor(db, { team: "t", clientId, seq, scopes });
const save = (clientId: string, seq: number, passed = 0, scopes: readonly string[] = all) =>
  saveCursors(db, [{ team: "t", clientId, seq, passed, scopes }]);

describe("a cursor", () => {
  it("is put where it is asked for, once", async () => {
    expect(await open("new", 50)).toEqual({ seq: 50, passed: 0, scopes: all });
    expect(await open("new", 90, ["type:x"])).toEqual({ seq: 50, passed: 0, scopes: all });
  });

  it("belongs to a team", async () => {
    await save("shared", 60);
    expect(await openCursor(db, { team: "other", clientId: "shared", seq: 10, scopes: all })).toMatchObject({
      seq: 10,
    });
    expect(await open("shared")).toMatchObject({ seq: 60 });
  });

  it("never goes back", async () => {
    await save("forward", 60);
    await save("forward", 55);
    expect(await open("forward")).toMatchObject({ seq: 60 });
    await save("forward", 61);
    expect(await open("forward")).toMatchObject({ seq: 61 });
  });

  it("never goes beyond the log's head", async () => {
    expect(await open("eager", 5_000)).toMatchObject({ seq: 100 });
    await save("keen", 5_000, 6_000);
    expect(await open("keen")).toMatchObject({ seq: 100, passed: 100 });
  });

  it("that is beyond the head, after a restore say, is read as the head", async () => {
    await save("ahead", 100, 100);
    await db.query({ text: "UPDATE log_head SET seq = 80" });
    expect(await open("ahead")).toMatchObject({ seq: 80, passed: 80 });
    await db.query({ text: "UPDATE log_head SET seq = 100" });
  });

  it("remembers what was passed over for as long as the scopes are the same", async () => {
    await save("picky", 10, 40, ["type:a"]);
    await save("picky", 12, 0, ["type:a"]);
    expect(await open("picky")).toEqual({ seq: 12, passed: 40, scopes: ["type:a"] });
    await save("picky", 12, 20, ["type:b", "type:c"]);
    expect(await open("picky")).toEqual({ seq: 12, passed: 20, scopes: ["type:b", "type:c"] });
    await save("picky", 13, 0, []);
    expect(await open("picky")).toEqual({ seq: 13, passed: 0, scopes: [] });
  });

  it("is moved with thousands of others in one statement", async () => {
    const updates = Array.from({ length: 3_000 }, (_, i) => ({
      team: i % 2 === 0 ? "t" : "u",
      clientId: `c"'{},\\ü-${i}`,
      seq: (i % 100) + 1,
      passed: 0,
      scopes: [`type:"${i}\\`],
    }));
    await saveCursors(db, updates);
    const { rows } = await db.query<{ n: string }>({
      text: "SELECT count(*) AS n FROM cursors WHERE client_id LIKE 'c\"%'",
    });
    expect(rows[0]?.n).toBe("3000");
    expect(await openCursor(db, { team: "u", clientId: `c"'{},\\ü-7`, seq: 1, scopes: all })).toEqual({
      seq: 8,
      passed: 0,
      scopes: [`type:"7\\`],
    });
  });

  it("moves while other hubs move the same ones, without a deadlock", async () => {
    const names = Array.from({ length: 200 }, (_, i) => `busy-${i}`);
    const move = (seq: number, order: readonly string[]) =>
      saveCursors(
        db,
        order.map((clientId) => ({ team: "t", clientId, seq, passed: 0, scopes: all })),
      );
    await Promise.all(Array.from({ length: 30 }, (_, i) => move(i + 1, i % 2 === 0 ? names : [...names].reverse())));
    expect(await open("busy-0")).toMatchObject({ seq: 30 });
    expect(await open("busy-199")).toMatchObject({ seq: 30 });
  });

  it("is forgotten when nobody came for long", async () => {
    await save("gone", 10);
    await db.query({ text: "UPDATE cursors SET updated_at = '2020-01-01' WHERE client_id = 'gone'" });
    expect(await deleteIdleCursors(db, new Date("2021-01-01"))).toBe(1);
    expect(await open("gone", 99)).toMatchObject({ seq: 99 });
  });
});
