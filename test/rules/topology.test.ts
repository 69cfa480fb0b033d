import { describe, expect, it } from "vitest";
import { indexTopology, LOCAL_PROVENANCE, reach } from "../../src/shared/rules/index.ts";
import { link, PUSH, SCENARIOS, topology, way } from "../property/scenarios.ts";

const EVENT = { ...PUSH, provenance: LOCAL_PROVENANCE };

describe("reach", () => {
  it("says who holds the event, at which hop, by which links, with which provenance", () => {
    const { reached } = reach(SCENARIOS["late short copy"].topology, EVENT, "S");
    expect(Object.fromEntries([...reached].map(([key, { hops, path }]) => [key, [hops, path]]))).toEqual({
      S: [0, []],
      A: [1, ["S>A"]],
      V: [1, ["S>V"]],
      W: [2, ["S>V", "V>W"]],
      X: [3, ["S>V", "V>W", "W>X"]],
    });
    expect(reached.get("X")?.provenance).toEqual({ origin: "S", chain: ["S", "V", "W"], hops: 3 });
  });

  it("says for each link out of a holder what becomes of the event on it", () => {
    const hubs = topology([
      ...way("A", "B", "A"),
      link("A", "C"),
      link("B", "C"),
      link("C", "D", { status: "revoked" }),
      link("C", "E", { scopes: ["stripe.*"] }),
      link("C", "F", { maxHops: 1 }),
      link("C", "G", { maxBytes: 50 }),
      link("C", "A", { instanceId: null, name: "prod" }),
      link("F", "A"),
    ]);
    const { links, reached } = reach(hubs, EVENT, "A");
    const said = [...links].map(([id, link]) => [id, link.outcome === "drop" ? link.reason : link.outcome]);
    expect(Object.fromEntries(said)).toEqual({
      "A>B": "delivered",
      "A>C": "delivered",
      "B>A": "loop",
      "B>C": "duplicate",
      "C>D": "peer_revoked",
      "C>E": "out_of_scope",
      "C>F": "hop_limit",
      "C>G": "too_large",
      "C>A": "own_id_in_chain",
    });
    expect([...reached.keys()]).toEqual(["A", "B", "C"]);
  });

  it("starts at several instances that each receive the event first-hand", () => {
    const { reached } = reach(topology(way("A", "B", "C", "D")), EVENT, ["A", "C"]);
    expect([...reached].map(([key, { hops }]) => [key, hops])).toEqual([
      ["A", 0],
      ["C", 0],
      ["B", 1],
      ["D", 1],
    ]);
  });

  it("counts on from the hops that the event has made already", () => {
    const pulled = { ...EVENT, provenance: { origin: "Z", chain: ["Z"], hops: 1 } };
    const { reached, links } = reach(
      topology([link("A", "B", { maxHops: 2 }), link("B", "C", { maxHops: 2 })]),
      pulled,
      "A",
    );
    expect([...reached].map(([key, { hops }]) => [key, hops])).toEqual([
      ["A", 1],
      ["B", 2],
    ]);
    expect(links.get("B>C")).toMatchObject({ outcome: "drop", reason: "hop_limit" });
  });

  it("finds nobody from an instance that it does not know", () => {
    expect(reach(topology(way("A", "B")), EVENT, "Z").reached.size).toBe(0);
  });

  it("walks a chain of ten thousand instances", () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `i${index}`);
    const links = keys.slice(1).map((key, index) => link(`i${index}`, key, { maxHops: 100_000 }));
    // … as far as a chain may be long.
    expect(reach(topology(links), EVENT, "i0").reached.size).toBe(65);
  });
});

it("indexTopology leaves out links that lead nowhere, and the second of two instances with one key", () => {
  const nodes = indexTopology({
    instances: [
      { key: "A", instanceId: "first" },
      { key: "A", instanceId: "second" },
    ],
    links: [link("A", "B"), link("B", "A"), link("A", "A")],
  });
  expect([...nodes.keys()]).toEqual(["A"]);
  expect(nodes.get("A")?.instance.instanceId).toBe("first");
  expect(nodes.get("A")?.outgoing.map(({ link }) => link.id)).toEqual(["A>A"]);
});
