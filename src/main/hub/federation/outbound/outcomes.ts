import type { Decision } from "../../../../shared/rules/index.ts";
import type { Outcome } from "../../store/outbox-settle.ts";
import type { LaneEntry } from "./lane-entry.ts";

/** An outcome of entries that a lane holds. */
export interface LaneOutcome extends Outcome {
  readonly entries: readonly LaneEntry[];
}

type Entries = readonly LaneEntry[];
type Attempts = readonly string[];

const NOTHING = { result: null, cause: null, error: null, waitReason: null, evidence: null } as const;

/** The peer has the event. */
export function delivered(entries: Entries, attempts: Attempts, result: string): LaneOutcome {
  return { ...NOTHING, event: "deliver", entries, attempts, result, counted: true };
}

/** An attempt was made, and there will be no other. */
export function dead(
  entries: Entries,
  attempts: Attempts,
  result: "refused" | "given_up",
  cause: string,
  error: string | null,
): LaneOutcome {
  return { ...NOTHING, event: "fail", entries, attempts, result, cause, error, counted: true };
}

/** An attempt was made, and the next has its time: `availableAt` of each entry. */
export function postponed(entries: Entries, attempts: Attempts, waitReason: string, error: string | null): LaneOutcome {
  return { ...NOTHING, event: "retry", entries, attempts, waitReason, error, counted: true };
}

/** An attempt was made in vain, and the event is not wanted at the peer any more. */
export function abandoned(entries: Entries, attempts: Attempts, cause: string, error: string | null): LaneOutcome {
  return { ...NOTHING, event: "abandon", entries, attempts, result: "cancelled", cause, error, counted: true };
}

/** No attempt was made, and none is wanted any more: the peer was revoked or deleted. */
export function cancelled(entries: Entries, attempts: Attempts, cause: string): LaneOutcome {
  return { ...NOTHING, event: "abandon", entries, attempts, result: "cancelled", cause, counted: false };
}

/** No attempt was made: the lease is given back. */
export function released(entries: Entries, attempts: Attempts, waitReason: string | null): LaneOutcome {
  return { ...NOTHING, event: "release", entries, attempts, waitReason, counted: false };
}

/** Routing would not forward the event any more, by what it has learned since. */
export function dropped(
  entry: LaneEntry,
  attempts: Attempts,
  { reason, evidence }: Extract<Decision, { outcome: "drop" }>,
): LaneOutcome {
  return {
    ...NOTHING,
    event: "abandon",
    entries: [entry],
    attempts,
    result: "cancelled",
    cause: reason,
    evidence: JSON.stringify(evidence),
    counted: false,
  };
}

/** Retention has taken the event before it could be sent. */
export function bodyGone(entry: LaneEntry, attempts: Attempts): LaneOutcome {
  return {
    ...NOTHING,
    event: "fail",
    entries: [entry],
    attempts,
    result: "given_up",
    cause: "event_gone",
    error: "The event was removed by retention before it could be sent.",
    counted: false,
  };
}
