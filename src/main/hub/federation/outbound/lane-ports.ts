import type { BreakerPolicy, BreakerState } from "../../../../shared/rules/index.ts";
import type { Claim } from "../../store/outbox.ts";
import type { DeadEntry } from "../../store/outbox-waiting.ts";
import type { Completions } from "./completions.ts";
import type { Connectivity } from "./connectivity.ts";
import type { SenderOptions } from "./lane-sender.ts";

/** What a lane needs of the database, for its own peer. */
export interface LaneStore {
  claim(request: {
    readonly ordered: boolean;
    readonly newestFirst: boolean;
    readonly limit: number;
    readonly bytes: number;
  }): Promise<Claim>;
  /** The peer is back: makes due what waits for its next try. */
  retryAll(): Promise<void>;
  /** A probe is due and nothing else is: makes due what is due soonest. @returns false when there is nothing */
  retryOne(): Promise<boolean>;
  /** Makes dead letters of what was queued then or earlier. */
  expire(queuedBefore: number): Promise<readonly DeadEntry[]>;
}

/** What a peer has told about itself in an answer. */
export interface Announcement {
  readonly batches: true;
  /** The id it calls itself by; null when it does not say. */
  readonly instanceId: string | null;
}

/** What an answer, or the lack of one, says about the link. Times are milliseconds since the epoch. */
export interface Heard {
  /** Null when the peer answered as one that works. */
  readonly cause: string | null;
  /** The id the answering instance calls itself by; null when it does not say. */
  readonly instanceId: string | null;
  /** The answer's Date header. */
  readonly date: string | null;
  readonly sentAt: number;
  readonly receivedAt: number;
}

export interface LaneOptions extends Omit<SenderOptions, "connections"> {
  readonly store: LaneStore;
  readonly completions: Completions;
  readonly connectivity: Connectivity;
  readonly breaker: BreakerPolicy;
  readonly leaseMs: number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly onAnnounce: (announcement: Announcement) => void;
  readonly onHeard: (heard: Heard) => void;
  readonly onPause: (reason: string) => void;
  readonly onDead: (entries: readonly DeadEntry[]) => void;
  readonly onError: (error: unknown, doing: string) => void;
}

/** A lane at a moment. Times are milliseconds since the epoch. */
export interface LaneSnapshot {
  readonly peer: number;
  /** Entries in memory that are not on the wire. */
  readonly queued: number;
  /** Entries on the wire. */
  readonly inFlight: number;
  /** Entries whose outcome is not written yet. */
  readonly unwritten: number;
  readonly breaker: BreakerState["phase"];
  /** The failure that opened the breaker, for people. */
  readonly breakerCause: string | null;
  readonly waitingUntil: number | null;
  /** A cause of `WAIT_CAUSES`, `peer_revoked`, `peer_deleted` or `stopping`. */
  readonly waitReason: string | null;
  /** There may be due entries in the database beside those in memory. */
  readonly backlog: boolean;
  /** When the next entry in the database is due, as of the last look. */
  readonly nextDue: number | null;
  readonly batches: boolean;
  readonly lastSuccessAt: number | null;
  readonly lastFailureAt: number | null;
}
