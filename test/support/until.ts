import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 15;

/**
 * Polls until `probe` gives something truthy, and returns that.
 * @param what completes the sentence "waited in vain until …"; a function is asked at the end, to say how things stood
 * @throws Error after `deadlineMs`, with what `probe` threw last
 */
export async function until<T>(
  what: string | (() => string),
  probe: () => T | Promise<T>,
  deadlineMs = 20_000,
): Promise<Exclude<T, false | null | undefined | 0 | "">> {
  const deadline = performance.now() + deadlineMs;
  let thrown: unknown;
  for (;;) {
    try {
      const found = await probe();
      // The cast says what the condition before it has found out.
      if (found) return found as Exclude<T, false | null | undefined | 0 | "">;
      thrown = undefined;
    } catch (error) {
      thrown = error;
    }
    if (performance.now() > deadline) {
      const text = typeof what === "string" ? what : what();
      throw new Error(`waited ${deadlineMs} ms in vain until ${text}`, thrown === undefined ? {} : { cause: thrown });
    }
    await sleep(POLL_MS);
  }
}
