import type { Decision } from "../../../../shared/rules/index.ts";
import type { Outcome, SettleEvent } from "../../store/outbox-settle.ts";
import type { LaneEntry } from "./lane-entry.ts";

/** An outcome of entries that a lane holds. */
export interface LaneOutcome extends Outcome {
  readonly entries: readonly LaneEntry[];
}

type Entries = readonly LaneEntry[];
type Attempts = readonly string[];

// One object literal for all: this is made for every delivery, and copying defaults costs more than the rest of it.
function outcome(
  event: SettleEvent,
  entries: Entries,
  attempts: Attempts,
  counted: boolean,
  result: string | null,
  cause: string | null = null,
  error: string | null = null,
  waitReason: string | null = null,
  evidence: string | null = null,
): LaneOutcome {
  return { event, entries, attempts, counted, result, cause, error, waitReason, evidence };
}

/** The peer has the event. */
export function delivered(entries: Entries, attempts: Attempts, result: string): LaneOutcome {
  return outcome("deliver", entries, attempts, true, result);
}

/** An attempt was made, and there will be no other. */
export function dead(
  entries: Entries,
  attempts: Attempts,
  result: "refused" | "given_up",
  cause: string,
  error: string | null,
): LaneOutcome {
  return outcome("fail", entries, attempts, true, result, cause, error);
}

/** An attempt was made, and the next has its time: `availableAt` of each entry. */
export function postponed(entries: Entries, attempts: Attempts, waitReason: string, error: string | null): LaneOutcome {
  return outcome("retry", entries, attempts, true, null, null, error, waitReason);
}

/** An attempt was made in vain, and the event is not wanted at the peer any more. */
export function abandoned(entries: Entries, attempts: Attempts, cause: string, error: string | null): LaneOutcome {
  return outcome("abandon", entries, attempts, true, "cancelled", cause, error);
}

/** No attempt was made, and none is wanted any more: the peer was revoked or deleted. */
export function cancelled(entries: Entries, attempts: Attempts, cause: string): LaneOutcome {
  return outcome("abandon", entries, attempts, false, "cancelled", cause);
}

/** No attempt was made: the lease is given back. */
export function released(entries: Entries, attempts: Attempts, waitReason: string | null): LaneOutcome {
  return outcome("release", entries, attempts, false, null, null, null, waitReason);
}

/** Routing would not forward the event any more, by what it has learned since. */
export function dropped(
  entry: LaneEntry,
  attempts: Attempts,
  { reason, evidence }: Extract<Decision, { outcome: "drop" }>,
): LaneOutcome {
  return outcome("abandon", [entry], attempts, false, "cancelled", reason, null, null, JSON.stringify(evidence));
}

/** Retention has taken the event before it could be sent. */
export function bodyGone(entry: LaneEntry, attempts: Attempts): LaneOutcome {
  const error = "The event was removed by retention before it could be sent.";
  return outcome("fail", [entry], attempts, false, "given_up", "event_gone", error);
}
