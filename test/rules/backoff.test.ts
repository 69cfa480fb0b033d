import { describe, expect, it } from "vitest";
import {
  DEFAULT_RETRY_POLICY,
  nextAttempt,
  parseRetryAfter,
  planSchedule,
  type RetryPolicy,
} from "../../src/shared/rules/index.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** The random number in the middle: no jitter. */
const MIDDLE = 0.5;
const SMALL: RetryPolicy = { ages: [5_000, 30_000, 120_000], jitter: 0.2, minAttempts: 2, maxRetryAfterMs: HOUR };

describe("planSchedule", () => {
  it("has the default: quick first, hourly, then slower to 72 hours", () => {
    const plan = planSchedule(DEFAULT_RETRY_POLICY);
    expect(plan.slice(0, 8).map(({ ageMs }) => ageMs)).toEqual([
      0,
      5 * SECOND,
      30 * SECOND,
      2 * MINUTE,
      10 * MINUTE,
      30 * MINUTE,
      HOUR,
      2 * HOUR,
    ]);
    expect(plan.at(-1)).toEqual({ attempt: 26, ageMs: 72 * HOUR, delayMs: 6 * HOUR });
    const delays = plan.map(({ delayMs }) => delayMs);
    expect(delays.slice(7)).toEqual(delays.slice(7).toSorted((a, b) => a - b));
  });

  it("adds its delays up to its ages", () => {
    expect(planSchedule(SMALL)).toEqual([
      { attempt: 1, ageMs: 0, delayMs: 0 },
      { attempt: 2, ageMs: 5_000, delayMs: 5_000 },
      { attempt: 3, ageMs: 30_000, delayMs: 25_000 },
      { attempt: 4, ageMs: 120_000, delayMs: 90_000 },
    ]);
  });

  it("puts a disordered policy in order, and leaves out what is no age", () => {
    const ages = [30_000, 5_000, 5_000, -1, 0, Number.NaN, Number.POSITIVE_INFINITY];
    expect(planSchedule({ ...SMALL, ages }).map(({ ageMs }) => ageMs)).toEqual([0, 5_000, 30_000]);
  });
});

