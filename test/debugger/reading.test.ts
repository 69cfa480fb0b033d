import { describe, expect, test } from "vitest";
import {
  buildMap,
  explain,
  judgeReading,
  type MapSources,
  type ReaderFacts,
  type ReadingStop,
  type ToldLink,
} from "../../src/shared/debugger/index.ts";
import { LOCAL_PROVENANCE, type PeerPolicy } from "../../src/shared/rules/index.ts";

const FACTS: ReaderFacts = {
  peerId: "p",
  name: "Warehouse",
  instanceId: "warehouse",
  paused: false,
  changedAt: 0,
  keyPrefix: "ab12cd34",
  scopes: ["glob:shop.*"],
  fromSeq: 100,
  acknowledged: 150,
  passed: 0,
  written: null,
  connectedSince: null,
  stop: null,
  masked: [],
};
const EVENT = { held: { seq: 160, receivedAt: 1_000 }, type: "shop.order", been: [] };
const OUT_OF_SCOPE: ReadingStop = { rule: "out_of_scope", evidence: { type: "a.b", scopes: ["glob:shop.*"] } };
const REVOKED: ReadingStop = { rule: "peer_revoked", evidence: { status: "revoked" } };

describe("what is said of an event and a peer that reads", () => {
  test.each<[string, Partial<ReaderFacts>, object]>([
    ["away, and not so far yet", {}, { outcome: "to_come", evidence: { seq: 160, read_up_to: 150 } }],
    ["acknowledged", { acknowledged: 160 }, { outcome: "acknowledged", evidence: { seq: 160, acknowledged: 160 } }],
    ["connected, and shown it", { written: 170 }, { outcome: "sent" }],
    ["connected, and not so far yet", { written: 155 }, { outcome: "to_come", evidence: { read_up_to: 155 } }],
    ["paused", { paused: true }, { outcome: "to_come", sentence: expect.stringContaining("is paused here") }],
    ["of before its key", { fromSeq: 160 }, { outcome: "withheld", rule: "before_reading" }],
    ["never connected by its key", { acknowledged: null }, { outcome: "to_come", evidence: { seq: 160, from: 100 } }],
    [
      "never connected, to begin at the newest",
      { acknowledged: null, fromSeq: null },
      { outcome: "withheld", rule: "before_reading" },
    ],
    ["of a type that its key does not follow", { stop: OUT_OF_SCOPE }, { outcome: "withheld", rule: "out_of_scope" }],
    [
      "read past, of a type that its key does not follow",
      { stop: OUT_OF_SCOPE, acknowledged: 170 },
      { outcome: "withheld", rule: "out_of_scope" },
    ],
    ["passed over by what was set then", { passed: 165 }, { outcome: "withheld", rule: "passed_over" }],
    [
      "read past, and changed since: nobody knows",
      { stop: { rule: "too_large", evidence: { bytes: 9, limit: 8 } }, acknowledged: 170, changedAt: 2_000 },
      { outcome: "not_known", rule: "too_large", evidence: { seq: 160, read_up_to: 170, bytes: 9, limit: 8 } },
    ],
    ["revoked before it came so far", { stop: REVOKED }, { outcome: "withheld", rule: "peer_revoked" }],
    ["revoked after it had read it", { stop: REVOKED, acknowledged: 170 }, { outcome: "acknowledged", rule: null }],
  ])("%s", (_, facts, expected) => {
    expect(judgeReading(EVENT, { ...FACTS, ...facts })).toMatchObject(expected);
  });

  test("masks, changes since, and what the reader alone decides stand beside it", () => {
    const { notes } = judgeReading(EVENT, {
      ...FACTS,
      acknowledged: 160,
      changedAt: 2_000,
      masked: ["customer.email"],
    });
    expect(notes).toEqual([
      "Masked for it: customer.email.",
      "The peer was changed since the event came; masks and limits are those of now.",
      expect.stringContaining("Whether Warehouse keeps it is not known here"),
    ]);
    const back = judgeReading({ ...EVENT, been: ["far", "warehouse"] }, FACTS);
    expect(back.notes).toEqual(["The event has been at Warehouse already, which refuses what comes back to it."]);
  });
});

describe("an explanation with a peer that reads", () => {
  const policy = (id: string, scopes: readonly string[]): PeerPolicy => ({
    ...{ id, name: id, instanceId: id, status: "active", scopes, maxHops: 3, maxBytes: 1_000, revision: 1 },
  });
  const sources = (links: readonly ToldLink[]): MapSources => ({
    self: { instanceId: "here", name: "here", url: "http://here" },
    at: 0,
    peers: [{ policy: policy("reader", []), hookUrl: "http://reader/hooks/team/kite" }],
    identities: new Map(),
    registries: [],
    tellings: links.length === 0 ? [] : [{ teller: "reader", via: "reader", at: 0, away: 1, links }],
    places: new Map([["place of here", "http://here"]]),
    pulls: [],
    readers: new Set(["reader"]),
    chains: [],
  });
  const told = (direction: "push" | "pull", name: string): ToldLink => ({
    ...{ id: direction === "pull" ? "pull:here" : name, direction, name, instanceId: name, place: `place of ${name}` },
    ...{ status: "active", scopes: ["*"], maxHops: 3, maxBytes: 1_000, receiveOnly: false, revision: 1 },
  });
  const event = { type: "shop.order", dataBytes: 1, provenance: LOCAL_PROVENANCE };
  const judged = (facts: Partial<ReaderFacts>) =>
    judgeReading(EVENT, { ...FACTS, peerId: "reader", name: "reader", instanceId: "reader", ...facts });

  test("does not say that the peer goes without, because nothing is pushed to it", () => {
    const map = buildMap(sources([]));
    const { missed, readings } = explain(map, event, "here", [judged({ acknowledged: 160 })]);
    expect(missed).toEqual([]);
    expect(readings).toMatchObject([{ key: "reader", outcome: "acknowledged" }]);
  });

  test("names the rule of the reading where one withholds the event, and not that nothing is pushed", () => {
    const { missed } = explain(buildMap(sources([])), event, "here", [judged({ stop: OUT_OF_SCOPE })]);
    expect(missed.map(({ sentence }) => sentence)).toEqual([
      "reader does not get it. reader reads this hub's stream, and is not shown it: " +
        "the type shop.order matches none of the scopes of its key: glob:shop.*.",
    ]);
  });

  test("goes on behind the reader where that has told what it reads, and ends where nothing is shown to it", () => {
    const map = buildMap(sources([told("pull", "here"), told("push", "far")]));
    const open = explain(map, event, "here", [judged({})]);
    expect(open.instances.map(({ key, hops }) => [key, hops])).toEqual([
      ["here", 0],
      ["reader", 1],
      ["far", 2],
    ]);
    const shut = explain(map, event, "here", [judged({ stop: REVOKED })]);
    expect(shut.instances.map(({ key }) => key)).toEqual(["here"]);
    expect(shut.links.find(({ id }) => id === "reader/pull:here")).toMatchObject({
      outcome: "stopped",
      reason: "peer_revoked",
    });
  });

  test("does not know who gets it behind a reader that does not tell", () => {
    const map = buildMap(sources([told("push", "far")]));
    const { missed } = explain(map, event, "here", [judged({ acknowledged: 160 })]);
    expect(missed).toMatchObject([{ key: "far", perhaps: true }]);
  });

  test("says nothing of readers where the event does not come to this hub", () => {
    const map = buildMap(sources([told("push", "far")]));
    expect(explain(map, event, "far", [judged({})]).readings).toEqual([]);
  });
});
