import { describe, expect, test } from "vitest";
import type { Topology } from "../../../src/shared/rules/index.ts";
import { link, PUSH, SCENARIOS, topology, way } from "../../property/scenarios.ts";
import type { Decision } from "../../support/hub-client.ts";
import { until } from "../../support/until.ts";
import { Federation, predict } from "./federation.ts";

const EVENT = "event-1";

/** Compares what the hubs hold and decided about the one event with what `reach` says. */
async function compare(federation: Federation, origin: string, type = PUSH.type): Promise<void> {
  const { reached, links } = predict(federation.topology, type, origin);
  const { instances } = federation.topology;
  const records = new Map(
    await Promise.all(instances.map(async ({ key }) => [key, await federation.record(key, EVENT)] as const)),
  );

  // The same instances, each once, at the same hops, with a chain as long as that.
  const held = [...records].map(([key, { events }]) => [key, events.map(({ copy }) => [copy.hops, copy.chain.length])]);
  const expected = instances.map(({ key }) => {
    const hops = reached.get(key)?.hops;
    return [key, hops === undefined ? [] : [[hops, hops]]];
  });
  expect(Object.fromEntries(held)).toEqual(Object.fromEntries(expected));

  for (const { id, from, to, policy } of federation.topology.links) {
    const { decisions, entries } = records.get(from) ?? { decisions: [], entries: [] };
    const peer = federation.peerOf(id);
    const ours = decisions.filter(({ peer_id }) => peer_id === peer);
    const predicted = links.get(id);
    if (predicted === undefined) {
      // Its sender never held the event: there was nothing to decide.
      expect([id, ours]).toEqual([id, []]);
      continue;
    }
    // By whatever way the copy came: something was decided, and every entry was delivered or had no purpose any more.
    expect([id, ours.length > 0]).toEqual([id, true]);
    const states = entries.filter(({ peer_id }) => peer_id === peer).map(({ state }) => state);
    expect([id, states.filter((state) => state !== "delivered" && state !== "cancelled")]).toEqual([id, []]);
    if (predicted.outcome === "delivered") expect([id, states.includes("delivered")]).toEqual([id, true]);
    if (predicted.outcome === "drop" && !reached.has(to)) {
      expect([id, ...ours.map(reasonOf)]).toEqual([id, predicted.reason]);
      if (predicted.reason === "hop_limit")
        expect(ours[0]?.evidence).toEqual({ hops: reached.get(from)?.hops, limit: policy.maxHops });
    }
    // Nothing was withheld without the rule that did it: a drop here, or a refusal there.
    const refused = records.get(to)?.refusals.map(({ reason }) => reason) ?? [];
    const explained = ours.some(({ reason }) => reason !== null) || refused.length > 0 || states.includes("delivered");
    expect([id, explained]).toEqual([id, true]);
  }
}

const reasonOf = ({ outcome, reason }: Decision): string => reason ?? outcome;

/** Puts the topology on real hubs, posts the event, and compares when all is quiet. */
async function run(shape: Topology, origin: string, type: string = PUSH.type): Promise<Federation> {
  const federation = await Federation.open(shape);
  await federation.publish(origin, { id: EVENT, type });
  await federation.quiet();
  await compare(federation, origin, type);
  return federation;
}

describe("real hubs come to what reach predicts", () => {
  const { "late short copy": late, ...prompt } = SCENARIOS;

  test.each(Object.entries(prompt))("%s", async (_name, { origin, topology: shape }) => {
    await run(shape, origin);
  });

  test("S→A→V→W→X with a late S→V: the short copy is passed on, and reaches X", async () => {
    const federation = await Federation.open(late.topology);
    const short = late.topology.links.find(({ id }) => id === "S>V");
    if (short === undefined) throw new Error("the scenario has lost its short cut");
    await federation.setStatus(short, "paused");
    await federation.publish(late.origin, { id: EVENT, type: PUSH.type });
    await federation.quiet([short.id]);

    // The long way ends at W, and says why.
    const w = await federation.record("W", EVENT);
    expect(w.events.map(({ copy }) => copy.hops)).toEqual([3]);
    const toX = w.decisions.filter(({ peer_id }) => peer_id === federation.peerOf("W>X"));
    expect(toX.map(reasonOf)).toEqual(["hop_limit"]);
    expect((await federation.record("X", EVENT)).events).toEqual([]);
    await until("W's listeners are told that it ended there", async () => {
      return (await federation.record("W", EVENT)).failuresTold === 1;
    });

    await federation.setStatus(short, "active");
    await federation.quiet();
    await compare(federation, late.origin);
    expect((await federation.record("X", EVENT)).events.map(({ copy }) => copy.chain)).toEqual([["S", "V", "W"]]);
    // W was told once, though two copies came.
    const again = await federation.record("W", EVENT);
    expect(again.events.map(({ copy }) => copy.chain)).toEqual([["S", "V"]]);
  });

  test("scopes: what is out of scope is dropped by that rule, and goes no further", async () => {
    const shape = topology([
      link("A", "B", { scopes: ["stripe.*"] }),
      link("A", "C", { scopes: ["github.*"] }),
      link("C", "B", { scopes: ["com.github.issues"] }),
      link("B", "D"),
    ]);
    await run(shape, "A");
    await run(shape, "A", "com.stripe.charge.failed");
  });

  test("a hop limit that is too small ends the way where it says", async () => {
    const shape = topology([...way("A", "B", "C"), link("C", "D", { maxHops: 1 }), link("A", "C", { maxHops: 1 })]);
    const federation = await run(shape, "A");
    // C has it directly from A, and may not pass it on with one hop behind it.
    const decisions = (await federation.record("C", EVENT)).decisions.filter(
      ({ peer_id }) => peer_id === federation.peerOf("C>D"),
    );
    expect(decisions.at(0)).toMatchObject({ reason: "hop_limit", evidence: { hops: 1, limit: 1 } });
  });

  test("a peer whose id is not known: what comes back is stopped, with the rule that did it", async () => {
    const shape = topology([link("A", "B"), link("B", "A", { instanceId: null, name: "laptop" })]);
    const federation = await Federation.open(shape);
    await federation.publish("A", { id: EVENT, type: PUSH.type });
    await federation.quiet();

    const [a, b] = [await federation.record("A", EVENT), await federation.record("B", EVENT)];
    expect([a.events.length, b.events.length]).toEqual([1, 1]);
    // B learns A's id from the chain, either in time for its own rule or too late: then A refuses.
    const byB = b.decisions.filter(({ reason }) => reason === "loop").length;
    const byA = a.refusals.filter(({ reason }) => reason === "own_id_in_chain").length;
    const cancelled = b.entries.filter(({ state }) => state === "cancelled").length;
    expect(byA + byB + cancelled).toBeGreaterThan(0);

    // By now it knows, whatever came first.
    await federation.publish("A", { id: "event-2", type: PUSH.type });
    await federation.quiet();
    expect((await federation.record("B", "event-2")).decisions.map(reasonOf)).toEqual(["loop"]);
  });
});
