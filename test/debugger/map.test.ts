import { describe, expect, test } from "vitest";
import { buildMap, explain, lint, type MapSources, type ToldPeer } from "../../src/shared/debugger/index.ts";
import { LOCAL_PROVENANCE } from "../../src/shared/rules/index.ts";
import { link } from "../property/scenarios.ts";

const policy = (id: string, instanceId: string | null = id) => ({
  ...link("self", id).policy,
  id: `peer-${id}`,
  instanceId,
});
const own = (id: string, instanceId: string | null = id, hookUrl = `https://${id}.example/hooks/t/kite`) => ({
  policy: policy(id, instanceId),
  hookUrl,
});
const told = (id: string, change: Partial<ToldPeer> = {}): ToldPeer => ({
  id: `there-${id}`,
  name: id,
  status: "active",
  hookUrl: `https://${id}.example/hooks/t/kite`,
  scopes: ["*"],
  maxHops: 3,
  instanceId: id,
  ...change,
});
const sources = (change: Partial<MapSources>): MapSources => ({
  self: { instanceId: "self", name: "self", url: "https://self.example" },
  at: 1_000,
  peers: [],
  identities: new Map(),
  registries: [],
  pulls: [],
  chains: [],
  ...change,
});
const event = { type: "x", dataBytes: 1, provenance: LOCAL_PROVENANCE };

describe("the map", () => {
  test("ends at a peer that tells nothing: unknown beyond", () => {
    const map = buildMap(sources({ peers: [own("b")] }));
    expect(map.instances.map(({ key, kind, beyond }) => [key, kind, beyond])).toEqual([
      ["self", "self", "known"],
      ["b", "peer", "unknown"],
    ]);
    expect(explain(map, event, "self").instances.at(-1)).toMatchObject({ key: "b", beyond: "unknown" });
  });

  test("goes on with what a peer tells, and finds ourselves and our peers there again", () => {
    const registries = [{ peerId: "peer-b", at: 900, peers: [told("self"), told("c"), told("d")] }];
    const map = buildMap(sources({ peers: [own("b"), own("c")], registries }));
    expect(map.instances.map(({ key, kind }) => [key, kind])).toEqual([
      ["self", "self"],
      ["b", "peer"],
      ["c", "peer"],
      ["d", "inferred"],
    ]);
    expect(map.links.map(({ from, to }) => `${from}>${to}`)).toEqual(["self>b", "self>c", "b>self", "b>c", "b>d"]);
    expect(map.links.at(-1)?.known).toEqual([{ by: "told", teller: "b", at: 900, events: null }]);
  });

  test("knows a hosted Kite's peers by their URLs, for it tells no instance ids", () => {
    const peers = [told("self", { instanceId: undefined }), told("zed", { instanceId: undefined })];
    const map = buildMap(sources({ peers: [own("b")], registries: [{ peerId: "peer-b", at: 1, peers }] }));
    expect(map.links.map(({ to }) => to)).toEqual(["b", "self", "https://zed.example"]);
    expect(map.instances.at(-1)?.name).toBe("zed");
  });

  test("takes links from chains, without guessing what they let through", () => {
    const chains = [{ chain: ["far", "b"], events: 7, lastAt: 500 }];
    const map = buildMap(sources({ peers: [own("b")], chains }));
    expect(map.links.map(({ from, to, policy: p }) => [from, to, p === null])).toEqual([
      ["self", "b", false],
      ["far", "b", true],
      ["b", "self", true],
    ]);
    const explanation = explain(map, event, "far");
    expect(explanation.links).toMatchObject([{ outcome: "unknown", to: "b", reason: null }]);
    expect(explanation.missed.find(({ key }) => key === "b")).toMatchObject({ perhaps: true });
  });

  test("learns an unknown id from the hub itself, which routing does not go by", () => {
    const map = buildMap(sources({ peers: [own("b", null)], identities: new Map([["peer-b", "b-1"]]) }));
    expect(map.instances.at(-1)).toMatchObject({ key: "b-1", instanceId: "b-1" });
    expect(map.links[0]?.policy?.instanceId).toBeNull();
  });

  test("shows two hubs with one id as two, and the lint says so", () => {
    const clones = [own("b", "staging"), own("c", "staging")];
    const map = buildMap(sources({ peers: clones }));
    expect(map.instances.map(({ key }) => key)).toEqual(["self", "staging", "staging#2"]);
    expect(lint({ map, seen: [] }).map(({ rule }) => rule)).toContain("cloned_id");
    const ours = buildMap(sources({ peers: [own("b", "self")] }));
    expect(ours.instances.map(({ key }) => key)).toEqual(["self", "self#2"]);
  });

  test("has the links that are read as well, by the reader's limits", () => {
    const pulls = [{ peerId: "peer-b", policy: { ...policy("self"), id: "pull:b", maxHops: 1 } }];
    const map = buildMap(sources({ peers: [own("b")], pulls }));
    expect(map.links.at(-1)).toMatchObject({ id: "pull:b", from: "b", to: "self", policy: { maxHops: 1 } });
  });

  test("an end that a peer tells of as revoked is found to disagree", () => {
    const registries = [{ peerId: "peer-b", at: 1, peers: [told("self", { status: "revoked" })] }];
    const findings = lint({ map: buildMap(sources({ peers: [own("b")], registries })), seen: [] });
    expect(findings.find(({ rule }) => rule === "ends_disagree")).toMatchObject({
      severity: "error",
      links: ["peer-b", "b/there-self"],
    });
    const missing = lint({
      map: buildMap(sources({ peers: [own("b")], registries: [{ peerId: "peer-b", at: 1, peers: [] }] })),
      seen: [],
    });
    expect(missing.find(({ rule }) => rule === "ends_disagree")?.sentence).toContain("401");
  });
});
