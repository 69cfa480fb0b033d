import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Choose,
  countedHops,
  LOCAL_PROVENANCE,
  type Provenance,
  type Publication,
  reach,
  type SimulationResult,
  simulate,
  type Topology,
} from "../../src/shared/rules/index.ts";
import { adversaries, clonedIds, type Run, runs } from "./arbitraries.ts";
import { distances, refusal } from "./oracle.ts";

/**
 * The rules of federation over random topologies and adversarial schedules; together with the other files of this
 * folder more than 10,000 cases in each run. A failure prints the seed and the smallest case that fails.
 */

const faultCounts = fc.nat({ max: 6 });

/** What holds whatever the ids, the publications and the schedule are. */
function checkAlways({ topology, event }: Run, result: SimulationResult, faults: number): void {
  if (!result.ended) throw new Error("the event never ends");
  expect(result.illegal).toEqual([]);
  for (const held of result.instances.values()) {
    expect(held.stored).toBe(1);
  }

  for (const { id, from, to, policy } of topology.links) {
    const sender = result.instances.get(from);
    const standing = result.links.get(id);
    // Each link out of an instance that holds the event has a decision, and no other link has.
    expect(standing !== undefined).toBe(sender !== undefined);
    if (sender === undefined || standing === undefined) continue;

    const { decision, entries } = standing;
    const hops = entries.map(({ provenance }) => provenance.hops);
    for (let index = 1; index < hops.length; index++) {
      expect(hops[index]).toBeLessThan(hops[index - 1] ?? 0);
    }
    // What was owed was sent, or gave way to a shorter copy that was.
    for (const [index, { state }] of entries.entries()) {
      const last = index === entries.length - 1;
      if (state !== "delivered" && (last || state !== "cancelled")) throw new Error(`${id} ends ${state}`);
    }
    // The work: a copy for each hop count that the sender ever held, all of them below the limit of the link.
    const shortest = countedHops(sender.provenance);
    expect(entries.length).toBeLessThanOrEqual(Math.max(Math.min(policy.maxHops, 64) - shortest, 0));
    const attempts = entries.reduce((sum, entry) => sum + entry.attempts, 0);
    expect(attempts).toBeLessThanOrEqual(entries.length + faults);

    expect(decision.outcome === "forward").toBe(entries.length > 0);
    if (!result.instances.has(to) && decision.outcome === "forward") {
      // Sent, and not held: then the receiver has said why.
      expect(result.refusals.some(({ at, reason }) => at === to && reason === "own_id_in_chain")).toBe(true);
    }
    if (decision.outcome === "drop" && decision.reason !== "loop") {
      expect(decision.reason).toBe(refusal({ id, from, to, policy }, event, shortest));
    }
  }
}

/** What unique ids add: exactly the instances of the breadth-first search, each by one of its shortest ways. */
function checkReach({ topology, event, publications }: Run, result: SimulationResult): void {
  const published = publications.map(({ at }) => at);
  const expected = distances(topology, event, published);
  const found = new Map([...result.instances].map(([key, { provenance }]) => [key, provenance.hops]));
  expect(sorted(found)).toEqual(sorted(expected));

  const predicted = reach(topology, { ...event, provenance: LOCAL_PROVENANCE }, published);
  expect(sorted(new Map([...predicted.reached].map(([key, { hops }]) => [key, hops])))).toEqual(sorted(expected));

  for (const [key, { provenance }] of result.instances) {
    checkWellFormed(topology, key, provenance);
  }
  for (const { id, from, to, policy } of topology.links) {
    const standing = result.links.get(id);
    if (standing === undefined) continue;
    const sender = result.instances.get(from)?.provenance.hops ?? 0;
    expect(standing.entries.length).toBeLessThanOrEqual(
      Math.max(Math.min(policy.maxHops, topology.instances.length) - sender, 0),
    );
    const { decision } = standing;
    if (decision.outcome === "forward" || expected.has(to)) continue;
    // Nobody who lacks the event lacks it because of a loop: those who stand in the chain have it.
    expect(decision.reason).toBe(refusal({ id, from, to, policy }, event, sender));
  }
}

function checkWellFormed(topology: Topology, key: string, { origin, chain, hops }: Provenance): void {
  const own = topology.instances.find((instance) => instance.key === key)?.instanceId ?? "";
  expect(hops).toBe(chain.length);
  expect(new Set(chain).size).toBe(chain.length);
  expect(chain).not.toContain(own);
  expect(origin).toBe(chain[0] ?? null);
}

