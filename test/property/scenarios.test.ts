import { describe, expect, it } from "vitest";
import {
  type Choose,
  explainReason,
  LOCAL_PROVENANCE,
  reach,
  relax,
  type SimulationResult,
  simulate,
  type Topology,
} from "../../src/shared/rules/index.ts";
import { longest } from "./arbitraries.ts";
import { distances } from "./oracle.ts";
import { link, PUSH, SCENARIOS, topology, way } from "./scenarios.ts";

const EVENT = { ...PUSH, provenance: LOCAL_PROVENANCE };
const at = (key: string) => [{ at: key, provenance: LOCAL_PROVENANCE }];

function hops(result: SimulationResult): Record<string, number> {
  return Object.fromEntries([...result.instances].map(([key, { provenance }]) => [key, provenance.hops]).sort());
}

function chains(result: SimulationResult): Record<string, readonly string[]> {
  return Object.fromEntries([...result.instances].map(([key, { provenance }]) => [key, provenance.chain]).sort());
}

/** Holds every copy on the link back until nothing else is left to do. */
function late(id: string): Choose {
  return (steps) => {
    const other = steps.findIndex((step) => step.kind === "publish" || step.link.id !== id);
    return Math.max(other, 0);
  };
}

describe("S→A→V→W→X with a late S→V, limits 3", () => {
  const { origin, topology: hubs } = SCENARIOS["late short copy"];

  it("reaches X, because W is sent the shorter copy although it has the event", () => {
    const result = simulate(hubs, PUSH, at(origin), late("S>V"));
    expect(result.ended).toBe(true);
    expect(chains(result)).toEqual({ S: [], A: ["S"], V: ["S"], W: ["S", "V"], X: ["S", "V", "W"] });
    expect(result.links.get("V>W")?.entries.map(({ provenance, state }) => [provenance.hops, state])).toEqual([
      [3, "delivered"],
      [2, "delivered"],
    ]);
    expect(result.instances.get("W")).toMatchObject({ stored: 1, duplicates: 1, relaxed: 1 });
  });

  it("stops at W as long as the short copy is under way, and says so", () => {
    const result = simulate(hubs, PUSH, at(origin), late("S>V"), { maxSteps: 10 });
    expect(hops(result)).toEqual({ S: 0, A: 1, V: 2, W: 3 });
    expect(result.links.get("W>X")?.decision).toEqual({
      outcome: "drop",
      reason: "hop_limit",
      evidence: { hops: 3, limit: 3 },
    });
  });

  it("would never reach X if only the peers refused until then were decided again", () => {
    const refusedOnly: typeof relax = (held, arriving, self, standings) => {
      const all = relax(held, arriving, self, standings);
      const peers = all.peers.filter((peer) => standings.some((s) => s.peer.id === peer.peerId && s.newest === null));
      return { ...all, peers };
    };
    const result = simulate(hubs, PUSH, at(origin), late("S>V"), { relax: refusedOnly });
    expect(result.ended).toBe(true);
    expect(result.instances.has("X")).toBe(false);
    expect(distances(hubs, PUSH, [origin]).get("X")).toBe(3);
  });

  it("updates an entry that waits, and lets a successor follow one that is being sent", () => {
    // V's entry for W waits until the short copy has come: one entry, sent once.
    const waits = simulate(hubs, PUSH, at(origin), late("V>W"));
    expect(waits.links.get("V>W")?.entries.map((entry) => [entry.provenance.hops, entry.attempts])).toEqual([[2, 1]]);

    // It is on the wire when the short copy comes: it keeps its provenance, and a second entry has the new one.
    const claimFirst: Choose = (steps) => {
      const claim = steps.findIndex((step) => step.kind === "claim" && step.link.id === "V>W");
      if (claim >= 0) return claim;
      const long = steps.findIndex((step) => step.kind !== "publish" && !["S>V", "V>W"].includes(step.link.id));
      return long >= 0 ? long : late("V>W")(steps);
    };
    const follows = simulate(hubs, PUSH, at(origin), claimFirst);
    expect(follows.links.get("V>W")?.entries.map((entry) => [entry.provenance.hops, entry.state])).toEqual([
      [3, "delivered"],
      [2, "delivered"],
    ]);
    expect(hops(follows)).toEqual({ S: 0, A: 1, V: 1, W: 2, X: 3 });

    // If it is lost on the wire, the successor takes its place, and it is not tried again.
    const loseIt: Choose = (steps) => {
      const long = steps.findIndex(
        (step) => step.kind === "lose" && step.link.id === "V>W" && step.provenance.hops === 3,
      );
      const successor = steps.some(
        (step) => step.kind === "claim" && step.link.id === "V>W" && step.provenance.hops === 2,
      );
      return long >= 0 && successor ? long : claimFirst(steps);
    };
    const lost = simulate(hubs, PUSH, at(origin), loseIt, { faults: 1 });
    expect(lost.links.get("V>W")?.entries.map((entry) => [entry.provenance.hops, entry.state, entry.attempts])).toEqual(
      [
        [3, "cancelled", 1],
        [2, "delivered", 1],
      ],
    );
    expect(hops(lost)).toEqual({ S: 0, A: 1, V: 1, W: 2, X: 3 });
  });
});

