import { describe, expect, test } from "vitest";
import {
  buildMap,
  explain,
  lint,
  type MapSources,
  type Telling,
  type ToldLink,
  type ToldPeer,
} from "../../src/shared/debugger/index.ts";
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
  tellings: [],
  places: new Map(),
  pulls: [],
  readers: new Set(),
  chains: [],
  ...change,
});
const toldLink = (id: string, change: Partial<ToldLink> = {}): ToldLink => ({
  id: `there-${id}`,
  direction: "push",
  name: id,
  instanceId: id,
  place: `place of ${id}`,
  status: "active",
  scopes: ["*"],
  maxHops: 3,
  maxBytes: 1_000,
  receiveOnly: false,
  revision: 0,
  ...change,
});
const telling = (teller: string, away: number, links: readonly ToldLink[], at = 900): Telling => ({
  teller,
  via: "peer-b",
  at,
  away,
  links,
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
    expect(map.links.at(-1)?.known).toEqual([{ by: "told", teller: "b", via: null, at: 900, events: null }]);
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

  test("goes on with what a peer passes on of hubs behind it, with who told it, by whom it came, and how fresh it is", () => {
    const tellings = [telling("b", 1, [toldLink("c")]), telling("c", 2, [toldLink("d", { maxHops: 2 })], 700)];
    const map = buildMap(sources({ peers: [own("b")], tellings }));
    expect(map.instances.map(({ key, beyond, url }) => [key, beyond, url])).toEqual([
      ["self", "known", "https://self.example"],
      ["b", "known", "https://b.example"],
      ["c", "known", null],
      ["d", "unknown", null],
    ]);
    expect(map.links.at(-1)).toMatchObject({
      from: "c",
      to: "d",
      policy: { maxHops: 2 },
      known: [{ by: "told", teller: "c", via: "b", at: 700 }],
    });
    expect(explain(map, event, "self").missed).toMatchObject([{ key: "d", perhaps: false }]);
  });

  test("takes a peer's registry, which was read with a key, before what it tells everybody", () => {
    const registries = [{ peerId: "peer-b", at: 800, peers: [told("c")] }];
    const map = buildMap(sources({ peers: [own("b")], registries, tellings: [telling("b", 1, [toldLink("z")])] }));
    expect(map.links.map(({ to }) => to)).toEqual(["b", "c"]);
  });

  test("knows an untold address again by what stands for it: one server of two hubs is drawn once", () => {
    const nameless = toldLink("staging", { instanceId: null, name: "stage" });
    const places = new Map([["place of staging", "https://staging.example"]]);
    const both = buildMap(
      sources({ peers: [own("b"), own("staging", null)], places, tellings: [telling("b", 1, [nameless])] }),
    );
    expect(both.links.map(({ from, to }) => `${from}>${to}`)).toEqual([
      "self>b",
      "self>https://staging.example",
      "b>https://staging.example",
    ]);
    const far = buildMap(
      sources({
        peers: [own("b")],
        tellings: [telling("b", 1, [toldLink("c"), nameless]), telling("c", 2, [{ ...nameless, name: "other name" }])],
      }),
    );
    expect(far.instances.map(({ name }) => name)).toEqual(["self", "b", "c", "stage"]);
    expect(far.links.slice(-2).map(({ to }) => to)).toEqual(["place of staging", "place of staging"]);
  });

  test("draws a link that is read from its sender, and one hub that is both sent to and read as one", () => {
    const links = [toldLink("c", { scopes: [] }), toldLink("c", { id: "pull:there-c", direction: "pull", maxHops: 2 })];
    const map = buildMap(sources({ peers: [own("b")], tellings: [telling("b", 1, links)] }));
    expect(map.links.slice(1).map(({ id, from, to }) => [id, from, to])).toEqual([
      ["b/there-c", "b", "c"],
      ["b/pull:there-c", "c", "b"],
    ]);
  });

  test("judges a link that is read for its reader, and not as a loop to its sender", () => {
    const links = [toldLink("self", { id: "pull:there-self", direction: "pull" })];
    const peer = { ...own("b"), policy: { ...policy("b"), scopes: [] } };
    const map = buildMap(sources({ peers: [peer], tellings: [telling("b", 1, links)] }));
    expect(explain(map, event, "self").instances.map(({ key, hops }) => [key, hops])).toEqual([
      ["self", 0],
      ["b", 1],
    ]);
  });
});

describe("an event that came from elsewhere", () => {
  const ring = sources({
    peers: [own("b")],
    tellings: [telling("b", 1, [toldLink("c")]), telling("c", 2, [toldLink("self")])],
  });
  const came = { ...event, provenance: { origin: "b", chain: ["b", "c"], hops: 2 } };

  test("is not missed where it began, nor where it passed", () => {
    expect(explain(buildMap(ring), came, "self").missed).toEqual([]);
  });

  test("may be missed by one of two that claim the id it came by", () => {
    const map = buildMap({ ...ring, peers: [own("b"), own("b2", "b")] });
    expect(explain(map, came, "self").missed.map(({ key }) => key)).toContain("b#2");
  });
});
