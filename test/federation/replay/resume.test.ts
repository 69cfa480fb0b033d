import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HubError } from "../../../src/main/hub/errors.ts";
import type { ReplayLog, ReplayService } from "../../../src/main/hub/federation/replay/index.ts";
import type { Peer } from "../../../src/main/hub/model.ts";
import { sharedDatabase } from "../relax/shared-database.ts";
import { asRequest, ReplayFixture } from "./replay-fixture.ts";

const MANY = 1_200;

const freshDatabase = sharedDatabase();
let fixture: ReplayFixture;
let x: Peer;

beforeEach(async () => {
  fixture = await ReplayFixture.open(await freshDatabase());
  x = await fixture.ledger.peer("x");
});

afterEach(async () => {
  await fixture.close();
});

const dead = { filter: { state: "dead" } } as const;
const shown = { filter: {}, targets: "listeners" } as const;

async function manyDead(): Promise<void> {
  await fixture.events(MANY);
  await fixture.ledger.finish(x, "fail");
}

/** Replayed entries, by how often the ledger counted one. */
const replays = async (): Promise<number> => (await fixture.ledger.counts("replay"))[0]?.n ?? 0;

describe("a job goes on where it was", () => {
  test("after the hub was stopped, and every entry is replayed once", async () => {
    await manyDead();
    let first: ReplayService | undefined;
    let stopped: Promise<void> | undefined;
    first = fixture.serve({ wake: () => (stopped ??= first?.stop()) });
    const { id, total } = await first.create("team", asRequest(dead));
    expect(total).toBe(MANY);
    await expect.poll(() => stopped !== undefined, { timeout: 15_000 }).toBe(true);
    await stopped;
    expect(await first.get("team", id)).toMatchObject({ state: "running", done: 500 });

    const job = await fixture.ended(fixture.serve({ hubNo: 2 }), id);
    expect(job).toMatchObject({ state: "done", done: MANY, skipped: 0 });
    expect(await replays()).toBe(MANY);
    expect(await fixture.ledger.claim(x)).toHaveLength(MANY);
  });

  test("after a crash between what was shown and the note of it, and nothing is shown twice", async () => {
    await fixture.events(MANY);
    const { log } = fixture.hub;
    let crashed = (): void => undefined;
    const hasCrashed = new Promise<void>((resolve) => {
      crashed = resolve;
    });
    // The first hub appends and is never heard of again.
    const dying: ReplayLog = {
      appendReplays: async (events) => {
        await log.appendReplays(events);
        crashed();
        return new Promise(() => undefined);
      },
    };
    const first = fixture.serve({ log: dying });
    fixture.services.pop();
    const { id } = await first.create("team", asRequest(shown));
    await hasCrashed;

    const second = fixture.serve({ hubNo: 2 });
    await second.releaseHubs([1]);
    expect(await fixture.ended(second, id)).toMatchObject({ state: "done", total: MANY, done: MANY });
    expect(await fixture.shownAgain()).toEqual(Array.from({ length: MANY }, (_, i) => i + 1));
  });

  test("after the log took a part and had no room for the rest", async () => {
    await fixture.events(300);
    const { log } = fixture.hub;
    let failures = 3;
    const flaky: ReplayLog = {
      appendReplays: async (events) => {
        if (failures-- <= 0) return log.appendReplays(events);
        await log.appendReplays(events.slice(0, 70));
        throw new HubError("overloaded");
      },
    };
    const job = await fixture.run(fixture.serve({ log: flaky }), shown);
    expect(job).toMatchObject({ state: "done", done: 300 });
    expect(await fixture.shownAgain()).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  });
});

