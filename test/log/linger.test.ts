import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Linger } from "../../src/main/hub/log/linger.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Begins to wait. @returns whether the wait is over */
async function begin(linger: Linger, committed: number, waiting: number): Promise<() => Promise<boolean>> {
  let over = false;
  void linger.wait(committed, waiting).then(() => {
    over = true;
  });
  return async () => {
    await vi.advanceTimersByTimeAsync(0);
    return over;
  };
}

test("with nothing waiting, or enough, it does not wait", async () => {
  const linger = new Linger();
  expect(await (await begin(linger, 5, 0))()).toBe(true);
  expect(await (await begin(linger, 5, 8))()).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("it waits no longer than two milliseconds", async () => {
  const over = await begin(new Linger(), 5, 1);
  await vi.advanceTimersByTimeAsync(1);
  expect(await over()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await over()).toBe(true);
});

test("it ends when as many have come as were answered, for their senders are all there again", async () => {
  const linger = new Linger();
  const over = await begin(linger, 2, 1);
  linger.arrived();
  expect(await over()).toBe(false);
  linger.arrived();
  expect(await over()).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("it ends when enough wait", async () => {
  const linger = new Linger();
  const over = await begin(linger, 256, 5);
  linger.arrived();
  linger.arrived();
  expect(await over()).toBe(false);
  linger.arrived();
  expect(await over()).toBe(true);
});

test("it can be hurried, and arrivals outside a wait mean nothing", async () => {
  const linger = new Linger();
  linger.arrived();
  linger.hurry();
  const over = await begin(linger, 5, 1);
  expect(await over()).toBe(false);
  linger.hurry();
  expect(await over()).toBe(true);
});
