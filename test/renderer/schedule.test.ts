import { describe, expect, it } from "vitest";
import { nextTryOf } from "../../src/renderer/screens/outbox/next-try.ts";
import { marksOf } from "../../src/renderer/screens/outbox/schedule-model.ts";
import type { AttemptView, EntryDetailView, LaneView } from "../../src/shared/contract/index.ts";

const peer = { no: 1, id: "p", name: "staging" };

const attempt = (at: number): AttemptView => ({
  id: `a${at}`,
  peer,
  at,
  duration: 10,
  outcome: "http_500",
  status: 500,
  error: null,
  batch: false,
  entries: 1,
  firstSeq: 1,
  lastSeq: 1,
  url: "http://peer/",
  requestHeaders: {},
  requestBytes: 0,
  responseHeaders: null,
  responseBody: null,
});

/** An entry whose tries come at 0, 5 and 30 s, and were made at these times. */
function entry(made: readonly number[], change: Partial<EntryDetailView> = {}): EntryDetailView {
  return {
    id: "1-1-0",
    seq: 1,
    gen: 0,
    peer,
    event: null,
    state: "pending",
    hops: 0,
    tries: made.length,
    replay: false,
    createdAt: 0,
    nextTryAt: 5_000,
    waitReason: "schedule",
    finishedAt: null,
    result: null,
    cause: null,
    lastError: null,
    schedule: [0, 5_000, 30_000].map((age, at) => ({
      attempt: at + 1,
      age,
      dueAt: made[0] === undefined ? null : made[0] + age,
      made: at < made.length,
    })),
    attempts: made.map(attempt),
    ...change,
  };
}

const lane: LaneView = {
  peer,
  status: "active",
  statusReason: null,
  depth: 1,
  inFlight: 0,
  dead: 0,
  oldestAt: null,
  breaker: "closed",
  waitingUntil: null,
  waitReason: null,
  deliveredLastMinute: 0,
  failedLastMinute: 0,
};

const states = (of: EntryDetailView): string[] => marksOf(of).map(({ state }) => state);

describe("the marks of a schedule", () => {
  it("are what was tried, what comes next and what is planned after it, from left to right", () => {
    expect(states(entry([]))).toEqual(["next", "planned", "planned"]);
    expect(states(entry([1_000]))).toEqual(["failed", "next", "planned"]);
    const places = marksOf(entry([1_000])).map(({ place }) => place);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBe(0);
    expect(places.at(-1)).toBe(1);
  });

  it("plan nothing for what is finished, and say which try delivered", () => {
    expect(states(entry([1_000, 6_000], { state: "delivered" }))).toEqual(["failed", "delivered"]);
    expect(states(entry([1_000], { state: "dead" }))).toEqual(["failed"]);
  });

  it("leave out the tries of the round before a replay", () => {
    const replayed = entry([90_000], { attempts: [attempt(1_000), attempt(6_000), attempt(90_000)] });
    expect(marksOf(replayed)[0]).toMatchObject({ state: "failed", at: 90_000, age: 0 });
    const waiting = entry([], { attempts: [attempt(1_000), attempt(6_000)] });
    expect(states(waiting)).toEqual(["next", "planned", "planned"]);
  });
});

describe("the next try", () => {
  it("is when the schedule says, unless the lane waits longer", () => {
    expect(nextTryOf(entry([1_000]), lane)).toEqual({ at: 5_000, why: "by the schedule" });
    const open = { ...lane, breaker: "open", waitingUntil: 9_000, waitReason: "breaker_open" } as const;
    expect(nextTryOf(entry([1_000]), open)?.at).toBe(9_000);
    expect(nextTryOf(entry([1_000]), { ...open, waitingUntil: 3_000 })?.at).toBe(5_000);
  });

  it("has no time while the peer is paused, and is none for what does not wait", () => {
    expect(nextTryOf(entry([]), { ...lane, status: "paused" })).toEqual({ at: null, why: "the peer is paused" });
    expect(nextTryOf(entry([1_000], { state: "delivered" }), lane)).toBeNull();
  });
});
