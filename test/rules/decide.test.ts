import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  accept,
  DELIVERY_FAILED_TYPE,
  type Decision,
  DROP_REASONS,
  decide,
  LOCAL_PROVENANCE,
  type PeerPolicy,
  type RoutableEvent,
} from "../../src/shared/rules/index.ts";

const SELF = { instanceId: "me" };
const PEER: PeerPolicy = {
  id: "p1",
  name: "Staging",
  instanceId: "staging",
  status: "active",
  scopes: ["*"],
  maxHops: 3,
  maxBytes: 1_000,
  revision: 4,
};
const EVENT: RoutableEvent = { type: "com.github.push", provenance: LOCAL_PROVENANCE, dataBytes: 10 };

const came = (...chain: string[]) => ({ origin: chain[0] ?? null, chain, hops: chain.length });
const on = (event: Partial<RoutableEvent>, peer: Partial<PeerPolicy> = {}): Decision =>
  decide({ ...EVENT, ...event }, SELF, { ...PEER, ...peer });

describe("decide forwards", () => {
  it("a local event, with this instance as origin", () => {
    expect(on({})).toEqual({ outcome: "forward", provenance: { origin: "me", chain: ["me"], hops: 1 } });
  });

  it("a copy from elsewhere, with this instance at the end of its chain", () => {
    expect(on({ provenance: came("a", "b") })).toEqual({
      outcome: "forward",
      provenance: { origin: "a", chain: ["a", "b", "me"], hops: 3 },
    });
  });

  it("a type of Kite's that is not internal", () => {
    for (const type of ["com.kite.agent.message", "kite.agent.message", "kite.federations.x"])
      expect(on({ type }).outcome).toBe("forward");
  });

  it("to a paused peer: its entries wait", () => {
    expect(on({}, { status: "paused" }).outcome).toBe("forward");
  });

  it("up to the limits", () => {
    expect(on({ provenance: came("a", "b"), dataBytes: 1_000 }).outcome).toBe("forward");
  });
});

describe("decide drops", () => {
  it.each<[string, Partial<RoutableEvent>, Partial<PeerPolicy>, Decision]>([
    ["a revoked peer", {}, { status: "revoked" }, drop("peer_revoked", { status: "revoked" })],
    ["a peer that only sends to us", {}, { receiveOnly: true }, drop("receive_only", { peer: "Staging" })],
    ["an internal event", { type: DELIVERY_FAILED_TYPE }, {}, drop("internal_event", { type: DELIVERY_FAILED_TYPE })],
    [
      "any internal event there may be one day",
      { type: "kite.federation.link_lost" },
      {},
      drop("internal_event", { type: "kite.federation.link_lost" }),
    ],
    [
      "a type that no scope matches",
      {},
      { scopes: ["stripe.*"] },
      drop("out_of_scope", { type: "com.github.push", scopes: ["stripe.*"] }),
    ],
    [
      "a type that differs from a scope in its case",
      { type: "com.GitHub.push" },
      { scopes: ["com.github.push"] },
      drop("out_of_scope", { type: "com.GitHub.push", scopes: ["com.github.push"] }),
    ],
    [
      "an event that came by an instance whose id nobody confirmed",
      { provenance: came("a", "?pulled", "b") },
      {},
      drop("unconfirmed_instance", { instance: "?pulled", chain: ["a", "?pulled", "b"] }),
    ],
    [
      "a peer in the chain",
      { provenance: came("staging") },
      {},
      drop("loop", { instance: "staging", known_by: "instance_id", chain: ["staging", "me"] }),
    ],
    [
      "a peer anywhere in the chain",
      { provenance: came("a", "staging", "b") },
      { maxHops: 9 },
      drop("loop", { instance: "staging", known_by: "instance_id", chain: ["a", "staging", "b", "me"] }),
    ],
    [
      "a peer whose name is in the chain, while its id is not known",
      { provenance: came("Staging") },
      { instanceId: null },
      drop("loop", { instance: "Staging", known_by: "name", chain: ["Staging", "me"] }),
    ],
    [
      "a peer with our own id",
      {},
      { instanceId: "me" },
      drop("loop", { instance: "me", known_by: "instance_id", chain: ["me"] }),
    ],
    ["the hop limit, reached", { provenance: came("a", "b", "c") }, {}, drop("hop_limit", { hops: 3, limit: 3 })],
    [
      "hops that lie counts as the larger of the two",
      { provenance: { origin: "a", chain: ["a", "b", "c"], hops: 0 } },
      {},
      drop("hop_limit", { hops: 3, limit: 3 }),
    ],
    ["a limit of no hops at all", {}, { maxHops: 0 }, drop("hop_limit", { hops: 0, limit: 0 })],
    [
      "a chain that the receiver would refuse",
      { provenance: came(...Array.from({ length: 64 }, (_, index) => `h${index}`)) },
      { maxHops: 1_000 },
      drop("hop_limit", { hops: 64, limit: 64 }),
    ],
    ["data that is too large", { dataBytes: 1_001 }, {}, drop("too_large", { bytes: 1_001, limit: 1_000 })],
  ])("%s", (_, event, peer, expected) => {
    expect(on(event, peer)).toEqual(expected);
  });

  it("forwards under the peer's name once its id is known to be another", () => {
    expect(on({ provenance: came("Staging") }).outcome).toBe("forward");
  });

  it.each([
    ["maxHops", { maxHops: Number.NaN }, "hop_limit"],
    ["maxBytes", { maxBytes: Number.NaN }, "too_large"],
  ] as const)("stops everything if %s is no number", (_, peer, reason) => {
    expect(on({}, peer)).toMatchObject({ outcome: "drop", reason });
  });
});

