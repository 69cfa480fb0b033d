import { z } from "zod";
import { lowerFirst } from "../lower-first.ts";
import { DROP_REASONS, type DropReason, type Evidence, explainReason } from "../rules/index.ts";
import { copyEvidence, EvidenceShape } from "./evidence.ts";

/**
 * Why a peer that reads this hub's stream is not shown an event: by a rule of forwarding, or one of reading alone.
 * `key_revoked`, `key_expired`: of the key that was handed to it. `other_instance`: nobody has accepted which instance it
 * is now. `not_asked_for`: it follows less than its key lets it. `before_reading`: the event is older than its reading.
 * `passed_over`: it has read past the event, and was not shown it then.
 */
export const READING_RULES = [
  ...DROP_REASONS,
  "key_revoked",
  "key_expired",
  "other_instance",
  "not_asked_for",
  "before_reading",
  "passed_over",
] as const;
export type ReadingRule = (typeof READING_RULES)[number];

/**
 * How far an event has come on its way to a reader. `acknowledged`: the reader says that it is done with it. `sent`: it
 * was written to the reader's connection. `to_come`: it will be. `withheld`: it is not shown to it, by a rule.
 * `not_known`: it was read past, by settings that were changed since.
 */
export const READING_OUTCOMES = ["acknowledged", "sent", "to_come", "withheld", "not_known"] as const;

/** What this hub knows of an event and a peer that reads its stream by a key that was handed to it. */
export const PeerReading = z.object({
  peerId: z.string(),
  name: z.string(),
  outcome: z.enum(READING_OUTCOMES),
  rule: z.enum(READING_RULES).nullable().describe("The first rule that withholds it."),
  evidence: EvidenceShape.nullable().describe("The values that were compared: seqs, or those of the rule."),
  sentence: z.string(),
  notes: z
    .array(z.string())
    .describe("What else there is to know: masks, settings that changed, what nobody here can say."),
  keyPrefix: z.string().describe("The digits of the key that may be shown."),
  scopes: z.array(z.string()).describe("What the key lets it follow."),
  fromSeq: z
    .int()
    .nullable()
    .describe("Its reading begins after this seq; null: at the newest when it first connects."),
  acknowledged: z
    .int()
    .nullable()
    .describe("It has acknowledged everything up to here; null when no cursor is remembered."),
  connectedSince: z
    .number()
    .nullable()
    .describe("Milliseconds since 1970; null when it is not connected to this process."),
});
export type PeerReading = z.infer<typeof PeerReading>;

/** A rule that withholds the event by the settings of now. */
export interface ReadingStop {
  readonly rule: Exclude<ReadingRule, "before_reading" | "passed_over">;
  readonly evidence: Evidence;
}

export interface ReadEvent {
  /** Its place in this hub's log, and when it came; null for one that is only described. */
  readonly held: { readonly seq: number; readonly receivedAt: number } | null;
  readonly type: string;
  /** Where it has been: the ids of its chain and its origin. */
  readonly been: readonly string[];
}

/** What the hub has on a reader. Times are milliseconds since 1970. */
export interface ReaderFacts {
  readonly peerId: string;
  readonly name: string;
  readonly instanceId: string | null;
  readonly paused: boolean;
  /** When the peer's settings were changed last. */
  readonly changedAt: number;
  readonly keyPrefix: string;
  readonly scopes: readonly string[];
  readonly fromSeq: number | null;
  readonly acknowledged: number | null;
  /** Nothing after what is acknowledged, and up to here, was shown to it; 0 when that is not known. */
  readonly passed: number;
  /** Everything up to here was written to its connection, or withheld; null when it has none. */
  readonly written: number | null;
  readonly connectedSince: number | null;
  readonly stop: ReadingStop | null;
  /** The masked paths of such an event. */
  readonly masked: readonly string[];
}

type Verdict = Pick<PeerReading, "outcome" | "rule" | "evidence" | "sentence">;

/** Did an event go to a reader, is it still to come, or which rule withholds it? As far as the hub can know. */
export function judgeReading(event: ReadEvent, facts: ReaderFacts): PeerReading {
  const { peerId, name, keyPrefix, fromSeq, acknowledged, connectedSince } = facts;
  const verdict = judge(event, facts);
  const of = { peerId, name, keyPrefix, fromSeq, acknowledged, connectedSince, scopes: [...facts.scopes] };
  return { ...of, ...verdict, notes: notesOn(event, facts, verdict) };
}

function judge({ held, type }: ReadEvent, facts: ReaderFacts): Verdict {
  const { name, stop, fromSeq, acknowledged, passed, written } = facts;
  if (held === null)
    return stop === null
      ? {
          outcome: "to_come",
          rule: null,
          evidence: null,
          sentence: `${name} reads this hub's stream, and is shown such an event.`,
        }
      : withheld(name, type, stop);
  // It never leaves, whatever else there is to say of it.
  if (stop?.rule === "internal_event") return withheld(name, type, stop);
  const { seq, receivedAt } = held;
  if (fromSeq !== null && seq <= fromSeq)
    return withhold(
      "before_reading",
      { seq, from: fromSeq },
      `It is older than what ${name} reads, which begins after seq ${fromSeq}.`,
    );
  const done = acknowledged !== null && acknowledged >= seq;
  // What shuts the door now was no bar to what went through before.
  const kept = stop === null || isDoor(stop.rule) ? null : stop;
  if (done || (written !== null && written >= seq)) {
    if (kept !== null)
      return facts.changedAt > receivedAt ? readPast(seq, facts, kept, type) : withheld(name, type, kept);
    return done ? wentThrough(seq, name, acknowledged) : wasWritten(seq, facts);
  }
  if (passed >= seq)
    return kept === null
      ? withhold(
          "passed_over",
          { seq, read_up_to: passed },
          `${name} has read past it, and was not shown it: what was set then withheld it.`,
        )
      : withheld(name, type, kept);
  if (stop !== null) return withheld(name, type, stop);
  if (fromSeq === null && acknowledged === null && written === null)
    return withhold(
      "before_reading",
      { seq },
      `${name} has not read yet, and begins with what comes after it has connected.`,
    );
  return stillToCome(seq, facts);
}

