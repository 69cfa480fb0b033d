import {
  explainReason,
  findCycles,
  type LinkOutcome,
  type PeerPolicy,
  type RoutableEvent,
  reach,
  type Topology,
  type TopologyLink,
} from "../../rules/index.ts";
import type { Change } from "../changes.ts";
import { nameOf, type TopologyMap, topologyOf } from "../map.ts";
import { lowerFirst } from "../sentences.ts";
import type { Finding, LintInput } from "./finding.ts";
import { bestEvent, sampleEvents } from "./sample-events.ts";

/** A full mesh has more cycles than anybody would read; the components they lie in are named in any case. */
const MOST_CYCLES = { maxCycles: 60, maxSteps: 50_000 };

/** Nothing is known of what such a link lets through, so nothing is assumed to be stopped by it. */
const UNTOLD: PeerPolicy = {
  id: "",
  name: "",
  instanceId: null,
  status: "active",
  scopes: ["*"],
  maxHops: Number.MAX_SAFE_INTEGER,
  maxBytes: Number.MAX_SAFE_INTEGER,
  revision: 0,
};

/** Each cycle once, with the rule that ends an event's way round it, and at which hop, as far as that is known. */
export function lintCycles({ map, seen }: LintInput): Finding[] {
  const known = topologyOf(map);
  const samples = sampleEvents(known, seen);
  const untold = map.links.filter(({ policy }) => policy === null);
  const links = untold.map(({ id, from, to }) => ({ id, from, to, policy: UNTOLD }));
  const topology = { ...known, links: [...known.links, ...links] };
  const { cycles, components, complete } = findCycles(topology, MOST_CYCLES);
  const findings = cycles.map((cycle) => cycleFinding(map, topology, cycle, samples));
  if (complete) return findings;
  const members = components.map((keys) => keys.map((key) => nameOf(map, key)).join(", "));
  return [
    ...findings,
    {
      id: "cycle:more",
      rule: "cycle",
      severity: "info",
      sentence: `There are more cycles than are listed here. All of them lie among ${members.join("; and among ")}.`,
      instances: components.flat(),
      links: [],
      values: { listed: findings.length },
      fix: null,
    },
  ];
}

function cycleFinding(
  map: TopologyMap,
  topology: Topology,
  cycle: readonly string[],
  samples: readonly RoutableEvent[],
): Finding {
  const links = linksOf(topology, cycle);
  const way = [...cycle, cycle[0] ?? ""].map((key) => nameOf(map, key)).join(" → ");
  const shared = {
    id: `cycle:${cycle.join(">")}`,
    rule: "cycle" as const,
    instances: [...cycle],
    links: links.map(({ id }) => id),
  };
  const untold = links.find(({ policy }) => policy === UNTOLD);
  if (untold !== undefined)
    return {
      ...shared,
      severity: "info",
      sentence: `${way} is a cycle. Which rule breaks it is not known: of ${nameOf(map, untold.from)} → ${nameOf(map, untold.to)} only past events are proof, and nobody told its limits.`,
      values: { length: cycle.length },
      fix: null,
    };
  const event = bestEvent(links, samples);
  const end = furthestEnd(topology, cycle, links, event);
  if (end === null || end.outcome.outcome !== "drop")
    return {
      ...shared,
      severity: "error",
      sentence: `${way} is a cycle, and no rule ends an event's way round it: two instances of it claim one id.`,
      values: { length: cycle.length },
      fix: null,
    };
  const { reason, evidence } = end.outcome;
  const [from, to] = [nameOf(map, end.link.from), nameOf(map, end.link.to)];
  const refused = reason === "own_id_in_chain";
  const by = refused
    ? `${to} refuses the copy that ${from} sends it as hop ${end.hop}: ${from} does not know ${to}'s instance id, so each event makes one needless request`
    : `${from} does not send it on to ${to} as hop ${end.hop}: ${lowerFirst(explainReason(reason, evidence)).replace(/\.$/, "")}`;
  return {
    ...shared,
    severity: refused ? "warning" : "info",
    sentence: `${way} is a cycle, broken by ${reason}: ${by}.`,
    values: { length: cycle.length, reason, hop: end.hop, link: end.link.id, type: event.type },
    fix: refused ? idFix(map, end.link, from, to) : null,
  };
}

interface CycleEnd {
  readonly link: TopologyLink;
  readonly outcome: LinkOutcome;
  readonly hop: number;
}

/** An event may start anywhere on the cycle; what counts is the start from which it comes furthest. */
function furthestEnd(
  topology: Topology,
  cycle: readonly string[],
  links: readonly TopologyLink[],
  event: RoutableEvent,
): CycleEnd | null {
  const alone = { instances: topology.instances.filter(({ key }) => cycle.includes(key)), links };
  let furthest: CycleEnd | null = null;
  for (const [start, key] of cycle.entries()) {
    const { links: outcomes, reached } = reach(alone, event, key);
    for (let step = 0; step < links.length; step++) {
      const link = links[(start + step) % links.length];
      const outcome = link === undefined ? undefined : outcomes.get(link.id);
      if (link === undefined || outcome === undefined || outcome.outcome === "delivered") continue;
      const hop = (reached.get(link.from)?.hops ?? 0) + 1;
      if (furthest === null || hop > furthest.hop) furthest = { link, outcome, hop };
      break;
    }
  }
  return furthest;
}

function linksOf({ links }: Topology, cycle: readonly string[]): TopologyLink[] {
  return cycle.flatMap((from, index) => {
    const to = cycle[(index + 1) % cycle.length];
    return links.find((link) => link.from === from && link.to === to && link.policy.status !== "revoked") ?? [];
  });
}

function idFix(map: TopologyMap, link: TopologyLink, from: string, to: string): Finding["fix"] {
  const receiver = map.instances.find(({ key }) => key === link.to);
  if (receiver === undefined) return null;
  const change: Change = { kind: "instance_id", link: link.id, instanceId: receiver.instanceId };
  return { sentence: `Tell ${from} that ${to}'s instance id is ${receiver.instanceId}.`, changes: [change] };
}
