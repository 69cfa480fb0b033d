import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { insertTeam } from "../../../src/main/hub/store/access.ts";
import { Database } from "../../../src/main/hub/store/database.ts";
import {
  advanceJob,
  cancelJob,
  claimJob,
  finishJob,
  insertJob,
  type JobLease,
  readJob,
  releaseJobs,
  renewJob,
} from "../../../src/main/hub/store/replay-jobs.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

const NOW = Date.parse("2026-04-14T12:00:00Z");
const ID = "0190a0b0-0000-7000-8000-000000000001";
const STEP = { id: ID, position: "7", done: 2, skipped: 1 };

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = new Database(database.connection, 2, () => undefined);
  await insertTeam(db, "team", "Team");
});
beforeEach(async () => {
  await db.query({ text: "DELETE FROM replay_jobs" });
  await insertJob(db, { id: ID, team: "team", request: {}, total: 3, untilSeq: 3, createdAt: new Date(NOW) });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const lease = (hub: number, at = 0): JobLease => ({ hub, now: new Date(NOW + at), until: new Date(NOW + at + 1_000) });
const job = () => readJob(db, "team", ID);

test("a job is one hub's until its lease has run out: nobody else claims, renews, advances or ends it", async () => {
  expect(await claimJob(db, lease(1))).toMatchObject({ id: ID, state: "running" });
  expect(await claimJob(db, lease(2, 999))).toBeNull();
  expect(await renewJob(db, ID, lease(2))).toBeNull();
  expect(await advanceJob(db, STEP, lease(2))).toBe(false);
  await finishJob(db, ID, 2, { state: "failed", error: "not mine", at: new Date(NOW) });
  await releaseJobs(db, [2, 3]);
  expect(await claimJob(db, lease(2, 999))).toBeNull();
  expect(await job()).toMatchObject({ state: "running", position: null, done: 0, skipped: 0, error: null });

  expect(await advanceJob(db, STEP, lease(1, 500))).toBe(true);
  expect(await claimJob(db, lease(2, 1_400))).toBeNull();
  expect(await claimJob(db, lease(2, 1_501))).toMatchObject({ position: "7", done: 2, skipped: 1 });
  expect(await advanceJob(db, STEP, lease(1, 1_501))).toBe(false);
});

test("a hub that stops gives its jobs back at once", async () => {
  await claimJob(db, lease(1));
  await releaseJobs(db, [1]);
  expect(await claimJob(db, lease(2))).toMatchObject({ id: ID });
});

test("a job that was cancelled stays so, whatever the hub that works on it still writes", async () => {
  await claimJob(db, lease(1));
  expect(await cancelJob(db, "other", ID, new Date(NOW))).toBeNull();
  expect(await cancelJob(db, "team", ID, new Date(NOW))).toMatchObject({ state: "cancelled" });
  expect(await renewJob(db, ID, lease(1))).toBeNull();
  expect(await advanceJob(db, STEP, lease(1))).toBe(false);
  await finishJob(db, ID, 1, { state: "done", error: null, at: new Date(NOW + 1) });
  expect(await job()).toMatchObject({ state: "cancelled", done: 0, finishedAt: new Date(NOW) });
  expect(await cancelJob(db, "team", ID, new Date(NOW))).toBeNull();
  expect(await claimJob(db, lease(2, 5_000))).toBeNull();
});

test("a job that is over is not ended again", async () => {
  await claimJob(db, lease(1));
  await finishJob(db, ID, 1, { state: "failed", error: "why", at: new Date(NOW) });
  await finishJob(db, ID, 1, { state: "done", error: null, at: new Date(NOW + 1) });
  expect(await cancelJob(db, "team", ID, new Date(NOW))).toBeNull();
  expect(await job()).toMatchObject({ state: "failed", error: "why", finishedAt: new Date(NOW) });
});
