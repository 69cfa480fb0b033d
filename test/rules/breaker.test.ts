import { describe, expect, it } from "vitest";
import {
  type BreakerOutcome,
  type BreakerState,
  breaker,
  closedBreaker,
  DEFAULT_BREAKER_POLICY,
  permits,
} from "../../src/shared/rules/index.ts";

const POLICY = { failureThreshold: 3, probeDelayMs: 100, maxProbeDelayMs: 1_000, probeTimeoutMs: 50 };
const FAILURE: BreakerOutcome = { kind: "failure", cause: "http_503" };
const SUCCESS: BreakerOutcome = { kind: "success" };
const PROBE: BreakerOutcome = { kind: "probe" };

/** Feeds outcomes at times to a breaker that was closed at 0. */
function fed(...steps: readonly (readonly [number, BreakerOutcome])[]): BreakerState {
  return steps.reduce((state, [now, outcome]) => breaker(state, outcome, now, POLICY), closedBreaker(0));
}

const OPENED = [
  [1, FAILURE],
  [2, FAILURE],
  [3, FAILURE],
] as const;

describe("closed", () => {
  it("sends freely, and bears failures below the threshold", () => {
    const state = fed([1, FAILURE], [2, FAILURE]);
    expect(state).toMatchObject({ phase: "closed", failures: 2, probeAt: null, cause: null });
    expect(permits(state, 3)).toBe("send");
  });

  it("forgets failures with each success", () => {
    expect(fed([1, FAILURE], [2, FAILURE], [3, SUCCESS], [4, FAILURE])).toMatchObject({
      phase: "closed",
      failures: 1,
    });
  });

  it("opens at the threshold, and says when the next probe goes and why", () => {
    expect(fed(...OPENED)).toEqual({
      phase: "open",
      failures: 3,
      trips: 1,
      since: 3,
      probeAt: 103,
      cause: "http_503",
    });
  });

  it("stays the same object while all goes well", () => {
    const state = closedBreaker(0);
    expect(breaker(state, SUCCESS, 9, POLICY)).toBe(state);
  });
});

describe("open", () => {
  it("waits for the probe's time", () => {
    const state = fed(...OPENED);
    expect(permits(state, 102)).toBe("wait");
    expect(permits(state, 103)).toBe("probe");
    expect(breaker(state, PROBE, 102, POLICY)).toBe(state);
  });

  it("does not put the probe off for requests that were under way", () => {
    expect(fed(...OPENED, [50, FAILURE])).toMatchObject({ phase: "open", failures: 4, trips: 1, probeAt: 103 });
  });

  it("probes at once when the peer is seen to be there again", () => {
    const seen = fed(...OPENED, [50, { kind: "sighted" }]);
    expect(seen).toMatchObject({ phase: "open", failures: 3, trips: 1, probeAt: 50 });
    expect(permits(seen, 50)).toBe("probe");
    // Closed, or with a probe under way, there is nothing to hurry.
    const closed = closedBreaker(0);
    expect(breaker(closed, { kind: "sighted" }, 9, POLICY)).toBe(closed);
    const probing = fed(...OPENED, [103, PROBE]);
    expect(breaker(probing, { kind: "sighted" }, 110, POLICY)).toBe(probing);
  });

  it("closes if one of them succeeds", () => {
    expect(fed(...OPENED, [50, SUCCESS])).toEqual(closedBreaker(50));
  });

  it("waits as long as the peer asked, up to the longest wait", () => {
    const asked = (retryAfterMs: number): BreakerOutcome => ({ kind: "failure", cause: "http_429", retryAfterMs });
    expect(fed([1, FAILURE], [2, FAILURE], [3, asked(500)]).probeAt).toBe(503);
    expect(fed([1, FAILURE], [2, FAILURE], [3, asked(5)]).probeAt).toBe(103);
    expect(fed([1, FAILURE], [2, FAILURE], [3, asked(99_999)]).probeAt).toBe(1_003);
  });

  it("probes rather than waits if the clock was set back", () => {
    expect(permits(fed(...OPENED), 0)).toBe("probe");
  });
});

describe("half open", () => {
  it("lets one probe through", () => {
    const state = fed(...OPENED, [103, PROBE]);
    expect(state).toMatchObject({ phase: "half_open", since: 103, probeAt: 153, cause: "http_503" });
    expect(permits(state, 104)).toBe("wait");
  });

  it("closes when it succeeds", () => {
    expect(fed(...OPENED, [103, PROBE], [110, SUCCESS])).toEqual(closedBreaker(110));
  });

  it("opens again when it fails, for twice as long each time, up to the longest wait", () => {
    let state = fed(...OPENED);
    const waits: number[] = [];
    for (let round = 0; round < 6; round++) {
      const now = state.probeAt ?? 0;
      state = breaker(breaker(state, PROBE, now, POLICY), FAILURE, now, POLICY);
      waits.push((state.probeAt ?? 0) - now);
    }
    expect(waits).toEqual([200, 400, 800, 1_000, 1_000, 1_000]);
    expect(state).toMatchObject({ phase: "open", trips: 7 });
  });

  it("lets another probe through if the first never answers", () => {
    const state = fed(...OPENED, [103, PROBE]);
    expect(permits(state, 153)).toBe("probe");
    expect(breaker(state, PROBE, 153, POLICY)).toMatchObject({ phase: "half_open", probeAt: 203 });
  });
});

it("has a default that a person can wait for: from 5 s to 5 min", () => {
  expect(DEFAULT_BREAKER_POLICY).toMatchObject({ probeDelayMs: 5_000, maxProbeDelayMs: 300_000 });
});
