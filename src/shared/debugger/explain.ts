import { countedHops, type LinkOutcome, type Reach, type RoutableEvent, reach, type Topology } from "../rules/index.ts";
import { type CopyOutcome, type PossibleCopies, possibleCopies } from "./copies.ts";
import type { ExplainedInstance, ExplainedLink, Explanation, LinkSaying, MissedInstance } from "./explanation.ts";
import { type MapLink, nameOf, type TopologyMap, topologyOf } from "./map.ts";
import type { PeerReading } from "./reading.ts";
import { Readings } from "./readings.ts";
import { sayMissed, sayOutcome, sayUnknownLink } from "./sentences.ts";

/**
 * Where an event goes from an instance that holds it, by the rules that the forwarder itself calls. What is found is what
 * the hubs come to when everything is delivered and settings stand still; where it depends on which of several copies
 * arrives first, the other outcomes are listed as well. Nothing is guessed about links that nobody told about.
 * @param readers what this hub knows of the event and the peers that read its stream
 */
export function explain(
  map: TopologyMap,
  event: RoutableEvent,
  at: string,
  readers: readonly PeerReading[] = [],
): Explanation {
  const all = new Readings(map, readers);
  const topology = all.open(topologyOf(map));
  const found = reach(topology, event, at);
  // What does not come to this hub is not read here.
  const readings = map.self !== null && found.reached.has(map.self) ? all : new Readings(map, []);
  const now = reach(withoutPaused(topology), event, at);
  const possible = possibleCopies(topology, event, at);
  const links = map.links.flatMap((link) => explainLink(map, link, found, possible, readings));
  return {
    event: { type: event.type, dataBytes: event.dataBytes, provenance: copyOf(event.provenance) },
    at,
    instances: [...found.reached.keys()].map((key) => explainInstance(map, key, found, now, possible, links)),
    links,
    missed: missedInstances(map, found, links, event, readings),
    readings: [...readings.list],
    complete: possible.complete,
  };
}

function explainInstance(
  map: TopologyMap,
  key: string,
  found: Reach,
  now: Reach,
  { copies, outcomes }: PossibleCopies,
  links: readonly ExplainedLink[],
): ExplainedInstance {
  const reached = found.reached.get(key);
  if (reached === undefined) throw new RangeError(`${key} is not reached`);
  const first = reached.path.length === 0 ? 1 : 0;
  const incoming = links.filter(({ to }) => to === key);
  return {
    key,
    name: nameOf(map, key),
    hops: reached.hops,
    chain: [...reached.provenance.chain],
    path: [...reached.path],
    ways: copies.get(key)?.length ?? 0,
    received: first + incoming.filter(({ outcome }) => outcome === "delivered" || outcome === "duplicate").length,
    // Each copy that goes over one link has fewer hops than the one before it.
    receivedAtMost: incoming.reduce((sum, { id }) => sum + differentHops(outcomes.get(id) ?? []), first),
    kept: 1,
    waits: now.reached.get(key) === undefined,
    beyond: map.instances.find((instance) => instance.key === key)?.beyond ?? "unknown",
  };
}

function differentHops(outcomes: readonly CopyOutcome[]): number {
  return new Set(outcomes.flatMap((one) => (one.outcome === "arrives" ? [one.provenance.hops] : []))).size;
}

function explainLink(
  map: TopologyMap,
  link: MapLink,
  found: Reach,
  possible: PossibleCopies,
  readings: Readings,
): ExplainedLink[] {
  const holder = found.reached.get(link.from);
  if (holder === undefined) return [];
  const { id, from, to, policy } = link;
  const place = { id, from, to, hop: countedHops(holder.provenance) + 1, waits: false, also: [] };
  const names = { from: nameOf(map, from), to: nameOf(map, to) };
  if (policy === null) return [{ ...place, ...sayUnknownLink(names) }];
  const shut = readings.sayingOf(link);
  if (shut !== null) return [{ ...place, ...shut }];
  const outcome = found.links.get(id);
  if (outcome === undefined) return [];
  const waits = policy.status === "paused" && (outcome.outcome === "delivered" || outcome.outcome === "duplicate");
  const say = (what: LinkOutcome): LinkSaying => sayOutcome(what, { ...names, limit: policy.maxHops, waits });
  return [{ ...place, waits, ...say(outcome), also: otherOutcomes(link, outcome, found, possible).map(say) }];
}

