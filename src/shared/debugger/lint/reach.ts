import { MAX_CHAIN_LENGTH, type Reach, reach, type Topology } from "../../rules/index.ts";
import type { Change } from "../changes.ts";
import { nameOf, type TopologyMap, topologyOf } from "../map.ts";
import type { Finding, LintInput } from "./finding.ts";
import { sampleEvent, scopesAside } from "./sample-events.ts";

/**
 * Instances that links lead to, but hop limits keep events from, whatever their scopes; with the smallest max_hops that
 * would be enough, and the links it is needed on.
 */
export function lintReach({ map }: LintInput): Finding[] {
  const topology = scopesAside(topologyOf(map));
  const missing = new Map<string, Shortfall[]>();
  for (const { key: origin } of map.instances) {
    for (const shortfall of shortfalls(topology, origin)) {
      const { target } = shortfall;
      missing.set(target, [...(missing.get(target) ?? []), shortfall]);
    }
  }
  return [...missing].map(([target, all]) => finding(map, topology, target, all));
}

interface Shortfall {
  readonly origin: string;
  readonly target: string;
  /** The smallest limit that is enough on every link that has a smaller one. */
  readonly maxHops: number;
  readonly hops: number;
  readonly path: readonly string[];
}

function shortfalls(topology: Topology, origin: string): Shortfall[] {
  const now = from(topology, origin);
  const most = from(withAtLeast(topology, MAX_CHAIN_LENGTH), origin);
  let waiting = [...most.reached.keys()].filter((key) => !now.reached.has(key));
  const found: Shortfall[] = [];
  for (let maxHops = 1; waiting.length > 0 && maxHops <= MAX_CHAIN_LENGTH; maxHops++) {
    const { reached } = from(withAtLeast(topology, maxHops), origin);
    for (const target of waiting) {
      const instance = reached.get(target);
      if (instance !== undefined) found.push({ origin, target, maxHops, hops: instance.hops, path: instance.path });
    }
    waiting = waiting.filter((key) => !reached.has(key));
  }
  return found;
}

function finding(map: TopologyMap, topology: Topology, target: string, all: readonly Shortfall[]): Finding {
  const limits = new Map<string, number>();
  for (const { path } of all) {
    for (const [index, id] of path.entries()) {
      const policy = topology.links.find((link) => link.id === id)?.policy;
      const needed = index + 1;
      if (policy !== undefined && policy.maxHops < needed) limits.set(id, Math.max(limits.get(id) ?? 0, needed));
    }
  }
  const name = nameOf(map, target);
  const origins = all.map(({ origin }) => nameOf(map, origin));
  const maxHops = Math.max(...all.map((one) => one.maxHops));
  const hops = Math.max(...all.map((one) => one.hops));
  const changes = [...limits].map(([link, limit]): Change => ({ kind: "limits", link, maxHops: limit }));
  const links = [...limits.keys()];
  const where = links.map((id) => arrow(map, id)).join(", ");
  const raised = [...limits].map(([id, limit]) => `${arrow(map, id)} to ${limit}`).join(", ");
  return {
    id: `out_of_reach:${target}`,
    rule: "out_of_reach",
    severity: "warning",
    sentence:
      `No event published at ${origins.join(" or ")} can reach ${name}, though links lead there: ` +
      `it is up to ${hops} hops away. The smallest sufficient max_hops is ${maxHops}, on ${where}.`,
    instances: [target, ...all.map(({ origin }) => origin)],
    links,
    values: { max_hops: maxHops, hops, from: all.map(({ origin }) => origin) },
    fix: { sentence: `Raise the hop limit of ${raised}.`, changes },
  };
}

function from(topology: Topology, origin: string): Reach {
  return reach(topology, sampleEvent("example"), origin);
}

function withAtLeast(topology: Topology, maxHops: number): Topology {
  const links = topology.links.map((link) => {
    const { policy } = link;
    return policy.maxHops >= maxHops ? link : { ...link, policy: { ...policy, maxHops } };
  });
  return { ...topology, links };
}

function arrow(map: TopologyMap, id: string): string {
  const link = map.links.find((one) => one.id === id);
  return link === undefined ? id : `${nameOf(map, link.from)} → ${nameOf(map, link.to)}`;
}
