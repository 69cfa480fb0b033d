import { countOf } from "../../shared/count-of.ts";
import { type ExplainedLink, type Explanation, explain, mapOfTopology } from "../../shared/debugger/index.ts";
import { LOCAL_PROVENANCE } from "../../shared/rules/index.ts";
import type { LabDecision, LabEntry, LabEvent } from "./lab-client.ts";
import type { LabHubs } from "./lab-hubs.ts";
import type { PublishedEvent } from "./published.ts";

/** What one hub has to say, when all is quiet. */
interface Testimony {
  readonly events: readonly LabEvent[];
  readonly decisions: readonly LabDecision[];
  readonly entries: readonly LabEntry[];
}

/**
 * Compares what Explain says about each published event with where the hubs stand: who has it, with how many hops, and
 * the final outcome on each link, with its reason.
 * @returns what differs, in words
 */
export async function comparePredictions(lab: LabHubs, published: readonly PublishedEvent[]): Promise<string[]> {
  const map = mapOfTopology(lab.topology, 0);
  const testimonies = new Map(
    await Promise.all(
      lab.hubs.map(async ({ key, client }) => {
        const [events, decisions, entries] = await Promise.all([client.events(), client.decisions(), client.entries()]);
        return [key, { events, decisions, entries }] as const;
      }),
    ),
  );
  return published.flatMap(({ id, at, type, dataBytes }) => {
    const explanation = explain(map, { type, dataBytes, provenance: LOCAL_PROVENANCE }, at);
    return [...instanceProblems(explanation, testimonies, id), ...linkProblems(lab, explanation, testimonies, id)];
  });
}

function instanceProblems(explanation: Explanation, testimonies: ReadonlyMap<string, Testimony>, id: string): string[] {
  const predicted = new Map(explanation.instances.map(({ key, hops }) => [key, hops]));
  return [...testimonies].flatMap(([key, { events }]) => {
    const held = events.filter((event) => event.id === id && event.replay_of === null);
    const expected = predicted.get(key);
    if (expected === undefined) return held.length === 0 ? [] : [`${id} is at ${key}, and was not expected there`];
    const [first, ...more] = held;
    if (first === undefined) return [`${id} is not at ${key}, and was expected there with ${countOf(expected, "hop")}`];
    if (more.length > 0) return [`${id} is at ${key} ${held.length} times`];
    const { hops } = first.copy;
    return hops === expected ? [] : [`${id} is at ${key} with ${countOf(hops, "hop")}, not ${expected}`];
  });
}

function linkProblems(
  lab: LabHubs,
  { links, complete }: Explanation,
  testimonies: ReadonlyMap<string, Testimony>,
  id: string,
): string[] {
  return links.flatMap((link) => {
    const sender = testimonies.get(link.from);
    const seq = sender?.events.find((event) => event.id === id && event.replay_of === null)?.seq;
    if (sender === undefined || seq === undefined) return [];
    const peer = lab.peerOf(link.id);
    const possible = [link, ...link.also].map(foretold);
    const stands = standing(sender, seq, peer);
    if (possible.includes(stands) || (!complete && link.also.length > 0)) return [];
    return [`${id} on ${link.id}: ${stands}, not ${possible.join(" or ")}`];
  });
}

/** `forward` for what was sent, whatever the receiver said to it; else the last rule that stopped it. */
function standing({ decisions, entries }: Testimony, seq: number, peer: string): string {
  if (entries.some((entry) => entry.seq === seq && entry.peer_id === peer && entry.state !== "cancelled"))
    return "forward";
  const drops = decisions.filter((one) => one.seq === seq && one.peer_id === peer && one.reason !== null);
  const last = drops.sort((a, b) => b.at.localeCompare(a.at))[0];
  return last?.reason ?? "nothing was decided";
}

function foretold({ outcome, reason }: Pick<ExplainedLink, "outcome" | "reason">): string {
  return outcome === "stopped" ? (reason ?? outcome) : "forward";
}
