import type { EntryView, LaneView } from "../../../shared/contract/index.ts";

/** When an entry that waits is tried again, and why not before. */
export interface NextTry {
  /** Null: nobody knows, for something else has to happen first. */
  readonly at: number | null;
  readonly why: string;
}

const WORDS: Readonly<Record<string, string>> = {
  schedule: "by the schedule",
  retry_after: "as the peer asked",
  breaker_open: "its breaker is open",
  peer_paused: "the peer is paused",
  paused: "the peer is paused",
  revoked: "the peer is revoked",
  offline: "this machine is offline",
  ordered: "the one before it goes first",
};

export const waitWords = (reason: string): string => WORDS[reason] ?? reason.replaceAll("_", " ");

/** The lane of the peer may hold an entry back longer than its own schedule does. Null for what does not wait. */
export function nextTryOf(entry: EntryView, lane: LaneView | undefined): NextTry | null {
  if (entry.state !== "pending") return null;
  if (lane !== undefined && lane.status !== "active") return { at: null, why: waitWords(lane.status) };
  const own = entry.nextTryAt ?? 0;
  if (lane?.waitingUntil !== undefined && lane.waitingUntil !== null && lane.waitingUntil > own)
    return { at: lane.waitingUntil, why: waitWords(lane.waitReason ?? "breaker_open") };
  return {
    at: own,
    why: entry.waitReason === null ? (entry.tries === 0 ? "first attempt" : "asked for") : waitWords(entry.waitReason),
  };
}
