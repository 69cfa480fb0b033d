import { describe, expect, test } from "vitest";
import { diffCopies, groupLoops, journeyOf, type StoppedEvent, waysTo } from "../../src/shared/debugger/index.ts";

const copy = (at: number, chain: readonly string[], kind: "first" | "duplicate" | "shorter" | "conflict") => ({
  at,
  kind,
  provenance: { origin: chain[0] ?? null, chain, hops: chain.length },
});

describe("the ways of an event's copies", () => {
  test("a diamond parts and meets again, and is no loop", () => {
    const map = waysTo("D", [copy(1, ["A", "B"], "first"), copy(2, ["A", "C"], "duplicate")]);
    expect([map.forks, map.joins]).toEqual([["A"], ["D"]]);
    expect(map.ways.map(({ chain, kept }) => [chain.join(""), kept])).toEqual([
      ["ABD", true],
      ["ACD", false],
    ]);
    expect(map.sentence).toBe("2 copies came by 2 ways, which part at A and meet at D. This is no loop.");
  });

  test("a shorter copy came later is shown as what it is", () => {
    const map = waysTo("V", [copy(1, ["S", "A"], "first"), copy(5, ["S"], "shorter")]);
    expect(map.ways.map(({ hops, kept }) => [hops, kept])).toEqual([
      [2, false],
      [1, true],
    ]);
    expect(map.sentence).toContain("A shorter copy came later, with 1 hop. It took the place of the one with 2");
    const lone = waysTo("V", [copy(5, ["S"], "shorter")]);
    expect([lone.ways[0]?.kept, lone.sentence.includes("whose way is not kept")]).toEqual([true, true]);
  });

  test("one way twice is a sender that tried again; a conflict is never kept", () => {
    expect(waysTo("B", [copy(1, ["A"], "first"), copy(2, ["A"], "duplicate")]).sentence).toContain("by the same way");
    const conflict = waysTo("B", [copy(1, ["A", "C"], "first"), copy(2, ["A"], "conflict")]);
    expect(conflict.ways.map(({ kept }) => kept)).toEqual([true, false]);
    expect(waysTo("B", []).ways).toEqual([]);
  });
});

describe("copies that two hubs hold", () => {
  const event = {
    id: "1",
    type: "x",
    kitefedhops: 1,
    kitefedchain: '["A"]',
    data: { amount: 5, tags: ["a"], "a/b": 1 },
  };

  test("differ by what every hop changes, which is expected", () => {
    const found = diffCopies(event, { ...event, kitefedhops: 2, kitefedchain: '["A","B"]' });
    expect(found.map(({ path, expected }) => [path, expected])).toEqual([
      ["/kitefedhops", true],
      ["/kitefedchain", true],
    ]);
  });

  test("and by what an instance on the way has changed, which is not", () => {
    const found = diffCopies(event, { ...event, data: { amount: 6, tags: ["a", "b"], new: null } });
    expect(found).toEqual([
      { path: "/data/amount", kind: "changed", before: "5", after: "6", expected: false },
      { path: "/data/tags/1", kind: "added", before: null, after: '"b"', expected: false },
      { path: "/data/a~1b", kind: "removed", before: "1", after: null, expected: false },
      { path: "/data/new", kind: "added", before: null, after: "null", expected: false },
    ]);
    expect(diffCopies(event, structuredClone(event))).toEqual([]);
  });
});

describe("loops", () => {
  const stop = (change: Partial<StoppedEvent>): StoppedEvent => ({
    seq: 1,
    id: "e",
    type: "x",
    at: 1_000,
    reason: "loop",
    evidence: { instance: "A", chain: ["A", "B", "C"] },
    chain: ["A", "B"],
    peer: "A",
    ...change,
  });

  test("are one line for each cycle, whoever saw it, with counts over time and the latest event", () => {
    const [most, other, ...more] = groupLoops(
      "C",
      [
        stop({}),
        stop({ seq: 2, at: 61_000 }),
        stop({ seq: 3, at: 62_000, evidence: { instance: "B", chain: ["X", "B", "C", "A"] } }),
        stop({ seq: 4, reason: "hop_limit", evidence: { hops: 3, limit: 3 }, chain: ["A", "B"], peer: "D" }),
      ],
      60_000,
    );
    expect(more).toEqual([]);
    expect(most).toMatchObject({ cycle: ["A", "B", "C"], events: 3, example: { seq: 3 } });
    expect(most?.counts).toEqual([
      { at: 0, events: 1 },
      { at: 60_000, events: 2 },
    ]);
    expect(other).toMatchObject({ reason: "hop_limit", cycle: ["A", "B", "C", "D"], events: 1 });
  });

  test("an event of the log shows it better than a refusal, however late", () => {
    const refused = stop({
      seq: null,
      at: 9_000,
      reason: "own_id_in_chain",
      evidence: { instance: "C", chain: ["C", "A"] },
    });
    const held = stop({ seq: 7, reason: "own_id_in_chain", evidence: { instance: "C", chain: ["C", "A"] } });
    expect(groupLoops("C", [held, refused], 60_000)[0]?.example.seq).toBe(7);
  });
});

test("a journey has a lane for each instance of the chain, those that cannot be asked included", () => {
  const delivered = { to: "C", decidedAt: 2_010, stopped: null, state: "delivered" as const };
  const journey = journeyOf([
    {
      instanceId: "B",
      clockOffsetMs: 1_000,
      receivedAt: 2_000,
      provenance: { origin: "A", chain: ["A"], hops: 1 },
      integrity: ["caller_mismatch"],
      arrivals: [{ at: 2_500, kind: "duplicate", chain: ["A", "X"] }],
      peers: [
        { ...delivered, attempts: [{ at: 2_020, durationMs: 5, ok: true, says: "202" }] },
        { to: "A", decidedAt: 2_010, stopped: "It has been there.", state: null, attempts: [] },
      ],
    },
    {
      instanceId: "C",
      clockOffsetMs: null,
      receivedAt: 1_025,
      provenance: { origin: "A", chain: ["A", "B"], hops: 2 },
      integrity: [],
      arrivals: [],
      peers: [],
    },
  ]);
  expect(journey.lanes.map(({ instanceId, visible, clock, hop }) => [instanceId, visible, clock, hop])).toEqual([
    ["A", false, "unknown", null],
    ["B", true, "adjusted", 1],
    ["C", true, "unknown", 2],
  ]);
  expect(journey.lanes[1]?.steps.map(({ at, kind }) => [at, kind])).toEqual([
    [1_000, "received"],
    [1_010, "queued"],
    [1_010, "stopped"],
    [1_020, "attempt"],
    [1_025, "delivered"],
    [1_500, "duplicate"],
  ]);
  expect(journey.agrees).toBe(false);
  expect(journey.lanes[2]?.caveat).toContain("not ours");
});
