import { describe, expect, test } from "vitest";
import {
  applyChanges,
  cycleLengths,
  type Finding,
  lint,
  mapOfTopology,
  type TopologyMap,
} from "../../src/shared/debugger/index.ts";
import { link, topology, way } from "../property/scenarios.ts";

const drawn = (links: Parameters<typeof topology>[0], instances: Parameters<typeof topology>[1] = []): TopologyMap =>
  mapOfTopology(topology(links, instances), 0);
const both = (a: string, b: string, policy = {}) => [link(a, b, policy), link(b, a, policy)];
const of = (rule: Finding["rule"], map: TopologyMap, types: readonly string[] = []): Finding[] =>
  lint({ map, seen: [{ instance: "A", types: types.map((type) => ({ type, events: 1 })) }] }).filter(
    (finding) => finding.rule === rule,
  );

describe("a cycle", () => {
  test("is named once, with the rule that breaks it and at which hop", () => {
    const [found, ...more] = of("cycle", drawn(way("A", "B", "C", "A")));
    expect(more).toEqual([]);
    expect(found).toMatchObject({ severity: "info", instances: ["A", "B", "C"], values: { reason: "loop", hop: 3 } });
    expect(found?.sentence).toBe(
      "A → B → C → A is a cycle. An event ends at C, which does not send it on to A as hop 3. The event has already been at A: it came by A → B → C.",
    );
  });

  test("that the hop limit breaks first says so", () => {
    const [found] = of("cycle", drawn(way("A", "B", "C", "D", "E", "A")));
    expect(found).toMatchObject({ values: { reason: "hop_limit", hop: 4 } });
  });

  test("whose last link does not know the peer's id costs a needless request, and names the fix", () => {
    const map = drawn([link("A", "B"), link("B", "A", { instanceId: null, name: "laptop" })]);
    const [found] = of("cycle", map);
    expect(found).toMatchObject({ severity: "warning", values: { reason: "own_id_in_chain", hop: 2, link: "B>A" } });
    const mended = applyChanges(map, found?.fix?.changes ?? []).map;
    expect(of("cycle", mended)).toMatchObject([{ severity: "info", values: { reason: "loop" } }]);
  });

  test("is not found where there is none", () => {
    expect(of("cycle", drawn([...way("A", "B", "D"), ...way("A", "C", "D")]))).toEqual([]);
    expect(of("cycle", drawn([link("A", "B"), link("B", "A", { status: "revoked" })]))).toEqual([]);
  });

  test("is shown with an event that leaves a hub, however many others there are that never do", () => {
    const [found] = of("cycle", drawn(way("A", "B", "C", "A")), ["kite.federation.delivery_failed"]);
    expect(found).toMatchObject({ values: { reason: "loop", hop: 3 } });
  });

  test("over a link that only past events prove is one, and nothing is guessed about what breaks it", () => {
    const map = drawn(way("A", "B", "C", "A"));
    const links = map.links.map((one) => (one.id === "B>C" ? { ...one, policy: null } : one));
    const [found] = of("cycle", { ...map, links });
    expect(found).toMatchObject({
      severity: "info",
      instances: ["A", "B", "C"],
      links: ["A>B", "B>C", "C>A"],
      fix: null,
    });
    expect(found?.sentence).toContain("Where an event ends on it is not known: of B → C only past events are proof");
  });

  test("is what the links of a pair are in too, by the same findings", () => {
    const map = drawn([...both("A", "B"), ...way("B", "C", "A"), link("C", "D")]);
    const lengths = cycleLengths(lint({ map, seen: [] }));
    expect(Object.fromEntries(lengths)).toEqual({ "A>B": 3, "B>A": 2, "B>C": 3, "C>A": 3 });
  });

  test("in a mesh of twelve, all are not listed, and that is said", () => {
    const keys = [..."ABCDEFGHIJKL"];
    const mesh = drawn(keys.flatMap((a) => keys.flatMap((b) => (a === b ? [] : [link(a, b)]))));
    const found = of("cycle", mesh);
    expect(found.length).toBeLessThan(100);
    expect(found.at(-1)?.sentence).toContain("more cycles than are listed");
    expect(cycleLengths(found).size).toBe(mesh.links.length);
  });
});

describe("copies", () => {
  test("a diamond brings two copies to its end", () => {
    const found = of("copies", drawn([...way("A", "B", "D"), ...way("A", "C", "D")]));
    expect(found).toMatchObject([{ instances: ["D", "A", "B", "C"], values: { copies: 2 }, links: ["B>D", "C>D"] }]);
  });

  test("a chain brings one, and so does a diamond whose halves carry different types", () => {
    expect(of("copies", drawn(way("A", "B", "C")))).toEqual([]);
    const apart = [
      link("A", "B", { scopes: ["stripe.*"] }),
      link("A", "C", { scopes: ["github.*"] }),
      link("B", "D"),
      link("C", "D"),
    ];
    expect(of("copies", drawn(apart))).toEqual([]);
  });
});