describe("a job belongs to one hub at a time", () => {
  test("while its lease lasts nobody takes it; then another hub does, and the first one cannot go on", async () => {
    await fixture.events(600);
    const { log } = fixture.hub;
    let wakeUp = (): void => undefined;
    let asleep = (): void => undefined;
    const sleeps = new Promise<void>((resolve) => {
      asleep = resolve;
    });
    let slept = false;
    const sleepy: ReplayLog = {
      appendReplays: async (events) => {
        const seqs = await log.appendReplays(events);
        if (slept) return seqs;
        slept = true;
        asleep();
        return new Promise((resolve) => {
          wakeUp = () => resolve(seqs);
        });
      },
    };
    const first = fixture.serve({ log: sleepy });
    const { id } = await first.create("team", asRequest(shown));
    await sleeps;
    const second = fixture.serve({ hubNo: 2, sleep: () => new Promise((resolve) => setImmediate(resolve)) });
    // A second job is taken, which shows that the first one was looked at and left alone.
    const other = await second.create("team", asRequest({ filter: { seqs: [1] }, targets: "peers" }));
    await fixture.ended(second, other.id);
    expect(await second.get("team", id)).toMatchObject({ state: "running", done: 0 });

    fixture.hub.now += 61_000;
    expect(await fixture.ended(second, id)).toMatchObject({ state: "done", done: 600 });
    wakeUp();
    await first.stop();
    expect(await second.get("team", id)).toMatchObject({ state: "done", done: 600 });
    expect(await fixture.shownAgain()).toHaveLength(600);
    expect(fixture.errors).toEqual([]);
  });

  test("two hubs share the work on several jobs, and nothing is replayed twice", async () => {
    await manyDead();
    const [one, two] = [fixture.serve(), fixture.serve({ hubNo: 2 })];
    const jobs = await Promise.all(
      Array.from({ length: 6 }, (_, i) => (i % 2 === 0 ? one : two).create("team", asRequest(dead))),
    );
    const ended = await Promise.all(jobs.map((job) => fixture.ended(one, job.id)));
    expect(ended.every((job) => job.state === "done")).toBe(true);
    expect(ended.reduce((sum, job) => sum + job.done, 0)).toBe(MANY);
    expect(await replays()).toBe(MANY);
  });
});

test("cancelling ends a job after the step it is in; what was replayed stays replayed", async () => {
  await manyDead();
  let cancelled: Promise<unknown> | undefined;
  let id = "";
  const service = fixture.serve({ wake: () => (cancelled ??= service.cancel("team", id)) });
  await service.stop();
  ({ id } = await service.create("team", asRequest(dead)));
  const runner = fixture.serve({ wake: () => (cancelled ??= runner.cancel("team", id)) });
  const job = await fixture.ended(runner, id);
  await cancelled;
  await runner.stop();
  expect(job.state).toBe("cancelled");
  const after = await runner.get("team", id);
  expect(after?.done).toBeLessThan(MANY);
  expect(await replays()).toBe(after?.done);
});

test("a queued job can be cancelled before anybody works on it", async () => {
  await fixture.events(1);
  const service = fixture.serve();
  await service.stop();
  const { id } = await service.create("team", asRequest(shown));
  expect(await service.cancel("team", id)).toMatchObject({ state: "cancelled", done: 0 });
  const other = fixture.serve();
  await fixture.run(other, { filter: { seqs: [1] } });
  expect(await fixture.shownAgain()).toEqual([]);
});

test("an error that does not pass fails the job, and says why", async () => {
  await fixture.events(1);
  const log: ReplayLog = { appendReplays: () => Promise.reject(new Error("out of paper")) };
  const service = fixture.serve({ log });
  expect(await fixture.run(service, shown)).toMatchObject({ state: "failed", error: "out of paper", done: 0 });
  expect(fixture.errors).toHaveLength(1);
  // The next job is worked on all the same.
  expect(await fixture.run(service, { filter: { seqs: [1] } })).toMatchObject({ state: "done" });
});

test("settings that another hub changed are read before anything is decided", async () => {
  await fixture.events(2);
  await fixture.ledger.finish(x, "fail");
  // As another hub would: this one's registry is not told.
  await fixture.hub.rows("UPDATE peers SET status = 'revoked', revision = revision + 1");
  await fixture.hub.rows("UPDATE log_head SET config_rev = config_rev + 1");
  const job = await fixture.run(fixture.serve(), dead);
  expect(job).toMatchObject({ state: "done", done: 0, skipped: 2 });
  expect(fixture.hub.registry.peerByNo(x.no)?.status).toBe("revoked");
});
