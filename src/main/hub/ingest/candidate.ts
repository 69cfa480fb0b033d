import { uuidv7 } from "uuidv7";
import { clipped } from "../../../shared/clipped.ts";
import { type Envelope, parseStructured, utf8Length, type WireProvenance } from "../../../shared/event/index.ts";
import { accept, type Evidence, readProvenance } from "../../../shared/rules/index.ts";
import { deliveryIdentity, eventIdentity, heldCopy } from "../log/index.ts";
import type { Candidate, HeldCopy } from "../model.ts";
import { agentRecipient } from "./agent-message.ts";
import { withDepthError } from "./body.ts";

/** A copy that never left this hub. */
export const LOCAL_COPY: HeldCopy = { origin: null, chain: "[]", hops: 0 };

/** What is known of how an event came in. */
export interface Arrival {
  readonly team: string;
  readonly hook: string;
  readonly verified: boolean;
  readonly headers: string;
}

/** An event that may be accepted, or why it is not let in. */
export type Admitted =
  | { readonly ok: true; readonly candidate: Candidate }
  | {
      readonly ok: false;
      readonly reason: "own_id_in_chain" | "internal_event" | "provenance_invalid";
      readonly envelope: Envelope;
      readonly evidence: Evidence;
    };

/**
 * A structured CloudEvent as it was posted to an endpoint. Null when it is not one: the caller wraps the body then,
 * as Kite does, without a word to the sender (kite-wire.md 4.3).
 */
export function structuredCandidate(
  text: string,
  value: unknown,
  arrival: Arrival,
  instanceId: string,
): Admitted | null {
  const parsed = withDepthError(() => parseStructured(text, value));
  if (!parsed.ok) return null;
  const { event } = parsed;
  const copy = admit(event, parsed.wire, instanceId);
  if (!copy.ok) return { ...copy, envelope: event };
  return {
    ok: true,
    // Member by member: on this path, spreading the event into it costs more than parsing it.
    candidate: {
      id: event.id,
      source: event.source,
      type: event.type,
      data: event.data,
      summary: event.summary,
      dataBytes: event.dataBytes,
      headers: event.headers ?? arrival.headers,
      attrs: withDefaults(event.attrs),
      team: arrival.team,
      hook: arrival.hook,
      via: null,
      copy: copy.held,
      integrity: copy.integrity,
      verified: arrival.verified,
      agentTo: agentRecipient(event.type, event.data),
      identity: eventIdentity(arrival.team, event.source, event.id),
    },
  };
}

type Admission =
  | { readonly ok: true; readonly held: HeldCopy; readonly integrity: string | null }
  | {
      readonly ok: false;
      readonly reason: "own_id_in_chain" | "internal_event" | "provenance_invalid";
      readonly evidence: Evidence;
    };

function admit(event: Envelope, wire: WireProvenance, instanceId: string): Admission {
  const read = readProvenance(wire);
  if (!read.ok) return { ok: false, reason: read.reason, evidence: read.evidence };
  const admission = accept({ type: event.type, provenance: read.provenance }, { instanceId });
  if (admission.outcome === "drop") return { ok: false, reason: admission.reason, evidence: admission.evidence };
  return {
    ok: true,
    held: heldCopy(read.provenance),
    integrity: read.issues.length === 0 ? null : read.issues.join(","),
  };
}

/** Every delivered event has a time and a content type (kite-wire.md 5): what the sender left out is filled in. */
function withDefaults(attrs: string): string {
  let text = attrs;
  if (!attrs.includes('"time":')) text += `${text === "" ? "" : ","}"time":"${new Date().toISOString()}"`;
  if (!attrs.includes('"datacontenttype":')) text += `,"datacontenttype":"application/json"`;
  return text;
}

/** A webhook, or any other body, wrapped as an event of its own with a fresh id. */
export function wrappedCandidate(
  data: { readonly json: string; readonly contentType: string },
  described: { readonly type: string; readonly source: string; readonly summary: string | null },
  arrival: Arrival,
  deliveryId: string | null,
): Candidate {
  return {
    id: uuidv7(),
    source: described.source,
    type: described.type,
    attrs: `"time":"${new Date().toISOString()}","datacontenttype":${JSON.stringify(data.contentType)}`,
    data: data.json,
    summary: described.summary === null ? null : printable(described.summary),
    headers: arrival.headers,
    dataBytes: utf8Length(data.json),
    team: arrival.team,
    hook: arrival.hook,
    via: null,
    copy: LOCAL_COPY,
    integrity: null,
    verified: arrival.verified,
    agentTo: null,
    identity: deliveryId === null ? null : deliveryIdentity(arrival.team, arrival.hook, deliveryId),
  };
}

/** A summary is an attribute: one line without control characters, of a length that fits a list. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: CloudEvents forbids them in attributes.
  return clipped(text.replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]+/g, " "), 200);
}
