import { type Decision, decide, type PeerPolicy, type RoutableEvent, type Self } from "./decide.ts";
import { isUnconfirmed } from "./instance-id.ts";
import type { OutboxState } from "./outbox-states.ts";
import { countedHops, type Provenance } from "./provenance.ts";

/**
 * "A shorter copy must win": what changes when a further copy of an event comes in that is held already.
 *
 * The rule only ever gives: it brings a shorter copy to whoever has a longer one, and a copy to whoever had none. It
 * never takes back an entry that is owed, whatever the new decision says. An entry is a promise made from a copy that
 * arrived; and the one decision that could honestly turn into a drop, `loop`, says that the peer has the event already,
 * so that the entry costs a duplicate at worst - while a forged chain could otherwise make an instance forget its debts.
 */

/** The newest entry of an event for a peer: the hops its copy carries on the wire, and the entry's state. */
export interface NewestEntry {
  readonly hops: number;
  readonly state: OutboxState;
}

/** A peer, and what is or was owed to it of the event in question: null if it was never queued for this peer. */
export interface PeerStanding {
  readonly peer: PeerPolicy;
  readonly newest: NewestEntry | null;
}

/**
 * What to do about one peer.
 * - `enqueue`: a new entry; the peer was owed nothing, or has a longer copy
 * - `update`: the newest entry has not been sent, or is a dead letter: it takes the provenance and stays in its state
 * - `succeed`: the newest entry is being sent: a new entry follows it
 * - `drop`: not forwarded, as before; the decision takes the place of the earlier one, for its reason may be another
 * - `keep`: nothing changes, and the earlier decision stands
 */
export type PeerRelaxation =
  | { readonly peerId: string; readonly action: "enqueue" | "update" | "succeed"; readonly provenance: Provenance }
  | { readonly peerId: string; readonly action: "drop"; readonly decision: Extract<Decision, { outcome: "drop" }> }
  | { readonly peerId: string; readonly action: "keep" };

/** `provenance` is what the log keeps from now on; `peers` is empty if it is what it kept before. */
export interface Relaxation {
  readonly replaced: boolean;
  readonly provenance: Provenance;
  readonly peers: readonly PeerRelaxation[];
}

/**
 * Has the arriving copy fewer hops than the one held? Only then it replaces it; among equals the first stays. A copy
 * that came by an instance without a confirmed id cannot be forwarded, so it never replaces one that can.
 */
export function isShorter(arriving: Provenance, held: Provenance): boolean {
  if (arriving.chain.some(isUnconfirmed) && !held.chain.some(isUnconfirmed)) return false;
  return countedHops(arriving) < countedHops(held);
}

/**
 * What a further copy changes. It may come from anywhere: a peer, or a hook that tells us first-hand (no hops at all)
 * what a peer told us before. Listeners are not told again. The caller applies the result in the transaction in which
 * it read the standings, with the outbox entries locked.
 *
 * @param held the event as the log has it
 * @param arriving the provenance of the copy that came in and was admitted by `accept`
 * @param standings every peer of the instance, those refused until now included
 */
export function relax(
  held: RoutableEvent,
  arriving: Provenance,
  self: Self,
  standings: readonly PeerStanding[],
): Relaxation {
  if (!isShorter(arriving, held.provenance)) return { replaced: false, provenance: held.provenance, peers: [] };
  const event = { ...held, provenance: arriving };
  const peers = standings.map((standing) => relaxPeer(event, self, standing));
  return { replaced: true, provenance: arriving, peers };
}

function relaxPeer(event: RoutableEvent, self: Self, { peer, newest }: PeerStanding): PeerRelaxation {
  const peerId = peer.id;
  const decision = decide(event, self, peer);
  if (decision.outcome === "drop") {
    return newest === null ? { peerId, action: "drop", decision } : { peerId, action: "keep" };
  }
  const { provenance } = decision;
  if (newest === null) return { peerId, action: "enqueue", provenance };
  if (!(provenance.hops < newest.hops)) return { peerId, action: "keep" };
  switch (newest.state) {
    case "pending":
    case "dead":
      return { peerId, action: "update", provenance };
    case "sending":
      return { peerId, action: "succeed", provenance };
    case "delivered":
      return { peerId, action: "enqueue", provenance };
    case "cancelled":
      return { peerId, action: "keep" };
  }
}