/**
 * What a link may come to besides: by another of the sender's shortest ways; or, where the sender would stop its
 * shortest copy, by a longer one that was there before it and was sent, for what is owed is not taken back.
 */
function otherOutcomes(
  link: MapLink,
  outcome: LinkOutcome,
  { reached }: Reach,
  { copies, outcomes }: PossibleCopies,
): LinkOutcome[] {
  const shortest = reached.get(link.from)?.hops ?? 0;
  const others = new Map<string, LinkOutcome>();
  for (const [index, one] of (outcomes.get(link.id) ?? []).entries()) {
    const hops = copies.get(link.from)?.[index]?.provenance.hops ?? 0;
    const sent = one.outcome === "arrives" || one.at === "receiver";
    if (hops > shortest && !sent) continue;
    const other = asLinkOutcome(one, reached.has(link.to));
    if (kindOf(other) !== kindOf(outcome)) others.set(kindOf(other), other);
  }
  return [...others.values()];
}

function asLinkOutcome(one: CopyOutcome, there: boolean): LinkOutcome {
  if (one.outcome === "arrives") return { outcome: there ? "duplicate" : "delivered", provenance: one.provenance };
  const { at: _, ...drop } = one;
  return drop;
}

/** `delivered` and `duplicate` are one kind: both arrive, and which of them is first does not matter. */
function kindOf(outcome: LinkOutcome): string {
  return outcome.outcome === "drop" ? outcome.reason : "arrives";
}

/** Instances that do not get it, each with the links that hold the event and would have led there. */
function missedInstances(
  map: TopologyMap,
  { reached }: Reach,
  links: readonly ExplainedLink[],
  { provenance }: RoutableEvent,
  readings: Readings,
): MissedInstance[] {
  const outcomeOf = new Map(links.map((link) => [link.id, link]));
  return map.instances.flatMap(({ key, name, instanceId }) => {
    if (reached.has(key) || cameBy(map, provenance, instanceId) || readings.brings(key)) return [];
    const leading = leadingTo(map, key, reached);
    const stopped = leading.flatMap(({ id }) => outcomeOf.get(id) ?? []);
    const perhaps =
      stopped.some(({ outcome }) => outcome === "unknown") ||
      leadsFromUnknown(map, key, reached) ||
      readings.leadsTo(key);
    const stops = stopped.filter(({ outcome }) => outcome === "stopped" || outcome === "refused");
    const stoppedBy = stops.map(({ id }) => id);
    const against = readings.against(key);
    const telling = [...(against === null ? [] : [against]), ...stops.filter(({ id }) => !readings.isInstead(id))];
    return [{ key, name, stoppedBy, perhaps, sentence: sayMissed(name, telling, perhaps) }];
  });
}

/** Where it has been it misses nowhere, the origin least of all; but of two with one id, one may never have seen it. */
function cameBy({ instances }: TopologyMap, { origin, chain }: RoutableEvent["provenance"], id: string): boolean {
  return (origin === id || chain.includes(id)) && instances.filter(({ instanceId }) => instanceId === id).length === 1;
}

/** The links that leave the instances with the event on the ways to one without it. */
function leadingTo(map: TopologyMap, target: string, reached: Reach["reached"]): MapLink[] {
  const frontier: MapLink[] = [];
  const wanted = new Set([target]);
  for (const key of wanted) {
    for (const link of map.links) {
      if (link.to !== key) continue;
      if (reached.has(link.from)) frontier.push(link);
      else wanted.add(link.from);
    }
  }
  return frontier;
}

/** Could the event leave the known part of the map, and come to the instance from there? */
function leadsFromUnknown(map: TopologyMap, key: string, reached: Reach["reached"]): boolean {
  return map.instances.some(
    (instance) => instance.beyond === "unknown" && instance.key !== key && reached.has(instance.key),
  );
}

function withoutPaused(topology: Topology): Topology {
  return { ...topology, links: topology.links.filter(({ policy }) => policy.status !== "paused") };
}

function copyOf({ origin, chain, hops }: RoutableEvent["provenance"]): Explanation["event"]["provenance"] {
  return { origin, chain: [...chain], hops };
}
