import { afterAll, beforeAll, expect, test } from "vitest";
import { insertTeam } from "../../../src/main/hub/store/access.ts";
import { Database } from "../../../src/main/hub/store/database.ts";
import {
  expirePairings,
  insertPairing,
  listOpened,
  movePairing,
  readPairing,
} from "../../../src/main/hub/store/pairings.ts";
import { PAIRING_STATES, type PairingState } from "../../../src/shared/links/index.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = new Database(database.connection, 2, () => undefined);
  await insertTeam(db, "team", "Team");
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

const NOW = new Date("2026-04-14T12:00:00Z");
const offer = { maker_to_opener: "pull" as const, opener_to_maker: "push" as const, scopes: ["*"], max_hops: 3 };
let made = 0;

async function put(role: "maker" | "opener", state: PairingState, expires: Date): Promise<string> {
  const id = `0190a0b0-0000-7000-8000-${String(++made).padStart(12, "0")}`;
  const row = { id, team: "team", role, state, offer, secrets: Buffer.from("sealed"), expires_at: expires };
  expect(await insertPairing(db, row)).toBe(true);
  expect(await insertPairing(db, row)).toBe(false);
  return id;
}

test("a pairing leaves only a state that it is in", async () => {
  const id = await put("maker", "offered", NOW);
  expect(await movePairing(db, id, ["comparing", "confirmed_here"], { state: "done" })).toBeNull();
  expect(await readPairing(db, id)).toMatchObject({ state: "offered" });
  expect(await movePairing(db, id, ["offered"], { state: "comparing", words: "a b c d" })).toMatchObject({
    state: "comparing",
    words: "a b c d",
  });
});

test("what nobody confirmed ends with its time; what waits for the other side's word does not", async () => {
  const late = new Date(NOW.getTime() - 1);
  const states = async (expires: Date): Promise<Record<string, string>> => {
    const ended: Record<string, string> = {};
    for (const role of ["maker", "opener"] as const)
      for (const state of PAIRING_STATES) ended[`${role} ${state}`] = await put(role, state, expires);
    return ended;
  };
  const [past, future] = [await states(late), await states(NOW)];
  await expirePairings(db, NOW);
  const stateOf = async (ids: Record<string, string>): Promise<[string, string][]> => {
    const after: [string, string][] = [];
    for (const [name, id] of Object.entries(ids)) after.push([name, (await readPairing(db, id))?.state ?? "gone"]);
    return after;
  };
  const expired = (await stateOf(past)).filter(([name, state]) => state === "expired" && !name.endsWith("expired"));
  expect(expired.map(([name]) => name)).toEqual([
    "maker offered",
    "maker comparing",
    "maker confirmed_here",
    "maker confirmed_there",
    "opener offered",
    "opener comparing",
    "opener confirmed_there",
  ]);
  expect((await stateOf(future)).filter(([name, state]) => !name.endsWith(` ${state}`))).toEqual([]);
  // What has ended keeps no secret.
  expect((await readPairing(db, past["maker offered"] ?? ""))?.secrets).toBeNull();
  expect((await readPairing(db, past["opener confirmed_here"] ?? ""))?.secrets).not.toBeNull();
});

test("the opener asks after what it opened, and nobody after what was only offered or is over", async () => {
  await db.query({ text: "DELETE FROM pairings" });
  for (const role of ["maker", "opener"] as const) for (const state of PAIRING_STATES) await put(role, state, NOW);
  expect((await listOpened(db)).map(({ role, state }) => `${role} ${state}`).sort()).toEqual([
    "opener comparing",
    "opener confirmed_here",
  ]);
});
