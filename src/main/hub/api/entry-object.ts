import { z } from "zod";
import { OUTBOX_STATES, type PlannedAttempt, planSchedule, type RetryPolicy } from "../../../shared/rules/index.ts";
import { entryId } from "../entry-id.ts";
import type { EntryRecord } from "../store/ledger.ts";

const time = z.iso.datetime();

export const EventLabelObject = z
  .object({ id: z.string(), source: z.string(), type: z.string() })
  .meta({ id: "EventLabel", description: "As much of an event as a list shows." });

export const EntryObject = z
  .object({
    id: z.string(),
    seq: z.int(),
    gen: z.int().describe("0, and one more for each successor that carries a shorter copy of the event."),
    peer_id: z.uuid(),
    peer_name: z.string(),
    event: EventLabelObject.nullable().describe("Null when retention has taken the event."),
    state: z.enum(OUTBOX_STATES),
    hops: z.int().describe("Hops of the copy that it stands for."),
    revision: z.int().describe("Revision of the peer's settings by which it was decided."),
    attempts: z.int().describe("Attempts since it was queued or last replayed."),
    replay: z.boolean(),
    created_at: time,
    next_attempt_at: time.nullable().describe("When it is due; null when it is being sent or is finished."),
    wait_reason: z.string().nullable().describe("Why it waits."),
    leased_until: time.nullable(),
    finished_at: time.nullable(),
    result: z.string().nullable().describe("What a finished entry came to: accepted, duplicate, refused …"),
    cause: z.string().nullable().describe("What ended a dead or cancelled entry."),
    last_error: z.string().nullable(),
  })
  .meta({ id: "OutboxEntry" });

export const EntryDetail = EntryObject.extend({
  attempt_ids: z.array(z.uuid()),
  schedule: z
    .array(
      z.object({
        attempt: z.int(),
        age_ms: z.number(),
        due_at: time.nullable().describe("If nobody asks for another time. Null until the first attempt was made."),
        made: z.boolean(),
      }),
    )
    .describe("The attempts the peer's retry policy has for an entry that is never answered."),
}).meta({ id: "OutboxEntryDetail" });

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export function showEntry(entry: EntryRecord): z.infer<typeof EntryObject> {
  return {
    id: entryId(entry),
    seq: entry.seq,
    gen: entry.gen,
    peer_id: entry.peerId,
    peer_name: entry.peerName,
    event: entry.event,
    state: entry.state,
    hops: entry.hops,
    revision: entry.revision,
    attempts: entry.tries,
    replay: entry.replay,
    created_at: entry.createdAt.toISOString(),
    next_attempt_at: entry.state === "pending" ? iso(entry.availableAt) : null,
    wait_reason: entry.waitReason,
    leased_until: iso(entry.leasedUntil),
    finished_at: iso(entry.finishedAt),
    result: entry.result,
    cause: entry.cause,
    last_error: entry.lastError,
  };
}

/** @param policy the peer's; null for a peer that was removed, whose entries have no schedule any more */
export function showEntryDetail(entry: EntryRecord, policy: RetryPolicy | null): z.infer<typeof EntryDetail> {
  return {
    ...showEntry(entry),
    attempt_ids: [...entry.attempts],
    schedule: scheduleOf(entry, policy).map(({ attempt, ageMs, dueAt, made }) => ({
      attempt,
      age_ms: ageMs,
      due_at: dueAt === null ? null : new Date(dueAt).toISOString(),
      made,
    })),
  };
}

/**
 * The attempts that a policy has for an entry, and which of them were made. Times are milliseconds since the epoch; null
 * until the first attempt was made.
 */
export function scheduleOf(
  entry: Pick<EntryRecord, "attempts" | "tries">,
  policy: RetryPolicy | null,
): { attempt: number; ageMs: number; dueAt: number | null; made: boolean }[] {
  const first = firstAttempt(entry);
  const planned = policy === null ? [] : planSchedule(policy);
  return planned.map(({ attempt, ageMs }: PlannedAttempt) => ({
    attempt,
    ageMs,
    dueAt: first === null ? null : first + ageMs,
    made: attempt <= entry.tries,
  }));
}

/** When the present round of attempts began: a replay starts the schedule anew, and keeps the attempts. */
function firstAttempt(entry: Pick<EntryRecord, "attempts" | "tries">): number | null {
  const id = entry.attempts[entry.attempts.length - entry.tries];
  if (id === undefined || entry.tries === 0) return null;
  // The first 48 bits of a UUIDv7 are its time.
  return Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
}