describe("out of reach", () => {
  test("names the smallest limit that is enough, and where; and with it nothing is out of reach", () => {
    const map = drawn([...way("A", "B", "C", "D", "E")]);
    const [found, ...more] = of("out_of_reach", map);
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      instances: ["E", "A"],
      links: ["D>E"],
      values: { max_hops: 4, hops: 4, from: ["A"] },
    });
    expect(of("out_of_reach", applyChanges(map, found?.fix?.changes ?? []).map)).toEqual([]);
  });

  test("a limit in the middle may be the small one", () => {
    const map = drawn([link("A", "B"), link("B", "C", { maxHops: 1 }), link("C", "D")]);
    const findings = of("out_of_reach", map);
    expect(findings.map(({ values }) => values["max_hops"])).toEqual([2, 2]);
    for (const { fix } of findings) expect(fix?.changes).toEqual([{ kind: "limits", link: "B>C", maxHops: 2 }]);
  });

  test("what no link leads to is not a matter of limits", () => {
    expect(of("out_of_reach", drawn(way("A", "B", "C")))).toEqual([]);
  });
});

describe("ends that disagree", () => {
  const registered = (map: TopologyMap): TopologyMap => ({ ...map, self: "A" });

  test("one has revoked the other", () => {
    const [found] = of("ends_disagree", drawn([link("A", "B"), link("B", "A", { status: "revoked" })]));
    expect(found).toMatchObject({ severity: "error", links: ["A>B", "B>A"] });
    expect(found?.sentence).toContain("403");
  });

  test("one does not know the other, as far as its registry is known", () => {
    const map = registered(drawn([link("A", "B")]));
    expect(of("ends_disagree", map)).toMatchObject([{ severity: "error", links: ["A>B"] }]);
    const open = {
      ...map,
      instances: map.instances.map((one) => (one.key === "B" ? { ...one, beyond: "unknown" as const } : one)),
    };
    expect(of("ends_disagree", open)).toEqual([]);
  });

  test("the two directions have different rules", () => {
    const found = of("ends_disagree", drawn([link("A", "B", { maxHops: 5 }), link("B", "A")]));
    expect(found).toMatchObject([{ severity: "info", values: { max_hops_there: 5, max_hops_back: 3 } }]);
  });

  test("not so where both ends say the same", () => {
    expect(of("ends_disagree", registered(drawn(both("A", "B"))))).toEqual([]);
  });
});

describe("cloned ids", () => {
  test("two hubs with one id", () => {
    const clones = [
      { key: "B", instanceId: "staging" },
      { key: "C", instanceId: "staging" },
    ];
    const [found] = of("cloned_id", drawn([...way("A", "B"), ...way("A", "C")], clones));
    expect(found).toMatchObject({ severity: "error", instances: ["B", "C"], values: { instance_id: "staging" } });
  });

  test("ids of their own", () => {
    expect(of("cloned_id", drawn(way("A", "B", "C")))).toEqual([]);
  });
});

describe("unseen scopes", () => {
  const map = drawn([link("A", "B", { scopes: ["stripe.*", "gihtub.*"] })]);

  test("a scope that nothing matched, and what is left without it", () => {
    const [found] = of("unseen_scope", map, ["com.stripe.charge", "com.github.push"]);
    expect(found?.values).toEqual({ scopes: ["gihtub.*"], types: 2 });
    expect(found?.fix?.changes).toEqual([{ kind: "scopes", link: "A>B", scopes: ["stripe.*"] }]);
  });

  test("nothing is said where all match, or nothing was seen", () => {
    expect(of("unseen_scope", drawn(way("A", "B")), ["com.stripe.charge"])).toEqual([]);
    expect(of("unseen_scope", map)).toEqual([]);
  });
});

describe("no return", () => {
  test("a link without a way back", () => {
    const map = drawn(way("A", "B", "C"));
    const found = of("no_return", map);
    expect(found.map(({ links }) => links)).toEqual([["A>B"], ["B>C"]]);
    expect(
      of(
        "no_return",
        applyChanges(
          map,
          found.flatMap(({ fix }) => fix?.changes ?? []),
        ).map,
      ),
    ).toEqual([]);
  });

  test("a ring leads back, and so may what is not known", () => {
    expect(of("no_return", drawn(way("A", "B", "C", "A")))).toEqual([]);
    const open = drawn(way("A", "B"));
    const instances = open.instances.map((one) => (one.key === "B" ? { ...one, beyond: "unknown" as const } : one));
    expect(of("no_return", { ...open, instances })).toEqual([]);
  });
});