describe("the order of the checks", () => {
  // Each step breaks one rule more, from the last to the first: the first in the order must win each time.
  const broken: Record<string, [Partial<RoutableEvent>, Partial<PeerPolicy>]> = {
    too_large: [{ dataBytes: 5_000 }, {}],
    hop_limit: [{}, { maxHops: 1 }],
    loop: [{ provenance: came("staging", "b") }, {}],
    unconfirmed_instance: [{ provenance: came("?pulled", "b") }, {}],
    out_of_scope: [{}, { scopes: ["x.*"] }],
    internal_event: [{ type: DELIVERY_FAILED_TYPE }, {}],
    receive_only: [{}, { receiveOnly: true }],
    peer_revoked: [{}, { status: "revoked" }],
  };

  it("is that of DROP_REASONS, and docs/debugger.md says each with the values it compares", () => {
    const said: string[][] = [];
    let event: Partial<RoutableEvent> = { provenance: came("a") };
    let peer: Partial<PeerPolicy> = {};
    for (const reason of DROP_REASONS.toReversed()) {
      const [eventBreak, peerBreak] = broken[reason] ?? [{}, {}];
      event = { ...event, ...eventBreak };
      peer = { ...peer, ...peerBreak };
      const decision = on(event, peer);
      expect(decision).toMatchObject({ outcome: "drop", reason });
      said.unshift([reason, decision.outcome === "drop" ? Object.keys(decision.evidence).join(", ") : ""]);
    }
    const doc = readFileSync(new URL("../../docs/debugger.md", import.meta.url), "utf8");
    const rows = [...doc.matchAll(/^\| `(\w+)` \| .* \| ([a-z_, ]+) \|\r?$/gm)].map(([, ...row]) => row);
    expect(rows).toEqual(said);
  });
});

describe("accept", () => {
  it.each([
    ["a local event", LOCAL_PROVENANCE],
    ["a copy from elsewhere", came("a", "b")],
    ["a copy with repeated ids", came("a", "a")],
  ])("lets in %s", (_, provenance) => {
    expect(accept({ type: "com.github.push", provenance }, SELF)).toEqual({ outcome: "accept" });
  });

  it.each([[["me", "b"]], [["a", "me", "b"]], [["a", "me"]]])("refuses a copy that has been here: %j", (chain) => {
    expect(accept({ type: "com.github.push", provenance: came(...chain) }, SELF)).toEqual({
      outcome: "drop",
      reason: "own_id_in_chain",
      evidence: { instance: "me", chain },
    });
  });

  it("refuses internal events from outside", () => {
    expect(accept({ type: DELIVERY_FAILED_TYPE, provenance: came("a") }, SELF)).toMatchObject({
      outcome: "drop",
      reason: "internal_event",
    });
  });
});

function drop(reason: (typeof DROP_REASONS)[number], evidence: Record<string, string | number | string[]>): Decision {
  return { outcome: "drop", reason, evidence };
}
