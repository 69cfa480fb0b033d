import type { DropReason, Topology, TopologyLink } from "../../src/shared/rules/index.ts";

/**
 * The specification in other words than the code: a breadth-first search that knows scopes, sizes and hop limits, and
 * nothing of chains and loops. It shares no function with the rules it judges.
 */
export function distances(
  topology: Topology,
  event: { readonly type: string; readonly dataBytes: number },
  origins: readonly string[],
  startHops = 0,
): Map<string, number> {
  const distance = new Map(origins.map((origin) => [origin, startHops]));
  for (let hops = startHops; [...distance.values()].includes(hops); hops++) {
    for (const link of topology.links) {
      if (distance.get(link.from) !== hops || distance.has(link.to)) continue;
      if (refusal(link, event, hops) === null) distance.set(link.to, hops + 1);
    }
  }
  return distance;
}

/** The rule by which a link refuses an event that has so many hops, loops aside; null if it carries it. */
export function refusal(
  { policy }: TopologyLink,
  event: { readonly type: string; readonly dataBytes: number },
  hops: number,
): DropReason | null {
  if (policy.status === "revoked") return "peer_revoked";
  if (event.type.startsWith("kite.federation.")) return "internal_event";
  if (!policy.scopes.some((scope) => glob(scope, event.type))) return "out_of_scope";
  if (hops >= Math.min(policy.maxHops, 64)) return "hop_limit";
  if (event.dataBytes > policy.maxBytes) return "too_large";
  return null;
}

/** The reference for scopes, as a regular expression. */
export function glob(pattern: string, type: string): boolean {
  const source = pattern.split("*").map((part) => part.replace(/[^a-z0-9]/gi, "\\$&"));
  return new RegExp(`^(?:com\\.)?${source.join("[^]*")}$|^${source.join("[^]*")}$`).test(type);
}
