import {
  type Envelope,
  type ParsedEvent,
  parseStructured,
  TooDeepError,
  utf8Length,
} from "../../../../shared/event/index.ts";
import {
  accept,
  type Evidence,
  explainReason,
  type IntegrityIssue,
  type Provenance,
  readProvenance,
} from "../../../../shared/rules/index.ts";
import { agentRecipient } from "../../ingest/index.ts";
import { eventIdentity, heldCopy } from "../../log/index.ts";
import type { Candidate } from "../../model.ts";
import { type Item, MAX_EVENT_BYTES } from "./body.ts";

/** Members of an event; a real one has a dozen. */
const MAX_MEMBERS = 256;

/** Why one event of a request is not let in. `own_id_in_chain` is a success for the sender, the others are not. */
export type EventRefusal = "invalid" | "too_large" | "provenance_invalid" | "internal_event" | "own_id_in_chain";

export type ReadEvent =
  | {
      readonly ok: true;
      readonly candidate: Candidate;
      /** The id by which the caller named itself in a chain without a fault; null when nothing can be learned. */
      readonly callerId: string | null;
    }
  | {
      readonly ok: false;
      readonly reason: EventRefusal;
      readonly error: string;
      readonly evidence: Evidence;
      /** As far as they could be read. */
      readonly id: string | null;
      readonly source: string | null;
      readonly type: string | null;
    };

/** What is known about the request that an event came with. */
export interface Arrival {
  readonly team: string;
  readonly self: { readonly instanceId: string };
  /** The number of the peer that calls, and its instance id as far as it is known. */
  readonly via: number;
  readonly callerId: string | null;
  /** A signature over the body was checked. */
  readonly verified: boolean;
}

/**
 * Reads one event that a peer pushed, and applies the rules for what comes from outside: bounds and integrity of the
 * provenance, internal types, our own id in the chain. Never throws on what a peer may send.
 */
export function readEvent(item: Item, arrival: Arrival): ReadEvent {
  const opened = openEvent(item);
  if (!opened.ok) return opened;
  const { event, wire } = opened;
  const read = readProvenance(wire, arrival.callerId);
  if (!read.ok) return refuse(event, read.reason, explainReason(read.reason, read.evidence), read.evidence);
  const { provenance, issues } = read;
  const admission = accept({ type: event.type, provenance }, arrival.self);
  if (admission.outcome === "drop") {
    const { reason, evidence } = admission;
    return refuse(event, reason, explainReason(reason, evidence), evidence);
  }
  return {
    ok: true,
    callerId: issues.length === 0 ? (provenance.chain.at(-1) ?? null) : null,
    candidate: candidateOf(event, provenance, issues, arrival),
  };
}

/** Parses an event and holds it to its bounds, without a look at its provenance. */
export function openEvent(item: Item): Extract<ParsedEvent, { ok: true }> | Extract<ReadEvent, { ok: false }> {
  const parsed = parse(item);
  if (!parsed.ok) return invalid(item.value, parsed.problem);
  const size = oversize(parsed.event);
  if (size === null) return parsed;
  const error = `The event's ${size.what} ${size.bytes} bytes; at most ${MAX_EVENT_BYTES} are accepted.`;
  return refuse(parsed.event, "too_large", error, { bytes: size.bytes, limit: MAX_EVENT_BYTES });
}

/** An event from a peer on its way into the log, with the provenance it is held with here. */
export function candidateOf(
  event: Envelope,
  provenance: Provenance,
  issues: readonly IntegrityIssue[],
  arrival: Pick<Arrival, "team" | "via" | "verified">,
): Candidate {
  // Member by member: on this path, spreading the event into it costs more than parsing it.
  return {
    id: event.id,
    source: event.source,
    type: event.type,
    attrs: event.attrs,
    data: event.data,
    summary: event.summary,
    headers: event.headers,
    dataBytes: event.dataBytes,
    team: arrival.team,
    hook: null,
    via: arrival.via,
    copy: heldCopy(provenance),
    integrity: issues.length === 0 ? null : issues.join(","),
    verified: arrival.verified,
    agentTo: agentRecipient(event.type, event.data),
    identity: eventIdentity(arrival.team, event.source, event.id),
  };
}

function parse({ text, value }: Item): ParsedEvent {
  if (typeof value === "object" && value !== null && Object.keys(value).length > MAX_MEMBERS)
    return { ok: false, problem: `an event may have at most ${MAX_MEMBERS} members` };
  try {
    return parseStructured(text, value);
  } catch (error) {
    if (error instanceof TooDeepError) return { ok: false, problem: error.message };
    throw error;
  }
}

/** The limits look at the event without its provenance, or they would depend on the way it came. */
function oversize(event: Envelope): { what: string; bytes: number } | null {
  if (event.dataBytes > MAX_EVENT_BYTES) return { what: "data has", bytes: event.dataBytes };
  const attributes = [event.id, event.source, event.type, event.attrs, event.summary ?? "", event.headers ?? ""];
  const units = attributes.reduce((sum, text) => sum + text.length, 0);
  // A UTF-16 unit has at most three bytes: counting them is only needed near the limit.
  if (3 * units <= MAX_EVENT_BYTES) return null;
  const bytes = attributes.reduce((sum, text) => sum + utf8Length(text), 0);
  return bytes > MAX_EVENT_BYTES ? { what: "attributes have", bytes } : null;
}

function invalid(value: unknown, problem: string): Extract<ReadEvent, { ok: false }> {
  return {
    ok: false,
    reason: "invalid",
    error: `This is not a CloudEvent 1.0: ${problem}.`,
    evidence: { problem },
    id: stringMember(value, "id"),
    source: stringMember(value, "source"),
    type: stringMember(value, "type"),
  };
}

function refuse(
  { id, source, type }: Envelope,
  reason: EventRefusal,
  error: string,
  evidence: Evidence,
): Extract<ReadEvent, { ok: false }> {
  return { ok: false, reason, error, evidence, id, source, type };
}

function stringMember(value: unknown, name: string): string | null {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return null;
  const member: unknown = Reflect.get(value, name);
  return typeof member === "string" ? member : null;
}
