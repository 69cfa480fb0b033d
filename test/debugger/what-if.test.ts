import { describe, expect, test } from "vitest";
import {
  apiCalls,
  applyChanges,
  asCurl,
  type Change,
  compareMany,
  differenceOf,
  explain,
  mapOfTopology,
} from "../../src/shared/debugger/index.ts";
import { LOCAL_PROVENANCE } from "../../src/shared/rules/index.ts";
import { link, topology, way } from "../property/scenarios.ts";

const map = mapOfTopology(topology([...way("A", "B", "C"), link("A", "C", { scopes: ["stripe.*"] })]), 0, "A");
const event = (type: string) => ({ type, dataBytes: 10, provenance: LOCAL_PROVENANCE });
const difference = (changes: readonly Change[], type = "com.github.push") =>
  differenceOf(explain(map, event(type), "A"), explain(applyChanges(map, changes).map, event(type), "A"));
const changed = (changes: readonly Change[], type?: string) =>
  difference(changes, type).instances.map(({ key, change }) => [key, change]);

describe("what if", () => {
  test.each<[string, Change, string[][]]>([
    ["a link is cut", { kind: "cut", link: "B>C" }, [["C", "lost"]]],
    [
      "a peer is revoked",
      { kind: "status", link: "A>B", status: "revoked" },
      [
        ["B", "lost"],
        ["C", "lost"],
      ],
    ],
    [
      "a peer is paused: what waits has not been got",
      { kind: "status", link: "B>C", status: "paused" },
      [["C", "lost"]],
    ],
    ["a limit becomes too small", { kind: "limits", link: "B>C", maxHops: 1 }, [["C", "lost"]]],
    [
      "a scope lets it through: a shorter way, and a copy more",
      { kind: "scopes", link: "A>C", scopes: ["*"] },
      [["C", "moved"]],
    ],
    ["a link is added", { kind: "add", from: "C", to: "A", scopes: ["*"], maxHops: 3 }, []],
    ["nothing is changed", { kind: "limits", link: "A>B", maxHops: 3 }, []],
  ])("%s", (_, change, expected) => {
    expect(changed([change])).toEqual(expected);
  });

  test("a new link back stops at once, and the difference says by which rule", () => {
    const { links } = difference([{ kind: "add", from: "C", to: "A", scopes: ["*"], maxHops: 3 }]);
    expect(links).toMatchObject([{ id: "new:C>A", before: null, after: { outcome: "stopped", reason: "loop" } }]);
  });

  test("what does not fit the map is said, and the rest is tried", () => {
    const { problems } = applyChanges(map, [
      { kind: "cut", link: "X>Y" },
      { kind: "add", from: "A", to: "B", scopes: ["*"], maxHops: 3 },
      { kind: "cut", link: "A>B" },
    ]);
    expect(problems.map(({ change, problem }) => [change, problem.slice(0, 24)])).toEqual([
      [0, "There is no link X>Y in "],
      [1, "There is a link from A t"],
    ]);
  });

  test("over many events is the same as over each of them", () => {
    const types = ["com.github.push", "com.stripe.charge", "com.github.push", "x"];
    const events = types.map((type, index) => ({ ...event(type), seq: index + 1, id: `e${index}` }));
    const after = applyChanges(map, [{ kind: "scopes", link: "A>B", scopes: ["stripe.*"] }]).map;
    const many = compareMany(map, after, events, "A", 10);
    expect([many.events, many.changed]).toEqual([4, 3]);
    expect(many.totals).toEqual([
      { key: "B", name: "B", gained: 0, lost: 3, moved: 0 },
      { key: "C", name: "C", gained: 0, lost: 3, moved: 0 },
    ]);
    for (const { seq, lost } of many.examples)
      expect(lost).toEqual(
        changed([{ kind: "scopes", link: "A>B", scopes: ["stripe.*"] }], types[seq - 1]).map(([key]) => key),
      );
  });
});

describe("the calls that make the changes", () => {
  test("are those of the peers API, at the hub whose link it is", () => {
    const calls = apiCalls(map, [
      { kind: "limits", link: "A>B", maxHops: 5 },
      { kind: "cut", link: "B>C" },
    ]);
    expect(calls).toMatchObject([
      {
        at: "A",
        own: true,
        method: "PATCH",
        path: "/api/federation/peers/A>B",
        body: { max_hops: 5 },
        sentence: "A → B: hop limit 3 → 5.",
      },
      { at: "B", own: false, method: "DELETE", body: null },
    ]);
    expect(asCurl({ ...(calls[0] ?? never()), baseUrl: "http://it's" })).toContain(String.raw`'http://it'\''s/api`);
  });

  test("a new link takes a peer at either end", () => {
    const calls = apiCalls(map, [{ kind: "add", from: "C", to: "A", scopes: ["*"], maxHops: 3 }]);
    expect(calls.map(({ at, method }) => [at, method])).toEqual([["C", "POST"]]);
    const both = apiCalls(map, [{ kind: "add", from: "C", to: "B", scopes: ["*"], maxHops: 3 }]);
    expect(both.map(({ at }) => at)).toEqual(["C"]);
  });

  test("a new link opens the peer that stands there and lets nothing through, and none that is receive only", () => {
    const add: Change = { kind: "add", from: "A", to: "C", scopes: ["*"], maxHops: 2 };
    const withPeer = (policy: object) => ({
      ...map,
      links: map.links.map((one) =>
        one.id === "A>C" && one.policy !== null ? { ...one, policy: { ...one.policy, ...policy } } : one,
      ),
    });
    const shut = withPeer({ scopes: [] });
    const opened = applyChanges(shut, [add]);
    expect([opened.problems, opened.map.links.length]).toEqual([[], map.links.length]);
    expect(apiCalls(shut, [add])).toMatchObject([{ method: "PATCH", body: { scopes: ["*"], max_hops: 2 } }]);
    expect(apiCalls(withPeer({ status: "revoked" }), [add])).toMatchObject([{ body: { status: "active" } }]);

    const production = withPeer({ receiveOnly: true });
    expect(applyChanges(production, [add]).problems).toMatchObject([
      { problem: "C is marked receive only at A: that is lifted in the settings of the peer, by its name." },
    ]);
    expect(apiCalls(production, [add])).toEqual([]);
  });

  test("an address that stands in for an unknown id is not sent as one", () => {
    const url = "https://c.example";
    const unknown = {
      ...map,
      instances: map.instances.map((one) => (one.key === "C" ? { ...one, instanceId: url, url } : one)),
      links: map.links.filter(({ id }) => id !== "A>C"),
    };
    const add: Change = { kind: "add", from: "A", to: "C", scopes: ["*"], maxHops: 2 };
    expect(apiCalls(unknown, [add])[0]?.body).toMatchObject({ instance_id: null });
    expect(applyChanges(unknown, [add]).map.links.at(-1)?.policy?.instanceId).toBeNull();
  });
});

function never(): never {
  throw new Error("there is a first call");
}
