import { z } from "zod";
import { AttemptView } from "./attempts.ts";
import { consoleCall } from "./errors.ts";
import { Count, Duration, EventLabel, OutboxStateValue, PageInput, PeerRef, pageOf, Time } from "./values.ts";

/** One event owed to one peer. */
export const EntryView = z.object({
  id: z.string(),
  seq: z.int(),
  gen: z.int(),
  peer: PeerRef,
  event: EventLabel.nullable(),
  state: OutboxStateValue,
  hops: z.int(),
  tries: z.int(),
  replay: z.boolean(),
  createdAt: Time,
  /** When it is due; null when it is being sent or is finished. */
  nextTryAt: Time.nullable(),
  /** Why it waits (shared/rules WAIT_CAUSES). */
  waitReason: z.string().nullable(),
  finishedAt: Time.nullable(),
  result: z.string().nullable(),
  /** What ended a dead or cancelled entry. */
  cause: z.string().nullable(),
  lastError: z.string().nullable(),
});
export type EntryView = z.infer<typeof EntryView>;

export const EntryDetailView = EntryView.extend({
  schedule: z.array(z.object({ attempt: z.int(), age: Duration, dueAt: Time.nullable(), made: z.boolean() })),
  attempts: z.array(AttemptView),
});
export type EntryDetailView = z.infer<typeof EntryDetailView>;

/** What the sender of one peer is doing right now, and what is owed. */
export const LaneView = z.object({
  peer: PeerRef,
  status: z.enum(["active", "paused", "revoked"]),
  statusReason: z.string().nullable(),
  /** Entries that are owed: pending and sending. */
  depth: z.int(),
  inFlight: z.int(),
  dead: z.int(),
  /** When the oldest entry that is owed was queued. */
  oldestAt: Time.nullable(),
  breaker: z.enum(["closed", "open", "half_open"]),
  waitingUntil: Time.nullable(),
  waitReason: z.string().nullable(),
  /** Deliveries in the last minute. */
  deliveredLastMinute: z.int(),
  failedLastMinute: z.int(),
});
export type LaneView = z.infer<typeof LaneView>;

/** Dead letters that one cause ended. */
export const DeadGroup = z.object({
  peer: PeerRef,
  cause: z.string(),
  count: z.int(),
  newestAt: Time.nullable(),
  example: z.string().nullable(),
});
export type DeadGroup = z.infer<typeof DeadGroup>;

export const EntryFilter = z.object({
  peerId: z.string().nullable().default(null),
  state: OutboxStateValue.or(z.enum(["owed"]))
    .nullable()
    .default(null),
  cause: z.string().nullable().default(null),
});

/** What a bulk action names: these entries, or everything that the filter matches. */
export const EntrySelection = z.object({
  filter: EntryFilter,
  ids: z.array(z.string()).max(1_000).nullable().default(null),
});

const One = z.object({ id: z.string() });

export const outbox = {
  lanes: consoleCall.output(z.array(LaneView)),
  list: consoleCall.input(PageInput.extend(EntryFilter.shape)).output(pageOf(EntryView)),
  get: consoleCall.input(One).output(EntryDetailView),
  deadGroups: consoleCall.output(z.array(DeadGroup)),
  retryNow: consoleCall.input(One),
  cancel: consoleCall.input(One),
  replay: consoleCall.input(One),
  /** How many entries an action on a selection would touch now. */
  count: consoleCall.input(EntrySelection).output(Count),
  retryAll: consoleCall.input(EntrySelection).output(Count),
  cancelAll: consoleCall.input(EntrySelection).output(Count),
  /**
   * Sends an event's data, changed by hand, to one peer as a new event of this hub with an id of its own, and cancels the
   * entry it was made from if that is still owed or dead.
   */
  editAndResend: consoleCall
    .input(z.object({ id: z.string(), body: z.string().max(262_144) }))
    .output(z.object({ seq: z.int(), id: z.string() })),
};
