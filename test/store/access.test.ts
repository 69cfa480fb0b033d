import { afterAll, beforeAll, expect, test } from "vitest";
import {
  deactivateHook,
  deleteFederationToken,
  handKey,
  insertFederationToken,
  insertKey,
  insertTeam,
  listFederationTokens,
  listHooks,
  listKeys,
  revokeKey,
  setHookSecret,
  upsertHook,
} from "../../src/main/hub/store/access.ts";
import { Database } from "../../src/main/hub/store/database.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = new Database(database.connection, 2, () => undefined);
  for (const team of ["ours", "theirs"]) await insertTeam(db, team, team);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const idOf = (n: number): string => `0190a0b0-0000-7000-8000-${String(n).padStart(12, "0")}`;
const bytes = (text: string): Buffer => Buffer.from(text);
const UNTIL = new Date("2026-04-14T12:10:00Z");

/** A key of ours, told from others by its number. */
const keyOf = (n: number) => ({
  ...{ id: idOf(n), team: "ours", name: null, prefix: String(n).padStart(8, "0"), hash: bytes(`hash ${n}`) },
  ...{ permissions: ["stream"], scopes: ["*"], expires_at: null, secret: bytes("sealed"), peer: null },
});

test("a key is revoked by its own team, once, and keeps no secret; a revoked one is handed to nobody", async () => {
  await insertKey(db, keyOf(1), false);
  expect(await revokeKey(db, "theirs", idOf(1))).toBe(false);
  expect((await listKeys(db))[0]).toMatchObject({ revoked_at: null, secret: bytes("sealed") });
  expect(await revokeKey(db, "ours", idOf(1))).toBe(true);
  expect(await revokeKey(db, "ours", idOf(1))).toBe(false);
  expect((await listKeys(db))[0]).toMatchObject({ revoked_at: expect.any(Date), secret: null });
  expect(await handKey(db, { id: idOf(1), team: "ours", peer: 1 })).toBe(false);
});

test("a token for peers is removed by its own team only", async () => {
  await insertFederationToken(db, { id: idOf(2), team: "ours", label: "for b", hash: bytes("token") });
  expect(await deleteFederationToken(db, "theirs", idOf(2))).toBe(false);
  expect(await listFederationTokens(db, "ours")).toHaveLength(1);
  expect(await deleteFederationToken(db, "ours", idOf(2))).toBe(true);
});

test("an endpoint's new token leaves its secrets as they are; a new secret lets the old one end in its time", async () => {
  const make = (n: number, webhook_secret: Buffer | null) =>
    upsertHook(
      db,
      {
        ...{ id: idOf(n), team: "ours", source: "github", token_prefix: String(n).padStart(8, "0") },
        ...{ token_hash: bytes(`token ${n}`), token_secret: null, webhook_secret },
      },
      UNTIL,
    );
  expect(await make(3, bytes("first"))).toMatchObject({ previous_secret: null, previous_secret_until: null });
  const second = { webhook_secret: bytes("second"), previous_secret: bytes("first"), previous_secret_until: UNTIL };
  expect(await make(4, bytes("second"))).toMatchObject({ id: idOf(3), ...second });
  expect(await make(5, null)).toMatchObject({ token_prefix: "00000005", ...second });
  expect(await setHookSecret(db, "theirs", idOf(3), bytes("stolen"), UNTIL)).toBe(false);
  expect(await deactivateHook(db, "theirs", idOf(3))).toBe(false);
  expect(await listHooks(db)).toMatchObject([{ active: true, ...second }]);
  expect(await deactivateHook(db, "ours", idOf(3))).toBe(true);
});