describe("nextAttempt", () => {
  it.each([DEFAULT_RETRY_POLICY, SMALL])("without jitter keeps to the plan, then gives up", (policy) => {
    let ageMs = 0;
    for (const [index, planned] of planSchedule(policy).entries()) {
      expect(ageMs).toBe(planned.ageMs);
      const next = nextAttempt(policy, { ageMs, attempts: index + 1 }, MIDDLE);
      if (next.outcome === "give_up") {
        expect(next).toEqual({ outcome: "give_up", ageMs, horizonMs: policy.ages.at(-1), attempts: index + 1 });
        expect(index).toBe(policy.ages.length);
      } else {
        expect(next.cause).toBe("schedule");
        ageMs += next.delayMs;
      }
    }
  });

  it.each([
    ["the least", 0, 20_000],
    ["the middle", MIDDLE, 25_000],
    ["the most", 1, 30_000],
    ["beyond what is allowed", 7, 30_000],
    ["no number", Number.NaN, 20_000],
  ])("jitters by a fifth: %s", (_, rand, delayMs) => {
    expect(nextAttempt(SMALL, { ageMs: 5_000, attempts: 2 }, rand)).toEqual({
      outcome: "retry",
      delayMs,
      cause: "schedule",
    });
  });

  it("goes by the attempts if the entry slept: the first wait after six hours asleep is short", () => {
    expect(nextAttempt(DEFAULT_RETRY_POLICY, { ageMs: 6 * HOUR, attempts: 1 }, MIDDLE)).toMatchObject({
      delayMs: 5_000,
    });
  });

  it("goes by the age if many attempts were made by hand", () => {
    expect(nextAttempt(DEFAULT_RETRY_POLICY, { ageMs: 6_000, attempts: 20 }, MIDDLE)).toMatchObject({
      delayMs: 25_000,
    });
  });

  it("makes the last attempt at the horizon, not beyond it", () => {
    expect(nextAttempt(SMALL, { ageMs: 60_000, attempts: 4 }, MIDDLE)).toMatchObject({ delayMs: 60_000 });
    // … but never two in one breath.
    expect(nextAttempt(SMALL, { ageMs: 119_999, attempts: 4 }, MIDDLE)).toMatchObject({ delayMs: 5_000 });
  });

  it("never jitters by more than half of a wait, nor by less than nothing, whatever a policy says", () => {
    const waitOf = (jitter: number, rand: number) =>
      nextAttempt({ ...SMALL, jitter }, { ageMs: 5_000, attempts: 2 }, rand);
    expect([waitOf(3, 0), waitOf(3, 1)]).toMatchObject([{ delayMs: 12_500 }, { delayMs: 37_500 }]);
    expect([waitOf(-1, 0), waitOf(Number.NaN, 1)]).toMatchObject([{ delayMs: 25_000 }, { delayMs: 25_000 }]);
  });

  it("does not give up an entry that is old but was hardly tried, and waits for it as for any other", () => {
    const week = 7 * 24 * HOUR;
    expect(nextAttempt(SMALL, { ageMs: week, attempts: 1 }, MIDDLE)).toMatchObject({ delayMs: 5_000 });
    expect(nextAttempt({ ...SMALL, minAttempts: 9 }, { ageMs: week, attempts: 2 }, MIDDLE)).toMatchObject({
      delayMs: 25_000,
    });
    expect(nextAttempt(DEFAULT_RETRY_POLICY, { ageMs: week, attempts: 5 }, MIDDLE)).toMatchObject({ outcome: "retry" });
    expect(nextAttempt(DEFAULT_RETRY_POLICY, { ageMs: week, attempts: 6 }, MIDDLE)).toMatchObject({
      outcome: "give_up",
    });
  });

  it.each([
    ["longer than planned", 60_000, MIDDLE, { delayMs: 66_000, cause: "retry_after" }],
    ["never earlier than asked", 60_000, 0, { delayMs: 60_000, cause: "retry_after" }],
    ["just what is planned", 5_000, 0.5, { delayMs: 5_500, cause: "retry_after" }],
    ["shorter than planned: the plan stands", 1_000, MIDDLE, { delayMs: 5_000, cause: "schedule" }],
    ["a year: cut to the bound", 365 * 24 * HOUR, 0, { delayMs: HOUR, cause: "retry_after" }],
    ["infinite", Number.POSITIVE_INFINITY, 0, { delayMs: HOUR, cause: "retry_after" }],
    ["negative", -5, MIDDLE, { delayMs: 5_000, cause: "schedule" }],
    ["no number", Number.NaN, MIDDLE, { delayMs: 5_000, cause: "schedule" }],
    ["none", null, MIDDLE, { delayMs: 5_000, cause: "schedule" }],
  ])("honours Retry-After: %s", (_, asked, rand, expected) => {
    expect(nextAttempt(SMALL, { ageMs: 0, attempts: 1 }, rand, asked)).toEqual({ outcome: "retry", ...expected });
  });

  it("gives up at once where nothing is planned", () => {
    expect(nextAttempt({ ...SMALL, ages: [] }, { ageMs: 0, attempts: 1 }, MIDDLE)).toMatchObject({
      outcome: "give_up",
    });
  });

  it("gives up, rather than trying for ever, if the age is no number", () => {
    expect(nextAttempt(SMALL, { ageMs: Number.NaN, attempts: 9 }, MIDDLE)).toMatchObject({ outcome: "give_up" });
  });
});

describe("parseRetryAfter", () => {
  const now = Date.UTC(2026, 3, 14, 10, 0, 0);

  it.each([
    ["120", 120_000],
    [" 0 ", 0],
    ["Tue, 14 Apr 2026 10:01:00 GMT", 60_000],
    ["Tue, 14 Apr 2026 09:00:00 GMT", 0],
    ["", null],
    ["Tuesday, 14-Apr-26 10:01:00 GMT", 60_000],
    ["soon", null],
    ["May be 5", null],
    ["Tuesday", null],
    ["-1", null],
    ["1.5", null],
    ["2026", 2_026_000],
    [null, null],
    [undefined, null],
  ])("%j is %j", (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});
