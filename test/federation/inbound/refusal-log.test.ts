import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Refusal, RefusalLog } from "../../../src/main/hub/federation/inbound/index.ts";
import { Database, type Queryable } from "../../../src/main/hub/store/database.ts";
import { pageRefusals, type RefusalRecord } from "../../../src/main/hub/store/ledger-refusals.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

let home: TestDatabase;
let db: Database;
let log: RefusalLog;
let now: number;
let away: boolean;
let errors: unknown[];

const START = Date.parse("2026-04-14T10:00:30Z");
const refusal: Refusal = {
  team: "t",
  route: "/hooks/t/kite",
  reason: "bad_signature",
  peer: 3,
  evidence: { bearer: "present", signature: "absent" },
};

beforeAll(async () => {
  home = await createTestDatabase();
  db = new Database(home.connection, 2, () => undefined);
});

afterAll(async () => {
  await db.close();
  await home.drop();
});

beforeEach(() => {
  now = START;
  away = false;
  errors = [];
  const gate: Queryable = {
    query: (query) => {
      if (away) throw Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });
      return db.query(query);
    },
  };
  log = new RefusalLog({ db: gate, now: () => now, onError: (error) => errors.push(error) });
});

afterEach(async () => {
  await log.close();
  await db.query({ text: "TRUNCATE refusals, rollups" });
});

const kept = (before: string | null = null, limit = 100): Promise<RefusalRecord[]> =>
  pageRefusals(db, { team: "t", peerId: null, reason: null, hook: null, before, limit });

const counts = async (): Promise<unknown[]> => {
  const { rows } = await db.query({
    text: "SELECT minute, peer, kind, reason, n::int FROM rollups ORDER BY minute, peer, reason",
  });
  return rows;
};
const minute = new Date("2026-04-14T10:00:00Z");

test("a refusal is kept with all that is known of it, and counted", async () => {
  log.record({ ...refusal, eventId: "e", eventSource: "s", eventType: "t" });
  log.record({ ...refusal, team: null, peer: null, reason: "unauthorized" });
  await log.flush();
  const { rows } = await db.query({ text: "SELECT team, peer, reason FROM refusals ORDER BY id" });
  expect(rows).toEqual([
    { team: "t", peer: 3, reason: "bad_signature" },
    { team: null, peer: null, reason: "unauthorized" },
  ]);
  expect((await kept()).at(-1)).toMatchObject({
    at: new Date(START),
    route: "/hooks/t/kite",
    reason: "bad_signature",
    event: { id: "e", source: "s", type: "t" },
    evidence: '{"bearer":"present","signature":"absent"}',
  });
  expect(await counts()).toEqual([
    { minute, peer: 0, kind: "refused", reason: "unauthorized", n: 1 },
    { minute, peer: 3, kind: "refused", reason: "bad_signature", n: 1 },
  ]);
});

test("refusals are paged, newest first", async () => {
  for (let i = 0; i < 5; i++) log.record({ ...refusal, eventId: `${i}`, eventSource: "s", eventType: "t" });
  await log.flush();
  const first = await kept(null, 3);
  const second = await kept(first.at(-1)?.id ?? null, 3);
  expect([...first, ...second].map((row) => row.event?.id)).toEqual(["4", "3", "2", "1", "0"]);
});

test("a flood becomes a few rows and one with a count; the rollup is exact", async () => {
  for (let i = 0; i < 1_000; i++) log.record(refusal);
  log.record({ ...refusal, reason: "own_id_in_chain" });
  await log.flush();
  expect(await kept()).toHaveLength(21);
  now += 10_000;
  await log.flush();
  const [last] = await kept();
  expect(JSON.parse(last?.evidence ?? "")).toEqual({ bearer: "present", signature: "absent", count: 980 });
  expect(await counts()).toEqual([
    { minute, peer: 3, kind: "refused", reason: "bad_signature", n: 1_000 },
    { minute, peer: 3, kind: "refused", reason: "own_id_in_chain", n: 1 },
  ]);
  log.record(refusal);
  await log.flush();
  expect(await kept()).toHaveLength(23);
});

test("while the database is away they wait, and nothing is counted twice", async () => {
  away = true;
  log.record(refusal);
  await log.flush();
  expect(errors).toHaveLength(1);
  now += 60_000;
  log.record(refusal);
  away = false;
  await log.flush();
  await log.flush();
  expect(await kept()).toHaveLength(2);
  expect(await counts()).toMatchObject([
    { minute, n: 1 },
    { minute: new Date("2026-04-14T10:01:00Z"), n: 1 },
  ]);
});

test("closing writes what waits, with windows that are still open", async () => {
  for (let i = 0; i < 25; i++) log.record(refusal);
  await log.close();
  const rows = await kept();
  expect(rows).toHaveLength(21);
  expect(rows[0]?.evidence).toContain('"count":5');
});

test("what callers send cannot hurt the record", async () => {
  const nasty = "\u0000\ud800x".repeat(100_000);
  const long = Array.from({ length: 10_000 }, () => "id");
  log.record({
    ...refusal,
    route: nasty,
    eventId: nasty,
    eventSource: "s",
    eventType: nasty,
    evidence: { nasty, chain: long },
  });
  await log.flush();
  expect(errors).toEqual([]);
  const [row] = await kept();
  expect(row?.event?.id.length).toBeLessThanOrEqual(512);
  expect(row?.evidence.length).toBeLessThan(2_000);
});
