import { isUnconfirmed } from "./instance-id.ts";
import { countedHops, MAX_CHAIN_LENGTH, nextProvenance, type Provenance } from "./provenance.ts";
import type { DropReason, Evidence } from "./reasons.ts";
import { compileScopes } from "./scope.ts";

/** As much of an event as routing looks at. `dataBytes` is the size of its data, not of the envelope around it. */
export interface RoutableEvent {
  readonly type: string;
  readonly provenance: Provenance;
  readonly dataBytes: number;
}

/** The instance that decides. */
export interface Self {
  readonly instanceId: string;
}

/** What an instance has settled about one of its peers. Treated as immutable: a change makes a new object. */
export interface PeerPolicy {
  readonly id: string;
  readonly name: string;
  /** The peer's instance id once it is known; until then its name stands in for it. */
  readonly instanceId: string | null;
  readonly status: "active" | "paused" | "revoked";
  readonly scopes: readonly string[];
  /** A copy is forwarded while the event held has fewer hops than this. */
  readonly maxHops: number;
  /** The most bytes of data that are forwarded. */
  readonly maxBytes: number;
  /** Nothing is sent to this peer, whatever its scopes say; absent is false. */
  readonly receiveOnly?: boolean;
  /** Counts the changes of these settings, so that a decision can say by which of them it was made. */
  readonly revision: number;
}

/** The limits of a peer about whom nothing else was said (kite-wire.md 11.5 and 4.3). */
export const DEFAULT_MAX_HOPS = 3;
export const DEFAULT_MAX_BYTES = 262_144;

/** The event by which an instance tells its own listeners that something could not be delivered. */
export const DELIVERY_FAILED_TYPE = "kite.federation.delivery_failed";
const INTERNAL_PREFIX = "kite.federation.";

/** The rule that keeps an event from being forwarded. */
export interface Drop {
  readonly outcome: "drop";
  readonly reason: DropReason;
  readonly evidence: Evidence;
}

/** What routing says about one event and one peer. */
export type Decision = { readonly outcome: "forward"; readonly provenance: Provenance } | Drop;

/** What an instance says to a copy that arrives, before it is looked up among the events held. */
export type Admission =
  | { readonly outcome: "accept" }
  | { readonly outcome: "drop"; readonly reason: "internal_event" | "own_id_in_chain"; readonly evidence: Evidence };

/** Types that never leave the instance they happened on, and are refused from outside. */
export function isInternalType(type: string): boolean {
  return type.startsWith(INTERNAL_PREFIX);
}

/** The id by which a peer is looked for in chains: its instance id, or its name as long as that is not known. */
export function peerInstanceId(peer: PeerPolicy): string {
  return peer.instanceId ?? peer.name;
}

/**
 * Is this event forwarded to this peer, and with which provenance; if not, which rule stops it? The order of the checks
 * is part of the contract. A paused peer is forwarded to: its entries wait.
 *
 * On a pull link the reader decides, with the sender's part taken by the peer: `decide(event as the peer holds it,
 * peer, link policy with the reader's own instance id)`.
 */
export function decide(event: RoutableEvent, self: Self, peer: PeerPolicy): Decision {
  const shut = stopsEverything(peer);
  if (shut !== null) return shut;
  if (isInternalType(event.type)) return drop("internal_event", { type: event.type });
  if (!scopeTest(peer.scopes)(event.type)) return drop("out_of_scope", { type: event.type, scopes: peer.scopes });

  const { chain } = event.provenance;
  // Its way is not known, so neither is whether the event would come back by it.
  const unconfirmed = chain.find(isUnconfirmed);
  if (unconfirmed !== undefined) return drop("unconfirmed_instance", { instance: unconfirmed, chain });
  const instance = peerInstanceId(peer);
  // The sender's own id will stand in the chain too: a peer with our own id would find itself there.
  if (instance === self.instanceId || chain.includes(instance)) {
    const known_by = peer.instanceId === null ? "name" : "instance_id";
    return drop("loop", { instance, known_by, chain: [...chain, self.instanceId] });
  }

  // A chain longer than the receiver accepts must end here, with its reason, not there as a refusal. The comparisons
  // are turned around so that a limit that is no number stops the event instead of letting everything through.
  const hops = countedHops(event.provenance);
  const limit = Math.min(peer.maxHops, MAX_CHAIN_LENGTH);
  if (!(hops < limit)) return drop("hop_limit", { hops, limit });
  if (!(event.dataBytes <= peer.maxBytes)) return drop("too_large", { bytes: event.dataBytes, limit: peer.maxBytes });

  return { outcome: "forward", provenance: nextProvenance(event.provenance, self.instanceId) };
}

/** Which rule stops every event to this peer, whatever the event is; null when none does. */
export function stopsEverything({ status, receiveOnly, name }: PeerPolicy): Drop | null {
  if (status === "revoked") return drop("peer_revoked", { status });
  if (receiveOnly === true) return drop("receive_only", { peer: name });
  return null;
}

/**
 * Is a copy that arrives from outside let in? Signature and bounds were checked before (see `readProvenance`); whether
 * it is a duplicate, and whether a duplicate is shorter, is said afterwards by the log and by `relax`.
 */
export function accept(event: Pick<RoutableEvent, "type" | "provenance">, self: Self): Admission {
  if (isInternalType(event.type)) {
    return { outcome: "drop", reason: "internal_event", evidence: { type: event.type } };
  }
  const { chain } = event.provenance;
  if (chain.includes(self.instanceId)) {
    return { outcome: "drop", reason: "own_id_in_chain", evidence: { instance: self.instanceId, chain } };
  }
  return { outcome: "accept" };
}

const compiled = new WeakMap<readonly string[], (type: string) => boolean>();

function scopeTest(scopes: readonly string[]): (type: string) => boolean {
  let test = compiled.get(scopes);
  if (test === undefined) {
    test = compileScopes(scopes);
    compiled.set(scopes, test);
  }
  return test;
}

function drop(reason: DropReason, evidence: Evidence): Drop {
  return { outcome: "drop", reason, evidence };
}
