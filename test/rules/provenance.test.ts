import { describe, expect, it } from "vitest";
import {
  countedHops,
  invalidInstanceId,
  isUnconfirmed,
  LOCAL_PROVENANCE,
  MAX_INSTANCE_ID_LENGTH,
  nextProvenance,
  type Provenance,
  unconfirmedId,
  wireProvenance,
} from "../../src/shared/rules/index.ts";

describe("nextProvenance", () => {
  it.each<[string, Provenance, Provenance]>([
    ["a local event", LOCAL_PROVENANCE, { origin: "me", chain: ["me"], hops: 1 }],
    [
      "an event that came by others",
      { origin: "a", chain: ["a", "b"], hops: 2 },
      { origin: "a", chain: ["a", "b", "me"], hops: 3 },
    ],
    [
      "more hops than ids: the hops go on from the larger",
      { origin: "a", chain: ["a"], hops: 7 },
      { origin: "a", chain: ["a", "me"], hops: 8 },
    ],
    [
      "more ids than hops: the hops go on from the larger",
      { origin: "a", chain: ["a", "b"], hops: 0 },
      { origin: "a", chain: ["a", "b", "me"], hops: 3 },
    ],
    [
      "an origin that is not the first of the chain: it is carried on",
      { origin: "z", chain: ["a"], hops: 1 },
      { origin: "z", chain: ["a", "me"], hops: 2 },
    ],
    [
      "no origin but a chain: its first id is the origin",
      { origin: null, chain: ["a"], hops: 1 },
      { origin: "a", chain: ["a", "me"], hops: 2 },
    ],
    [
      "hops that are no number",
      { origin: "a", chain: ["a"], hops: Number.NaN },
      { origin: "a", chain: ["a", "me"], hops: 2 },
    ],
  ])("%s", (_, given, expected) => {
    expect(nextProvenance(given, "me")).toEqual(expected);
  });

  it("leaves the given one as it is", () => {
    const given = { origin: "a", chain: ["a"], hops: 1 };
    nextProvenance(given, "me");
    expect(given).toEqual({ origin: "a", chain: ["a"], hops: 1 });
  });
});

describe("wireProvenance", () => {
  it("writes the example of kite-wire.md: the chain is a string", () => {
    expect(wireProvenance(nextProvenance(LOCAL_PROVENANCE, "instance-a"))).toEqual({
      kitefedorigin: "instance-a",
      kitefedchain: '["instance-a"]',
      kitefedhops: 1,
    });
  });

  it("has strings where nothing is known", () => {
    expect(wireProvenance(LOCAL_PROVENANCE)).toEqual({ kitefedorigin: "", kitefedchain: "[]", kitefedhops: 0 });
  });
});

it.each([
  [0, [], 0],
  [2, ["a", "b"], 2],
  [5, ["a"], 5],
  [0, ["a", "b"], 2],
  [-3, ["a"], 1],
])("countedHops of %i hops and chain %j is %i", (hops, chain, expected) => {
  expect(countedHops({ origin: null, chain, hops })).toBe(expected);
});

it.each([
  ["staging", "?staging"],
  ["x".repeat(500), `?${"x".repeat(MAX_INSTANCE_ID_LENGTH - 1)}`],
  [`${"x".repeat(MAX_INSTANCE_ID_LENGTH - 2)}🪁`, `?${"x".repeat(MAX_INSTANCE_ID_LENGTH - 2)}\ufffd`],
])("the peer %j stands in chains, as long as its id is not confirmed, as %j", (name, id) => {
  expect(unconfirmedId(name)).toBe(id);
  expect(invalidInstanceId(id)).toBeNull();
  expect([isUnconfirmed(id), isUnconfirmed(name)]).toEqual([true, false]);
});

it.each([
  ["laptop", null],
  ["clerk-user:ünïcödé 🪁", null],
  ["x".repeat(MAX_INSTANCE_ID_LENGTH), null],
  ["", "empty"],
  ["x".repeat(MAX_INSTANCE_ID_LENGTH + 1), "at most 128"],
  ["a\nb", "control"],
  ["a\u0000", "control"],
  ["a\u009f", "control"],
  ["\ud800", "surrogates"],
])("invalidInstanceId(%j) says %j", (id, said) => {
  if (said === null) expect(invalidInstanceId(id)).toBeNull();
  else expect(invalidInstanceId(id)).toContain(said);
});
