/** Why an event is not forwarded to a peer, in the order in which the rules are checked: the first that stops wins. */
export const DROP_REASONS = [
  "peer_revoked",
  "receive_only",
  "internal_event",
  "out_of_scope",
  "unconfirmed_instance",
  "loop",
  "hop_limit",
  "too_large",
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** Why a copy that arrived is not stored as a new event. */
export const INBOUND_REASONS = ["bad_signature", "own_id_in_chain", "duplicate", "provenance_invalid"] as const;
export type InboundReason = (typeof INBOUND_REASONS)[number];

/** Every reason an event can stop for. */
export type Reason = DropReason | InboundReason;

/**
 * The values a rule compared, so that a screen can say "hops 3, limit 3". The keys are:
 * - `peer_revoked`: status · `receive_only`: peer · `internal_event`: type · `out_of_scope`: type, scopes
 * - `unconfirmed_instance`: instance, chain
 * - `loop`: instance, known_by (`instance_id` or `name`), chain (as it would be sent) · `hop_limit`: hops, limit
 * - `too_large`: bytes, limit · `own_id_in_chain`: instance, chain · `duplicate`: hops, held_hops
 * - `bad_signature`: whatever the check can tell without helping a forger
 * - `provenance_invalid`: field, problem, and the values out of bounds
 */
export type Evidence = Readonly<Record<string, string | number | boolean | readonly string[] | null>>;

/** The reason as one plain sentence for people. A value missing from the evidence is shown as a question mark. */
export function explainReason(reason: Reason, evidence: Evidence): string {
  return SENTENCES[reason]((key) => show(evidence, key));
}

type Value = (key: string) => string;

const SENTENCES: Readonly<Record<Reason, (value: Value) => string>> = {
  peer_revoked: () => "The peer is revoked: nothing is sent to it.",
  receive_only: (v) => `The peer ${v("peer")} is set to receive only: nothing is sent to it.`,
  unconfirmed_instance: (v) =>
    `The event was pulled from ${v("instance")}, whose instance id nobody has confirmed: it stays here.`,
  internal_event: (v) => `Events of type ${v("type")} are internal and never leave the instance they happened on.`,
  out_of_scope: (v) => `The type ${v("type")} matches none of the peer's scopes: ${v("scopes")}.`,
  loop: (v) => `The event has already been at ${v("instance")}: it came by ${v("chain")}.`,
  hop_limit: (v) => `The event has made ${hops(v("hops"))}, and the limit of this link is ${v("limit")}.`,
  too_large: (v) => `The event's data has ${v("bytes")} bytes, and the limit of this link is ${v("limit")}.`,
  bad_signature: () => "The signature does not match: the event was not stored. Compare the tokens on both sides.",
  own_id_in_chain: (v) =>
    `The event has already been here: this instance, ${v("instance")}, stands in its chain, ${v("chain")}.`,
  duplicate: (v) =>
    `This event is here already: a copy with ${hops(v("held_hops"))} is held, and this one has ${v("hops")}.`,
  provenance_invalid: (v) => `The provenance is out of bounds: ${problemSentence(v)} (${v("field")}).`,
};

const hops = (count: string): string => (count === "1" ? "1 hop" : `${count} hops`);

function problemSentence(v: Value): string {
  switch (v("problem")) {
    case "not_an_array_of_strings":
      return "the chain must be an array of strings";
    case "too_many_ids":
      return `the chain has ${v("count")} ids, and may have at most ${v("limit")}`;
    case "id_too_long":
      return `an instance id has ${v("length")} characters, and may have at most ${v("limit")}`;
    case "id_has_control_characters":
      return "an instance id must not have control characters or unpaired surrogates";
    default:
      return v("problem");
  }
}

function show(evidence: Evidence, key: string): string {
  const value = evidence[key];
  if (value === undefined || value === null) return "?";
  if (typeof value === "object") return value.length === 0 ? "none" : value.join(key === "chain" ? " → " : ", ");
  return String(value);
}
