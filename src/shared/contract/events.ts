import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import { DROP_REASONS, INTEGRITY_ISSUES } from "../rules/index.ts";
import { AttemptView } from "./attempts.ts";
import { consoleCall } from "./errors.ts";
import { EntryView } from "./outbox.ts";
import { Count, EvidenceValue, Headers, OutboxStateValue, PeerRef, Provenance, Time } from "./values.ts";

/** What became of one event at one peer, as a mark: owed or finished (the state of its entry), or not forwarded. */
export const Outcome = z.object({
  peer: z.int(),
  state: z.union([OutboxStateValue, z.literal("dropped")]),
  /** The rule that dropped it, or what ended a dead or cancelled entry; null otherwise. */
  reason: z.string().nullable(),
});
export type Outcome = z.infer<typeof Outcome>;

/** A row of the stream. Small on purpose: half a thousand may arrive in a second. */
export const EventRow = z.object({
  seq: z.int(),
  at: Time,
  id: z.string(),
  source: z.string(),
  type: z.string(),
  summary: z.string().nullable(),
  hook: z.string().nullable(),
  /** The number of the peer that delivered it; null for a local event. */
  via: z.int().nullable(),
  origin: z.string().nullable(),
  chain: z.array(z.string()),
  hops: z.int(),
  verified: z.boolean(),
  integrity: z.array(z.enum(INTEGRITY_ISSUES)),
  agentTo: z.string().nullable(),
  replayOf: z.int().nullable(),
  dataBytes: z.int(),
  outcomes: z.array(Outcome),
});
export type EventRow = z.infer<typeof EventRow>;

/**
 * A message of the live stream. `rows` come in seq order, each seq once; `outcomes` replace what was said of an event at
 * a peer; a `gap` says that the rows between two seqs are not sent, and why. A snapshot is where a feed begins: the newest
 * rows, oldest first; what follows joins on without a hole. For a feed that goes on after an earlier one the snapshot has
 * no rows: what was missed follows as rows, and as gaps where it is too much or gone.
 */
export const StreamMessage = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("snapshot"),
    rows: z.array(EventRow),
    head: z.int(),
    oldest: z.int(),
    peers: z.array(PeerRef),
  }),
  z.object({ kind: z.literal("rows"), rows: z.array(EventRow) }),
  z.object({ kind: z.literal("outcomes"), outcomes: z.array(Outcome.extend({ seq: z.int() })) }),
  z.object({
    kind: z.literal("gap"),
    from: z.int(),
    to: z.int(),
    reason: z.enum(["slow_console", "retention", "reconnected"]),
  }),
]);
export type StreamMessage = z.infer<typeof StreamMessage>;

/** A filter as a person writes it (shared/filter). Empty: everything. */
export const FilterText = z.string().max(2_000);

/**
 * A message of a search over the whole history: rows that match, newest first, and how far it has looked. `done` says
 * that there is nothing older, `full` that `limit` rows were found and older ones may match too.
 */
export const SearchMessage = z.object({
  rows: z.array(EventRow),
  searchedTo: z.int(),
  oldest: z.int(),
  scanned: z.int(),
  state: z.enum(["searching", "done", "full"]),
});
export type SearchMessage = z.infer<typeof SearchMessage>;

/** The fields whose values a facet counts. */
export const FACETS = ["type", "source", "hook", "via", "origin", "outcome", "reason", "hops", "integrity"] as const;
export const FacetField = z.enum(FACETS);
export type FacetField = z.infer<typeof FacetField>;

export const FacetsMessage = z.object({
  /** Of the fields that were asked for. */
  fields: z.partialRecord(FacetField, z.array(z.object({ value: z.string(), count: z.int() }))),
  /** Events that match, among those looked at. */
  matched: z.int(),
  scanned: z.int(),
  searchedTo: z.int(),
  state: z.enum(["searching", "done"]),
});
export type FacetsMessage = z.infer<typeof FacetsMessage>;

/** One more arrival of an event that is in the log. */
export const ArrivalView = Provenance.extend({
  at: Time,
  kind: z.enum(["duplicate", "conflict", "shorter"]).or(z.string()),
  via: PeerRef.nullable(),
  /** The data that came with it, where it differed from what is held. */
  data: z.string().nullable(),
});
export type ArrivalView = z.infer<typeof ArrivalView>;

