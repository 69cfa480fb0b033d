import {
  decide,
  type Evidence,
  explainReason,
  type PeerPolicy,
  readProvenance,
} from "../../../../shared/rules/index.ts";
import type { Candidate } from "../../model.ts";
import { candidateOf, openEvent } from "../inbound/index.ts";
import type { StreamedEvent } from "./server-frames.ts";

/** How events are read from one peer. */
export interface PullRules {
  readonly team: string;
  /** The peer's number. */
  readonly via: number;
  /** The peer's instance id, or what stands in for it until it is confirmed. */
  readonly peerId: string;
  /** What this instance lets in over the link, with its own id and limits. */
  readonly policy: PeerPolicy;
}

export type PulledEvent =
  | { readonly ok: true; readonly candidate: Candidate }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly error: string;
      readonly evidence: Evidence;
      readonly id: string | null;
      readonly source: string | null;
      readonly type: string | null;
    };

/**
 * Reads one event of a peer's stream as if the peer had pushed it: the peer's part of the decision is taken here, with
 * the copy that the peer holds (see `decide`), and its id is appended to the chain. Never throws on what a peer sends.
 */
export function readPulled(streamed: StreamedEvent, rules: PullRules): PulledEvent {
  const opened = openEvent(streamed);
  if (!opened.ok) return opened;
  const { event, wire } = opened;
  const { id, source, type, dataBytes } = event;
  const refuse = (reason: Parameters<typeof explainReason>[0], evidence: Evidence): PulledEvent => {
    return { ok: false, reason, error: explainReason(reason, evidence), evidence, id, source, type };
  };
  const read = readProvenance(wire);
  if (!read.ok) return refuse(read.reason, read.evidence);
  const { provenance, issues } = read;
  const decision = decide({ type, dataBytes, provenance }, { instanceId: rules.peerId }, rules.policy);
  if (decision.outcome === "drop") return refuse(decision.reason, decision.evidence);
  // Nobody signed it: the connection vouches for the peer, not for the event.
  return { ok: true, candidate: candidateOf(event, decision.provenance, issues, { ...rules, verified: false }) };
}
