import { DROP_REASONS, INTEGRITY_ISSUES, OUTBOX_STATES } from "../rules/index.ts";

/**
 * How the values of a field are read and compared:
 * - `type`: a scope of the rules: `*` is a wildcard, and `com.` in front may be left out
 * - `text`: the whole text, with `*` as wildcard; letters A to Z match in either case
 * - `key`: the same, each letter as it is: what an index finds
 * - `contains`: the same, but a value without `*` may stand anywhere in the text
 * - `word`: one of a closed list
 * - `number`: whole numbers, with comparisons and ranges
 * - `flag`: true or false
 * - `time`: a time, or how long ago
 * - `json`: any value of JSON, at a path
 */
export type FieldKind = "type" | "text" | "key" | "contains" | "word" | "number" | "flag" | "time" | "json";

export interface Field {
  readonly kind: FieldKind;
  /** One line for whoever completes the name. */
  readonly meaning: string;
  readonly example: string;
  /** The values of a `word`; for other kinds values that are known and worth offering. */
  readonly values: readonly string[];
}

const field = (kind: FieldKind, meaning: string, example: string, values: readonly string[] = []): Field => ({
  kind,
  meaning,
  example,
  values,
});

/** The value of `outcome` for an event that routing had nothing to say about. */
export const NO_OUTCOME = "none";

/** Every field of the grammar, in the order in which they are offered. */
export const FIELDS = {
  type: field("type", "event type; com. in front may be left out", "type:stripe.*"),
  source: field("contains", "part of the source, or all of it with * or =", "source:github.com/acme"),
  peer: field("text", "name of a peer it was decided for", "peer:staging"),
  outcome: field("word", "what became of it at a peer", "outcome:dropped", [...OUTBOX_STATES, "dropped", NO_OUTCOME]),
  reason: field("text", "the rule that dropped it, or what ended its entry", "reason:hop_limit", DROP_REASONS),
  hops: field("number", "hops it has made", "hops:>=2"),
  origin: field("text", "instance it was first seen on", "origin:prod"),
  chain: field("text", "an instance it has been at", "chain:staging"),
  via: field("text", "name of the peer that brought it", "via:prod"),
  hook: field("text", "endpoint it came in by", "hook:github"),
  id: field("key", "id of the CloudEvent", "id:evt_1*"),
  seq: field("number", "place in the log", "seq:100..200"),
  since: field("time", "received at or after", "since:2h"),
  until: field("time", "received before", "until:2026-01-31T12:00:00Z"),
  integrity: field("word", "what is odd about its provenance", "integrity:hops_mismatch", INTEGRITY_ISSUES),
  verified: field("flag", "its signature was checked and fits", "verified:true", ["true", "false"]),
  agent: field("text", "agent a message is for", "agent:*"),
  replay: field("flag", "shown again to listeners", "replay:true", ["true", "false"]),
  bytes: field("number", "size of its data", "bytes:>10kb"),
  summary: field("contains", "part of its summary", "summary:refund"),
  header: field("text", "a header of the original request", "header.x-github-event:push"),
  data: field("json", "a value in its data", "data.amount:>100"),
} as const satisfies Readonly<Record<string, Field>>;

export type FieldName = keyof typeof FIELDS;

export const FIELD_NAMES = Object.keys(FIELDS) as readonly FieldName[];

/** What is known of a field. */
export const fieldOf = (name: FieldName): Field => FIELDS[name];

export function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(FIELDS, name);
}

/** Fields that are followed by a path: which header, which member of the data. */
export const hasPath = (name: FieldName): boolean => name === "header" || name === "data";

/** The fields that speak of an event's outcomes. */
export const isOutcomeField = (name: FieldName): boolean => name === "peer" || name === "outcome" || name === "reason";