describe("shapes with a name", () => {
  it("a diamond is not a loop: the far corner keeps one event and records the second arrival", () => {
    const result = simulate(SCENARIOS.diamond.topology, PUSH, at("A"), () => 0);
    expect(hops(result)).toEqual({ A: 0, B: 1, C: 1, D: 2 });
    expect(result.instances.get("D")).toMatchObject({ stored: 1, duplicates: 1, relaxed: 0 });
    expect(result.refusals).toEqual([]);
  });

  it("a ring ends before the first instance, at the chain", () => {
    const result = simulate(SCENARIOS.ring.topology, PUSH, at("A"), () => 0);
    expect(hops(result)).toEqual({ A: 0, B: 1, C: 2 });
    expect(result.links.get("C>A")?.decision).toMatchObject({
      reason: "loop",
      evidence: { instance: "A", known_by: "instance_id", chain: ["A", "B", "C"] },
    });
  });

  it("a ring longer than the limit ends at the limit", () => {
    const result = simulate(SCENARIOS["ring beyond the limit"].topology, PUSH, at("A"), () => 0);
    expect(hops(result)).toEqual({ A: 0, B: 1, C: 2, D: 3 });
    expect(result.links.get("D>E")?.decision).toMatchObject({ reason: "hop_limit", evidence: { hops: 3, limit: 3 } });
  });

  it("a hook that tells first-hand what a peer told before gives the event the full way", () => {
    const chain = topology(way("A", "B", "C", "D", "E"));
    const result = simulate(chain, PUSH, [...at("A"), ...at("B")], (steps) => {
      const second = steps.findIndex((step) => step.kind === "publish" && step.publication.at === "B");
      return steps.length > 1 && second === 0 ? 1 : 0;
    });
    expect(hops(result)).toEqual({ A: 0, B: 0, C: 1, D: 2, E: 3 });
  });

  it.each(Object.entries(SCENARIOS))(
    "%s: FIFO, LIFO and longest-first schedules come to what reach predicts",
    (_, { origin, topology }) => {
      const predicted = reach(topology, EVENT, origin);
      const expected = Object.fromEntries([...predicted.reached].map(([key, { hops }]) => [key, hops]).sort());
      for (const choose of [() => 0, (steps: { length: number }) => steps.length - 1, longest]) {
        expect(hops(simulate(topology, PUSH, at(origin), choose))).toEqual(expected);
      }
    },
  );
});

describe("every schedule there is", () => {
  it.each([
    ["diamond", 0],
    ["ring", 1],
    ["ring beyond the limit", 1],
    ["mutual pair", 2],
    ["one way back only", 2],
  ] as const)("%s, with up to %i faults, reaches the same instances by the shortest ways", (name, faults) => {
    const { origin, topology } = SCENARIOS[name];
    const expected = Object.fromEntries([...distances(topology, PUSH, [origin])].sort());
    let schedules = 0;
    for (const result of everySchedule(topology, origin, faults)) {
      schedules++;
      if (!result.ended || result.illegal.length > 0) expect.unreachable(`schedule ${schedules} does not end well`);
      if (JSON.stringify(hops(result)) !== JSON.stringify(expected)) expect(hops(result)).toEqual(expected);
    }
    expect(schedules).toBeGreaterThan(8);
  });
});