/** Rules that end the reading, not the showing of an event. */
const DOOR: ReadonlySet<ReadingRule> = new Set([
  "peer_revoked",
  "receive_only",
  "key_revoked",
  "key_expired",
  "other_instance",
]);
const isDoor = (rule: ReadingRule): boolean => DOOR.has(rule);

function wentThrough(seq: number, name: string, acknowledged: number): Verdict {
  const sentence = `${name} has read it: it has acknowledged everything up to ${acknowledged}.`;
  return { outcome: "acknowledged", rule: null, evidence: { seq, acknowledged }, sentence };
}

function wasWritten(seq: number, { name, acknowledged, written }: ReaderFacts): Verdict {
  const sentence = `It was written to the connection of ${name}, which has not acknowledged it yet.`;
  return { outcome: "sent", rule: null, evidence: { seq, acknowledged, sent_up_to: written }, sentence };
}

function readPast(seq: number, { name, acknowledged, written }: ReaderFacts, stop: ReadingStop, type: string): Verdict {
  const upTo = Math.max(acknowledged ?? 0, written ?? 0);
  const sentence =
    `${name} has read past it, up to ${upTo}. As it is set now, it is not shown: ${lowerFirst(sayStop(name, type, stop))} ` +
    "The peer was changed since the event came, so whether it was shown then is not known.";
  return {
    outcome: "not_known",
    rule: stop.rule,
    evidence: { seq, read_up_to: upTo, ...copyEvidence(stop.evidence) },
    sentence,
  };
}

function stillToCome(seq: number, { name, paused, acknowledged, written, fromSeq }: ReaderFacts): Verdict {
  const reached = written ?? acknowledged;
  const evidence = reached === null ? { seq, from: fromSeq } : { seq, read_up_to: reached };
  const sentence = paused
    ? `It waits: ${name} is paused here, and reads on after ${reached ?? fromSeq} once it is resumed.`
    : written !== null
      ? `It is still to come: ${name} is connected, and was shown everything up to ${written}.`
      : acknowledged !== null
        ? `It is still to come: ${name} is not connected now, and reads on after ${acknowledged} when it connects.`
        : `It is still to come: no reading of ${name} is remembered, and when it connects it begins after ${fromSeq}.`;
  return { outcome: "to_come", rule: null, evidence, sentence };
}

function withheld(name: string, type: string, stop: ReadingStop): Verdict {
  const sentence = `${name} reads this hub's stream, and is not shown it: ${lowerFirst(sayStop(name, type, stop))}`;
  return withhold(stop.rule, copyEvidence(stop.evidence), sentence);
}

function withhold(rule: ReadingRule, evidence: PeerReading["evidence"], sentence: string): Verdict {
  return { outcome: "withheld", rule, evidence, sentence };
}

function sayStop(name: string, type: string, { rule, evidence }: ReadingStop): string {
  const scopes = list(evidence["scopes"]);
  switch (rule) {
    case "key_revoked":
      return `The key that was handed to ${name} is revoked. Pair anew to hand over another.`;
    case "key_expired":
      return `The key that was handed to ${name} has expired. Pair anew to hand over another.`;
    case "other_instance":
      return `It is another instance now, ${evidence["instance"]}, which nobody here has accepted.`;
    case "out_of_scope":
      return `The type ${type} matches none of the scopes of its key: ${scopes}.`;
    case "not_asked_for":
      return `It follows ${scopes} alone, and the type ${type} is not among that.`;
    default:
      return explainReason(rule satisfies DropReason, evidence);
  }
}

function notesOn({ held, been }: ReadEvent, facts: ReaderFacts, { outcome, rule }: Verdict): string[] {
  const { name, instanceId, masked, changedAt } = facts;
  if (outcome === "withheld" || rule !== null) return [];
  const back = instanceId !== null && been.includes(instanceId);
  const changed = held !== null && outcome !== "to_come" && changedAt > held.receivedAt;
  return [
    ...(masked.length === 0 ? [] : [`Masked for it: ${masked.join(", ")}.`]),
    ...(changed ? ["The peer was changed since the event came; masks and limits are those of now."] : []),
    back
      ? `The event has been at ${name} already, which refuses what comes back to it.`
      : `Whether ${name} keeps it is not known here: loops, hops and limits of a reading are judged by who reads.`,
  ];
}

function list(value: Evidence[string] | undefined): string {
  return typeof value === "object" && value !== null && value.length > 0 ? value.join(", ") : "none";
}
