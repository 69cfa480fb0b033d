import type { Candidate } from "../model.ts";

/** A candidate on its way through a commit, with what was computed of it once. */
export interface AcceptedRow {
  readonly candidate: Candidate;
  /** Deduplication key; null when nothing identifies the event. */
  readonly key: Buffer | null;
  readonly digest: Buffer;
  /** Set when the row only shows an earlier event to listeners again. */
  readonly replayOf: number | null;
}

/** A second arrival of an event that is in the log. */
export interface Duplicate {
  readonly candidate: Candidate;
  readonly digest: Buffer;
  /** The event as it is held. */
  readonly seq: number;
  readonly segment: number;
  readonly heldDigest: Buffer;
}