/** What routing said about an event and a peer. */
export const DecisionView = z.object({
  peer: PeerRef,
  at: Time,
  revision: z.int(),
  outcome: z.enum(["forward", "drop"]),
  /** The rule that stopped it; null when it was forwarded. */
  reason: z.enum(DROP_REASONS).nullable(),
  evidence: EvidenceValue.nullable(),
  /** The sentence that says which values were compared. */
  sentence: z.string(),
  /** The id of the entry that carries it; null when it was dropped. */
  entryId: z.string().nullable(),
});
export type DecisionView = z.infer<typeof DecisionView>;

/** An event, whole. */
export const EventView = EventRow.extend({
  via: z.int().nullable(),
  viaPeer: PeerRef.nullable(),
  /** The CloudEvent as listeners get it: the text of a JSON object, so that no number loses digits. */
  event: z.string(),
  /** The original request's headers; null for events that came without. */
  headers: Headers.nullable(),
  arrivals: z.array(ArrivalView),
  decisions: z.array(DecisionView),
  entries: z.array(EntryView),
  attempts: z.array(AttemptView),
  /** True when the data was not kept, or only in part, by the setting for payloads. */
  dataCut: z.boolean(),
});
export type EventView = z.infer<typeof EventView>;

/** An event to be made by hand, as if it had come in by an endpoint of this hub. */
export const ComposeInput = z.object({
  /** The source slug of the endpoint it is to come in by. */
  source: z.string().min(1).max(64),
  /** JSON is wrapped as a webhook would be; a CloudEvent is taken as it is. */
  format: z.enum(["json", "cloudevent"]),
  body: z.string().max(262_144),
  headers: z.record(z.string(), z.string()).default({}),
});

export const ComposeResult = z.object({
  status: z.enum(["accepted", "duplicate"]),
  seq: z.int(),
  id: z.string(),
});

export const PurgeInput = z.object({ filter: FilterText, before: Time.nullable() });

export const PurgeStep = z.object({
  purged: z.int(),
  /** Payloads and bodies of refused requests, both together. */
  total: z.int(),
  cancelled: z.int(),
  /** Bodies of refused requests. */
  refused: z.int(),
  done: z.boolean(),
});
export type PurgeStep = z.infer<typeof PurgeStep>;

export const events = {
  /** The newest rows and then every new one. `after`: where an earlier feed stood; it goes on from there, or says what is missing. */
  stream: consoleCall
    .input(z.object({ after: z.int().nullable().default(null), snapshot: z.int().min(0).max(5_000).default(500) }))
    .output(eventIterator(StreamMessage)),
  /** Searches the database, newest first. End the iteration to cancel. */
  search: consoleCall
    .input(
      z.object({
        filter: FilterText,
        before: z.int().nullable().default(null),
        limit: z.int().min(1).max(1_000).default(200),
      }),
    )
    .output(eventIterator(SearchMessage)),
  facets: consoleCall
    .input(z.object({ filter: FilterText, fields: z.array(FacetField).min(1) }))
    .output(eventIterator(FacetsMessage)),
  get: consoleCall.input(z.object({ seq: z.int().min(1) })).output(EventView),
  /** Rows by seq, for what is on screen but not in the ring buffer. */
  rows: consoleCall.input(z.object({ seqs: z.array(z.int()).max(500) })).output(z.array(EventRow)),
  /** The seqs of the events with this id, newest first: what a pasted id is looked up by. */
  findById: consoleCall.input(z.object({ id: z.string().min(1).max(1_024) })).output(z.array(z.int())),
  send: consoleCall.input(ComposeInput).output(ComposeResult),
  /**
   * How many events a purge would take, how many entries that are owed to peers it would cancel, and of how many refused
   * requests it would take the body.
   */
  purgeCount: consoleCall.input(PurgeInput).output(Count.extend({ owed: z.int(), refused: z.int() })),
  /**
   * Takes the payload of every event that matches, and the kept body of every refused request that does, out of the
   * database for good; the rows stay.
   */
  purge: consoleCall.input(PurgeInput).output(eventIterator(PurgeStep)),
};
