import {
  isInternalType,
  LOCAL_PROVENANCE,
  matchScope,
  type RoutableEvent,
  type Topology,
  type TopologyLink,
} from "../../rules/index.ts";
import type { SeenTypes } from "./finding.ts";

const MOST_TYPES = 24;

/**
 * Small events that between them try every scope of a topology: of types that were seen, and of types made of the scopes.
 * What never leaves a hub tries nothing.
 */
export function sampleEvents(topology: Topology, seen: readonly SeenTypes[]): RoutableEvent[] {
  const often = seen.flatMap(({ types }) => types).sort((a, b) => b.events - a.events);
  const made = topology.links.flatMap(({ policy }) => policy.scopes.map((scope) => scope.replaceAll("*", "example")));
  const outgoing = often.map(({ type }) => type).filter((type) => !isInternalType(type));
  const types = [...new Set([...outgoing.slice(0, 8), ...made])];
  return (types.length === 0 ? ["example"] : types.slice(0, MOST_TYPES)).map(sampleEvent);
}

/** The event that comes furthest on some links: the one in scope of most of them. */
export function bestEvent(links: readonly TopologyLink[], events: readonly RoutableEvent[]): RoutableEvent {
  const score = ({ type }: RoutableEvent): number =>
    links.filter(({ policy }) => policy.scopes.some((scope) => matchScope(scope, type))).length;
  return events.reduce(
    (best, event) => (score(event) > score(best) ? event : best),
    events[0] ?? sampleEvent("example"),
  );
}

/** The topology as an event sees it that is in every scope and small enough for every link. */
export function scopesAside(topology: Topology): Topology {
  const open = topology.links.map((link) => ({ ...link, policy: { ...link.policy, scopes: EVERYTHING } }));
  return { ...topology, links: open };
}

const EVERYTHING = ["*"] as const;

export function sampleEvent(type: string): RoutableEvent {
  return { type, dataBytes: 1, provenance: LOCAL_PROVENANCE };
}