describe("false cycles (RabbitMQ federation #81, #101, #116)", () => {
  it("two instances with one id: the second is refused, and the decision names the id and the chain", () => {
    const cloned = topology(
      [...way("A", "B"), link("B", "A2", { instanceId: "A" })],
      [
        { key: "A", instanceId: "A" },
        { key: "A2", instanceId: "A" },
      ],
    );
    const result = simulate(cloned, PUSH, at("A"), () => 0);
    expect(result.ended).toBe(true);
    expect(hops(result)).toEqual({ A: 0, B: 1 });
    const decision = result.links.get("B>A2")?.decision;
    expect(decision).toMatchObject({ reason: "loop", evidence: { instance: "A", chain: ["A", "B"] } });
    expect(decision?.outcome === "drop" && explainReason(decision.reason, decision.evidence)).toBe(
      "The event has already been at A: it came by A → B.",
    );
    // A cycle and a hop limit can be told apart.
    expect(reach(cloned, EVENT, "A").links.get("B>A2")).toEqual(decision);
  });

  it("a peer that claims our own id is not sent what it would refuse", () => {
    const result = simulate(topology([link("A", "B", { instanceId: "A" })]), PUSH, at("A"), () => 0);
    expect(result.links.get("A>B")?.decision).toMatchObject({ reason: "loop", evidence: { chain: ["A"] } });
  });

  it("a peer whose id is not known yet refuses the copy itself, and that ends it", () => {
    const pair = topology([link("A", "B"), link("B", "A", { instanceId: null, name: "laptop" })]);
    const result = simulate(pair, PUSH, at("A"), () => 0);
    expect(result.ended).toBe(true);
    expect(result.links.get("B>A")?.entries.map(({ state }) => state)).toEqual(["delivered"]);
    expect(result.refusals).toEqual([
      { at: "A", outcome: "drop", reason: "own_id_in_chain", evidence: { instance: "A", chain: ["A", "B"] } },
    ]);
    expect(result.instances.get("A")).toMatchObject({ stored: 1, duplicates: 0 });
  });
});

describe("a publisher that writes its own chain (RabbitMQ server #17449)", () => {
  it("with repeated ids gets a shorter way, and breaks nothing", () => {
    const provenance = { origin: "B", chain: ["B", "B"], hops: 2 };
    const result = simulate(topology(way("A", "B", "C")), PUSH, [{ at: "A", provenance }], () => 0);
    expect(result.ended).toBe(true);
    expect(hops(result)).toEqual({ A: 2 });
    expect(result.links.get("A>B")?.decision).toMatchObject({ reason: "loop", evidence: { chain: ["B", "B", "A"] } });
  });

  it("with the instance's own id is not let in", () => {
    const provenance = { origin: "A", chain: ["A"], hops: 1 };
    const result = simulate(topology(way("A", "B")), PUSH, [{ at: "A", provenance }], () => 0);
    expect(result.instances.size).toBe(0);
    expect(result.refusals).toMatchObject([{ at: "A", reason: "own_id_in_chain" }]);
  });
});

/** Runs a topology under one schedule after the other, until each has had its turn. */
function* everySchedule(topology: Topology, origin: string, faults: number): Generator<SimulationResult> {
  let next: number[] | null = [];
  while (next !== null) {
    const prefix: readonly number[] = next;
    const widths: number[] = [];
    const choose: Choose = (steps) => prefix[widths.push(steps.length) - 1] ?? 0;
    yield simulate(topology, PUSH, at(origin), choose, { faults });
    const taken = widths.map((_, index) => prefix[index] ?? 0);
    const turn = taken.findLastIndex((choice, index) => choice + 1 < (widths[index] ?? 0));
    next = turn < 0 ? null : [...taken.slice(0, turn), (taken[turn] ?? 0) + 1];
  }
}
