import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LinkHealth } from "../../../src/main/hub/federation/health/index.ts";
import type { Queryable } from "../../../src/main/hub/store/database.ts";

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

const tx: Queryable = { query: () => Promise.resolve({ rows: [], rowCount: 0, command: "", oid: 0, fields: [] }) };

function watched() {
  let told = 0;
  const health = new LinkHealth({
    db: { transaction: (work) => work(tx) },
    now: Date.now,
    onError: () => undefined,
    onNews: () => told++,
  });
  /** Lets what was seen be written. @returns how often something was told meanwhile */
  const settle = async (): Promise<number> => {
    const before = told;
    await vi.advanceTimersByTimeAsync(2_000);
    return told - before;
  };
  return { health, settle };
}

test("of a link that goes on as it was, nothing is told but now and then that it still does", async () => {
  const { health, settle } = watched();
  health.up(1, "push_out");
  expect(await settle()).toBe(1);
  let told = 0;
  for (let second = 0; second < 60; second += 2) {
    health.up(1, "push_out");
    told += await settle();
  }
  expect(told).toBe(6);
  // Nothing is seen: nothing is told, however long that lasts.
  await vi.advanceTimersByTimeAsync(600_000);
  expect(await settle()).toBe(0);
});

test("that it fails, fails for another reason, works again, or has another clock is told at once", async () => {
  const { health, settle } = watched();
  health.up(1, "push_out", 100);
  expect(await settle()).toBe(1);
  health.down(1, "push_out", "HTTP 500");
  expect(await settle()).toBe(1);
  health.down(1, "push_out", "HTTP 500");
  expect(await settle()).toBe(0);
  health.down(1, "push_out", "Nobody listens there.");
  expect(await settle()).toBe(1);
  health.up(1, "push_out", 700);
  expect(await settle()).toBe(1);
  health.up(1, "push_out", 900);
  expect(await settle()).toBe(0);
  health.up(1, "push_out", 90_000);
  expect(await settle()).toBe(1);
  // Another direction of the same peer is another matter.
  health.up(1, "push_in");
  expect(await settle()).toBe(1);
});
