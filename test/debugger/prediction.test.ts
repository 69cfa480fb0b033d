import { strict as assert } from "node:assert";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ExplainedLink, type Explanation, explain, mapOfTopology } from "../../src/shared/debugger/index.ts";
import { LOCAL_PROVENANCE, type SimulationResult, simulate } from "../../src/shared/rules/index.ts";
import { adversaries, runs } from "../property/arbitraries.ts";
import { PUSH, SCENARIOS } from "../property/scenarios.ts";

/** How a link of a simulation stands when all is quiet, in the words of an explanation. */
function standing(result: SimulationResult, link: ExplainedLink): string {
  const found = result.links.get(link.id);
  assert(found !== undefined, `${link.id} was predicted, and its sender never held the event`);
  if (found.decision.outcome === "drop") return found.decision.reason;
  const last = found.entries.at(-1);
  const refused = result.refusals.some(
    ({ at, evidence }) =>
      at === link.to && JSON.stringify(evidence["chain"]) === JSON.stringify(last?.provenance.chain),
  );
  return refused ? "own_id_in_chain" : "arrives";
}

function foretold({ outcome, reason }: Pick<ExplainedLink, "outcome" | "reason">): string {
  return reason ?? (outcome === "delivered" || outcome === "duplicate" ? "arrives" : outcome);
}

function compare(explanation: Explanation, result: SimulationResult): { certain: number; open: number } {
  const hops = (list: Iterable<readonly [string, number]>) => Object.fromEntries(list);
  assert.deepEqual(
    hops(explanation.instances.map(({ key, hops }) => [key, hops] as const)),
    hops([...result.instances].map(([key, { provenance }]) => [key, provenance.hops] as const)),
  );
  for (const { key, kept, received, receivedAtMost } of explanation.instances) {
    const held = result.instances.get(key);
    assert.equal(held?.stored, kept);
    const arrived = (held?.stored ?? 0) + (held?.duplicates ?? 0);
    assert(received <= receivedAtMost);
    if (explanation.complete)
      assert(arrived <= receivedAtMost, `${key} received ${arrived}, at most ${receivedAtMost}`);
  }
  assert.deepEqual(new Set(explanation.links.map(({ id }) => id)), new Set(result.links.keys()));
  let certain = 0;
  for (const link of explanation.links) {
    const possible = [link, ...link.also].map(foretold);
    if (link.also.length === 0) certain++;
    if (explanation.complete)
      assert(
        possible.includes(standing(result, link)),
        `${link.id}: ${standing(result, link)} is not among ${possible}`,
      );
    else if (link.also.length === 0) assert(foretold(link) !== "unknown");
  }
  return { certain, open: explanation.links.length - certain };
}

describe("what is explained is what the hubs come to", () => {
  it("for any topology and event, under any schedule, with the final reason at each link", () => {
    const total = { certain: 0, open: 0 };
    const property = fc.property(runs(), adversaries, ({ topology, event, publications }, adversary) => {
      const at = publications[0]?.at ?? "";
      const explanation = explain(mapOfTopology(topology, 0), { ...event, provenance: LOCAL_PROVENANCE }, at);
      const { certain, open } = compare(explanation, simulate(topology, event, publications, adversary()));
      total.certain += certain;
      total.open += open;
    });
    fc.assert(property, { numRuns: 1000 });
    // A prediction that always hedged would prove nothing.
    expect(total.certain).toBeGreaterThan(total.open * 3);
  });

  it.each(Object.entries(SCENARIOS))(
    "%s, with no link left open when all are equally fast",
    (_name, { origin, topology }) => {
      const event = { ...PUSH, provenance: LOCAL_PROVENANCE };
      const explanation = explain(mapOfTopology(topology, 0), event, origin);
      const inOrder = simulate(topology, PUSH, [{ at: origin, provenance: LOCAL_PROVENANCE, own: true }], (steps) => {
        const hops = steps.map((step) => (step.kind === "publish" ? 0 : step.provenance.hops));
        return hops.indexOf(Math.min(...hops));
      });
      compare(explanation, inOrder);
      for (const link of explanation.links)
        expect([link.id, standing(inOrder, link)]).toEqual([link.id, foretold(link)]);
      for (const { key, received } of explanation.instances) {
        const held = inOrder.instances.get(key);
        expect([key, (held?.stored ?? 0) + (held?.duplicates ?? 0)]).toEqual([key, received]);
      }
    },
  );
});