function sorted(map: ReadonlyMap<string, number>): [string, number][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

describe("an event in any topology, under any schedule", () => {
  it.each([
    ["by one instance", 1, 12_000],
    ["by several instances at different times", 3, 3_000],
  ])(
    "ends, and is held once by exactly the instances of the breadth-first search, received %s",
    (_, origins, numRuns) => {
      const property = fc.property(runs(origins), adversaries, faultCounts, (run, adversary, faults) => {
        const result = simulate(run.topology, run.event, run.publications, adversary(), { faults });
        checkAlways(run, result, faults);
        checkReach(run, result);
      });
      fc.assert(property, { numRuns });
    },
  );

  it("ends with its reasons where instances share an id, and reaches nobody whom unique ids would not", () => {
    const property = fc.property(runs(1, clonedIds), adversaries, faultCounts, (run, adversary, faults) => {
      const result = simulate(run.topology, run.event, run.publications, adversary(), { faults });
      checkAlways(run, result, faults);
      const most = distances(run.topology, run.event, origins(run));
      for (const [key, { provenance }] of result.instances) {
        expect(provenance.hops).toBe(provenance.chain.length);
        expect(most.has(key)).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it("never goes further for what its publisher claims about its way", () => {
    const claims = fc.record({
      origin: fc.constantFrom(null, "hub-0", "elsewhere"),
      chain: fc.array(fc.constantFrom("hub-1", "hub-2", "hub-2", "elsewhere"), { maxLength: 5 }),
      hops: fc.integer({ min: 0, max: 6 }),
    });
    const property = fc.property(runs(), claims, adversaries, faultCounts, (honest, claim, adversary, faults) => {
      const provenance = { ...claim, hops: Math.max(claim.hops, claim.chain.length) };
      const run = { ...honest, publications: origins(honest).map((at) => ({ at, provenance })) };
      const result = simulate(run.topology, run.event, run.publications, adversary(), { faults });
      checkAlways(run, result, faults);
      const most = distances(run.topology, run.event, origins(run), provenance.hops);
      for (const [key, held] of result.instances) {
        expect(most.has(key)).toBe(true);
        expect(held.provenance.hops).toBeGreaterThanOrEqual(held.provenance.chain.length);
      }
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it("takes nothing back for a forged copy that comes later", () => {
    const chain = fc.array(fc.constantFrom("hub-1", "hub-2", "hub-3", "forger"), { maxLength: 3 });
    const forgeries = fc.array(fc.record({ place: fc.nat({ max: 7 }), chain }), { minLength: 1, maxLength: 3 });
    const property = fc.property(
      runs(),
      forgeries,
      adversaries,
      fc.nat({ max: 40 }),
      (honest, forged, adversary, pause) => {
        const copies = forged.map(({ place, chain }) => ({
          at: `k${place % honest.topology.instances.length}`,
          provenance: { origin: chain[0] ?? null, chain, hops: chain.length },
        }));
        const run = { ...honest, publications: [...honest.publications, ...copies] };
        // The same schedule twice, to the step where the forged copies come in: what was owed then is delivered.
        const before = simulate(honest.topology, honest.event, honest.publications, adversary(), { maxSteps: pause });
        const result = simulate(run.topology, run.event, run.publications, holdBack(adversary(), copies, pause));
        checkAlways(run, result, 0);
        for (const [id, { entries }] of before.links) {
          if (entries.length > 0) expect(result.links.get(id)?.decision.outcome).toBe("forward");
        }
      },
    );
    fc.assert(property, { numRuns: 1_000 });
  });
});

function origins({ publications }: Run): string[] {
  return publications.map(({ at }) => at);
}

/** Keeps the given publications away from the schedule for so many steps, or until nothing else is left to do. */
function holdBack(choose: Choose, late: readonly Publication[], pause: number): Choose {
  let taken = 0;
  return (steps) => {
    const others = steps.filter((step) => step.kind !== "publish" || !late.includes(step.publication));
    if (taken++ >= pause || others.length === 0) return choose(steps);
    const picked = others[choose(others) % others.length];
    return picked === undefined ? 0 : steps.indexOf(picked);
  };
}
