import type { Admission, Topology, TopologyNode } from "../rules/index.ts";
import { accept, type Decision, decide, indexTopology, type Provenance, type RoutableEvent } from "../rules/index.ts";

/** A copy of an event that an instance may hold at some time, and the links by which it came. */
export interface PossibleCopy {
  readonly provenance: Provenance;
  readonly path: readonly string[];
}

/** What a link does with one copy its sender may hold. */
export type CopyOutcome =
  | { readonly outcome: "arrives"; readonly provenance: Provenance }
  | (Extract<Decision, { outcome: "drop" }> & { readonly at: "sender" })
  | (Extract<Admission, { outcome: "drop" }> & { readonly at: "receiver" });

/** Every copy that may come to an instance, the shortest first, and what each link does with those of its sender. */
export interface PossibleCopies {
  readonly copies: ReadonlyMap<string, readonly PossibleCopy[]>;
  /** For each link, in the order of its sender's copies. Links whose sender never holds the event are missing. */
  readonly outcomes: ReadonlyMap<string, readonly CopyOutcome[]>;
  /** False if there are more copies than were looked at. */
  readonly complete: boolean;
}

/** There is a copy for each way without a loop, and in a full mesh with wide limits there are millions. */
const MOST_COPIES = 4_000;

/**
 * Follows every way an event may take. An instance keeps the copy with the fewest hops, yet until that has come it holds,
 * and forwards, a longer one: so whatever may be sent is sent for one of these copies.
 */
export function possibleCopies(
  topology: Topology,
  event: RoutableEvent,
  origin: string,
  most = MOST_COPIES,
): PossibleCopies {
  const copies = new Map<string, PossibleCopy[]>();
  const outcomes = new Map<string, CopyOutcome[]>();
  const start = indexTopology(topology).get(origin);
  const queue: { readonly node: TopologyNode; readonly copy: PossibleCopy }[] = [];
  if (start !== undefined) queue.push({ node: start, copy: { provenance: event.provenance, path: [] } });

  let complete = true;
  for (const { node, copy } of queue) {
    append(copies, node.instance.key, copy);
    for (const { link, receiver } of node.outgoing) {
      const outcome = outcomeOf({ ...event, provenance: copy.provenance }, node, link.policy, receiver);
      append(outcomes, link.id, outcome);
      if (outcome.outcome !== "arrives" || receiver === start) continue;
      if (queue.length >= most) complete = false;
      else queue.push({ node: receiver, copy: { provenance: outcome.provenance, path: [...copy.path, link.id] } });
    }
  }
  return { copies, outcomes, complete };
}

function outcomeOf(
  held: RoutableEvent,
  sender: TopologyNode,
  policy: Parameters<typeof decide>[2],
  receiver: TopologyNode,
): CopyOutcome {
  const decision = decide(held, sender.instance, policy);
  if (decision.outcome === "drop") return { ...decision, at: "sender" };
  const { provenance } = decision;
  const admission = accept({ type: held.type, provenance }, receiver.instance);
  return admission.outcome === "drop" ? { ...admission, at: "receiver" } : { outcome: "arrives", provenance };
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
