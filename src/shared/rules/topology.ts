import { type Admission, accept, type Decision, decide, type PeerPolicy, type RoutableEvent } from "./decide.ts";
import type { Provenance } from "./provenance.ts";

/** One hub of a topology. `key` names it within the topology; two hubs may, by mistake, claim one instance id. */
export interface TopologyInstance {
  readonly key: string;
  readonly instanceId: string;
}

/** One direction of a connection. `policy` is what the deciding side has settled about the other. */
export interface TopologyLink {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly policy: PeerPolicy;
}

/** Instances and the links between them, as far as they are known. Links to instances not listed lead nowhere. */
export interface Topology {
  readonly instances: readonly TopologyInstance[];
  readonly links: readonly TopologyLink[];
}

/** An instance that gets the event: at which hop, and by which links, one of the shortest ways. */
export interface ReachedInstance {
  readonly key: string;
  readonly hops: number;
  readonly path: readonly string[];
  readonly provenance: Provenance;
}

/** What becomes of the event on a link whose sender holds it. `duplicate`: it arrives, and is there already. */
export type LinkOutcome =
  | { readonly outcome: "delivered" | "duplicate"; readonly provenance: Provenance }
  | Extract<Decision, { outcome: "drop" }>
  | Extract<Admission, { outcome: "drop" }>;

/** Where an event goes. A link is missing from `links` if its sender never holds the event. */
export interface Reach {
  readonly reached: ReadonlyMap<string, ReachedInstance>;
  readonly links: ReadonlyMap<string, LinkOutcome>;
}

/**
 * Which instances hold the event in the end, by a breadth-first search in which `decide` says what each link does.
 *
 * This is what hubs come to in whatever order copies travel, provided that instance ids are unique, settings stand
 * still, every entry is delivered, and every hub follows the rules of this folder: the same instances, at the same
 * hops, and on links to the others the same reasons. Where an instance has several shortest ways, `path` is the first
 * in the order of the links, and its links to instances that have the event too may say `loop` where the hub, going by
 * another of these ways, says `duplicate`, `hop_limit` or `too_large`, and the other way round.
 *
 * @param origin the key of the instance where the event is published, or several that each receive it first-hand
 */
export function reach(topology: Topology, event: RoutableEvent, origin: string | readonly string[]): Reach {
  const nodes = indexTopology(topology);
  const reached = new Map<string, ReachedInstance>();
  const links = new Map<string, LinkOutcome>();
  const queue: { readonly node: TopologyNode; readonly holder: ReachedInstance }[] = [];

  const visit = (node: TopologyNode, holder: ReachedInstance): void => {
    reached.set(holder.key, holder);
    queue.push({ node, holder });
  };
  for (const key of typeof origin === "string" ? [origin] : origin) {
    const node = nodes.get(key);
    if (node === undefined || reached.has(key)) continue;
    visit(node, { key, hops: event.provenance.hops, path: [], provenance: event.provenance });
  }

  for (const { node, holder } of queue) {
    const held = { ...event, provenance: holder.provenance };
    for (const { link, receiver } of node.outgoing) {
      const decision = decide(held, node.instance, link.policy);
      if (decision.outcome === "drop") {
        links.set(link.id, decision);
        continue;
      }
      const { provenance } = decision;
      const admission = accept({ type: event.type, provenance }, receiver.instance);
      if (admission.outcome === "drop") {
        links.set(link.id, admission);
      } else if (reached.has(link.to)) {
        links.set(link.id, { outcome: "duplicate", provenance });
      } else {
        links.set(link.id, { outcome: "delivered", provenance });
        visit(receiver, { key: link.to, hops: provenance.hops, path: [...holder.path, link.id], provenance });
      }
    }
  }
  return { reached, links };
}

/** An instance with the links that leave it, in the topology's order. */
export interface TopologyNode {
  readonly instance: TopologyInstance;
  readonly outgoing: readonly { readonly link: TopologyLink; readonly receiver: TopologyNode }[];
}

/** A topology ready to walk, by key. Of two instances with one key the first counts; links that lead nowhere are out. */
export function indexTopology(topology: Topology): ReadonlyMap<string, TopologyNode> {
  const nodes = new Map<string, TopologyNode & { outgoing: { link: TopologyLink; receiver: TopologyNode }[] }>();
  for (const instance of topology.instances) {
    if (!nodes.has(instance.key)) nodes.set(instance.key, { instance, outgoing: [] });
  }
  for (const link of topology.links) {
    const receiver = nodes.get(link.to);
    if (receiver !== undefined) nodes.get(link.from)?.outgoing.push({ link, receiver });
  }
  return nodes;
}
