import { describe, expect, it } from "vitest";
import {
  isShorter,
  LOCAL_PROVENANCE,
  type NewestEntry,
  type PeerPolicy,
  type PeerRelaxation,
  relax,
} from "../../src/shared/rules/index.ts";

const SELF = { instanceId: "me" };
const PEER: PeerPolicy = {
  id: "p1",
  name: "w",
  instanceId: "w",
  status: "active",
  scopes: ["*"],
  maxHops: 3,
  maxBytes: 1_000,
  revision: 1,
};
const came = (...chain: string[]) => ({ origin: chain[0] ?? null, chain, hops: chain.length });
const HELD = { type: "com.github.push", dataBytes: 10, provenance: came("a", "b", "c") };
const NEXT = { origin: "a", chain: ["a", "me"], hops: 2 };

const one = (
  newest: NewestEntry | null,
  peer: Partial<PeerPolicy> = {},
  arriving = came("a"),
): PeerRelaxation | undefined => relax(HELD, arriving, SELF, [{ peer: { ...PEER, ...peer }, newest }]).peers[0];

describe("which copy wins", () => {
  it.each([
    ["fewer hops", came("a", "b"), true],
    ["none at all: told first-hand", LOCAL_PROVENANCE, true],
    ["as many, by another way", came("x", "y", "z"), false],
    ["more", came("a", "b", "c", "d"), false],
    ["a hop count that lies: the chain counts", { ...came("x", "y", "z"), hops: 0 }, false],
    ["a short chain with many hops", { ...came("x"), hops: 3 }, false],
  ])("%s", (_, arriving, wins) => {
    expect(isShorter(arriving, HELD.provenance)).toBe(wins);
    const result = relax(HELD, arriving, SELF, [{ peer: PEER, newest: null }]);
    expect(result.replaced).toBe(wins);
    expect(result.provenance).toBe(wins ? arriving : HELD.provenance);
    expect(result.peers.length).toBe(wins ? 1 : 0);
  });
});

describe("a copy that came by an instance without a confirmed id", () => {
  const unconfirmed = came("?staging");
  const held = { ...HELD, provenance: came("?staging", "b") };

  it("never takes the place of one that can be forwarded, however short it is", () => {
    expect(relax(HELD, unconfirmed, SELF, [{ peer: PEER, newest: null }])).toEqual({
      replaced: false,
      provenance: HELD.provenance,
      peers: [],
    });
  });

  it("gives way to a shorter one, confirmed or not", () => {
    expect(isShorter(unconfirmed, held.provenance)).toBe(true);
    expect(isShorter(came("a"), held.provenance)).toBe(true);
  });
});

describe("what is sent to a peer that the shorter copy may go to", () => {
  it.each<[string, NewestEntry | null, PeerRelaxation["action"]]>([
    ["it was refused until now", null, "enqueue"],
    ["a longer copy waits", { hops: 4, state: "pending" }, "update"],
    ["a longer copy is being sent", { hops: 4, state: "sending" }, "succeed"],
    ["it has a longer copy", { hops: 4, state: "delivered" }, "enqueue"],
    ["a longer copy is a dead letter", { hops: 4, state: "dead" }, "update"],
    ["a longer copy was cancelled", { hops: 4, state: "cancelled" }, "keep"],
    ["an equal copy waits", { hops: 2, state: "pending" }, "keep"],
    ["an equal copy is being sent", { hops: 2, state: "sending" }, "keep"],
    ["it has an equal copy", { hops: 2, state: "delivered" }, "keep"],
    ["it has a shorter copy", { hops: 1, state: "delivered" }, "keep"],
  ])("%s", (_, newest, action) => {
    const keeps = action === "keep";
    expect(one(newest)).toEqual(keeps ? { peerId: "p1", action } : { peerId: "p1", action, provenance: NEXT });
  });
});

describe("a peer that the shorter copy may not go to", () => {
  it.each([
    ["peer_revoked", { status: "revoked" as const }],
    ["out_of_scope", { scopes: ["stripe.*"] }],
    ["loop", { instanceId: "a" }],
    ["hop_limit", { maxHops: 1 }],
    ["too_large", { maxBytes: 5 }],
  ])("%s: gets the new reason if nothing was owed to it", (reason, peer) => {
    expect(one(null, peer)).toMatchObject({ peerId: "p1", action: "drop", decision: { outcome: "drop", reason } });
  });

  it.each(["pending", "sending", "delivered", "dead", "cancelled"] as const)("is still owed what is %s", (state) => {
    expect(one({ hops: 4, state }, { instanceId: "a" })).toEqual({ peerId: "p1", action: "keep" });
  });
});

it("decides every peer, those with an entry and those without, in the order given", () => {
  const { peers } = relax(HELD, came("a"), SELF, [
    { peer: { ...PEER, id: "p1" }, newest: { hops: 4, state: "delivered" } },
    { peer: { ...PEER, id: "p2", instanceId: "x" }, newest: null },
    { peer: { ...PEER, id: "p3", instanceId: "a" }, newest: null },
  ]);
  expect(peers.map(({ peerId, action }) => [peerId, action])).toEqual([
    ["p1", "enqueue"],
    ["p2", "enqueue"],
    ["p3", "drop"],
  ]);
});
