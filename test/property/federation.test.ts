import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import {
  type Choose,
  countedHops,
  LOCAL_PROVENANCE,
  MAX_CHAIN_LENGTH,
  type Provenance,
  type Publication,
  reach,
  readProvenance,
  type SimulationResult,
  simulate,
  wireProvenance,
} from "../../src/shared/rules/index.ts";
import { adversaries, clonedIds, type Run, runs } from "./arbitraries.ts";
import { distances, refusal } from "./oracle.ts";

/**
 * The rules of federation over random topologies and adversarial schedules; together with the other files of this
 * folder more than 10,000 cases in each run. A failure prints the seed and the smallest case that fails.
 */

const faultCounts = fc.nat({ max: 6 });

// node:assert and not expect: these run a million times, and expect costs more than the simulation.

/** What holds whatever the ids, the publications and the schedule are. */
function checkAlways({ topology, event }: Run, result: SimulationResult, faults: number): void {
  assert(result.ended, "the event never ends");
  assert.deepEqual(result.illegal, []);
  for (const [key, held] of result.instances) assert.equal(held.stored, 1, `${key} stored it more than once`);

  for (const link of topology.links) {
    const sender = result.instances.get(link.from);
    const standing = result.links.get(link.id);
    assert.equal(standing !== undefined, sender !== undefined, `${link.id} lacks a decision, or has one too many`);
    if (sender === undefined || standing === undefined) continue;
    const { decision, entries } = standing;
    const shortest = countedHops(sender.provenance);

    // What was owed was sent, or gave way to a shorter copy that was.
    assert.equal(decision.outcome === "forward", entries.length > 0, `${link.id} decides one thing and does another`);
    for (const [index, { state, provenance }] of entries.entries()) {
      const next = entries[index + 1];
      assert(state === "delivered" || (next !== undefined && state === "cancelled"), `${link.id} ends ${state}`);
      if (next !== undefined) assert(next.provenance.hops < provenance.hops, `${link.id} sends no shorter copy`);
    }

    // The work: at most a copy for each hop count below the limit that the sender held, one attempt each but for faults.
    assert(entries.length <= Math.max(Math.min(link.policy.maxHops, MAX_CHAIN_LENGTH) - shortest, 0));
    assert(entries.reduce((sum, { attempts }) => sum + attempts, 0) <= entries.length + faults);

    if (decision.outcome === "drop") {
      if (decision.reason !== "loop") assert.equal(decision.reason, refusal(link, event, shortest));
    } else if (!result.instances.has(link.to)) {
      // Sent, and not held: then the receiver has said why.
      assert(result.refusals.some(({ at, reason }) => at === link.to && reason === "own_id_in_chain"));
    }
  }
}

/** What unique ids add: exactly the instances of the breadth-first search, each by one of its shortest ways. */
function checkReach(run: Run, result: SimulationResult): void {
  const { topology, event } = run;
  const expected = distances(topology, event, origins(run));
  const predicted = reach(topology, { ...event, provenance: LOCAL_PROVENANCE }, origins(run));
  assert.deepEqual(
    hopsOf(result.instances, ({ provenance }) => provenance.hops),
    expected,
  );
  assert.deepEqual(
    hopsOf(predicted.reached, ({ hops }) => hops),
    expected,
  );
  assert.deepEqual(
    hopsOf(predicted.reached, ({ path }) => path.length),
    expected,
  );

  for (const { key, instanceId } of topology.instances) {
    const held = result.instances.get(key);
    if (held !== undefined) checkWellFormed(instanceId, held.provenance);
  }
  for (const link of topology.links) {
    const standing = result.links.get(link.id);
    const sender = expected.get(link.from);
    if (standing === undefined || sender === undefined) continue;
    const { decision, entries } = standing;
    assert(entries.length <= Math.max(Math.min(link.policy.maxHops, topology.instances.length) - sender, 0));

    // Nobody who lacks the event lacks it because of a loop: those who stand in the chain have it. And what the screen
    // predicts is what the hub came to. (Between instances that both have it, a link may as well say loop as duplicate:
    // that depends on which of the sender's ways, equally short, was the first.)
    if (expected.has(link.to)) continue;
    const prediction = predicted.links.get(link.id);
    assert(decision.outcome === "drop" && prediction?.outcome === "drop");
    assert.equal(decision.reason, refusal(link, event, sender));
    assert.equal(decision.reason, prediction.reason);
  }
}

function checkWellFormed(instanceId: string, { origin, chain, hops }: Provenance): void {
  assert.equal(hops, chain.length);
  assert.equal(new Set(chain).size, chain.length);
  assert(!chain.includes(instanceId));
  assert.equal(origin, chain[0] ?? null);
  if (chain.length === 0) return;
  // As it travelled: the receiver finds nothing odd in it.
  const { kitefedorigin, kitefedchain, kitefedhops } = wireProvenance({ origin, chain, hops });
  const wire = { origin: kitefedorigin, chain: kitefedchain, hops: kitefedhops };
  assert.deepEqual(readProvenance(wire, chain.at(-1)), { ok: true, provenance: { origin, chain, hops }, issues: [] });
}

function hopsOf<T>(instances: ReadonlyMap<string, T>, hops: (instance: T) => number): Map<string, number> {
  return new Map([...instances].map(([key, instance]) => [key, hops(instance)]));
}

describe("an event in any topology, under any schedule", () => {
  it.each([
    ["by one instance", 1, 20_000],
    ["by several instances at different times", 3, 5_000],
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
        assert.equal(provenance.hops, provenance.chain.length);
        assert(most.has(key));
      }
    });
    fc.assert(property, { numRuns: 2_000 });
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
        assert(most.has(key));
        assert(held.provenance.hops >= held.provenance.chain.length);
      }
    });
    fc.assert(property, { numRuns: 2_000 });
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
          if (entries.length > 0) assert.equal(result.links.get(id)?.decision.outcome, "forward");
        }
      },
    );
    fc.assert(property, { numRuns: 2_000 });
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
