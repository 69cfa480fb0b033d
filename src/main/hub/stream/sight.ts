import { maskEvent } from "../../../shared/masking/index.ts";
import { type Drop, decide, LOCAL_PROVENANCE, type PeerPolicy } from "../../../shared/rules/index.ts";
import type { ApiKey, LogEvent, Peer } from "../model.ts";
import type { RegistryView } from "../registry/index.ts";

/** Which types a peer may read is said by its key. */
const ANY_TYPE: readonly string[] = ["*"];

/**
 * What a connection gets to see of events that its scopes match. By a key that was handed to a peer they leave this
 * instance as if they were sent there: what may not be sent to it stays, be it internal or too large, and its masks are
 * applied. Only the way of a copy, its loops and hops, is judged by the reader, where the refusal is looked for.
 * @returns the very same list where nothing is kept back or masked
 */
export function shownTo(
  { peer: no }: Pick<ApiKey, "peer">,
  registry: Pick<RegistryView, "peerByNo" | "instanceId">,
  events: readonly LogEvent[],
): readonly LogEvent[] {
  if (no === null) return events;
  const peer = registry.peerByNo(no);
  if (peer === undefined) return [];
  const policy = policyOfReader(peer);
  const shown = events
    .filter((event) => dropped(event, registry, policy) === null)
    .map((event) => maskEvent(event, peer.masks));
  return shown.length === events.length && shown.every((event, index) => event === events[index]) ? events : shown;
}

/** The rule that keeps an event from a peer that reads it, whatever its key's scopes and the way of the copy. */
export function keptBack(
  peer: Pick<Peer, "policy">,
  self: Pick<RegistryView, "instanceId">,
  event: Pick<LogEvent, "type" | "dataBytes">,
): Drop | null {
  return dropped(event, self, policyOfReader(peer));
}

const policyOfReader = ({ policy }: Pick<Peer, "policy">): PeerPolicy => ({ ...policy, scopes: ANY_TYPE });

function dropped(
  { type, dataBytes }: Pick<LogEvent, "type" | "dataBytes">,
  self: Pick<RegistryView, "instanceId">,
  policy: PeerPolicy,
): Drop | null {
  const decision = decide({ type, dataBytes, provenance: LOCAL_PROVENANCE }, self, policy);
  return decision.outcome === "drop" ? decision : null;
}
