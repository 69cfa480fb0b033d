import type { Envelope } from "../../shared/event/index.ts";
import type { MaskRule } from "../../shared/masking/index.ts";
import type { Permission } from "../../shared/permissions.ts";
import type { PeerPolicy } from "../../shared/rules/index.ts";

export type Environment = "production" | "staging" | "other";

/** The provenance of the copy that an instance holds, as it is stored: `chain` is the text of a JSON array. */
export interface HeldCopy {
  readonly origin: string | null;
  readonly chain: string;
  readonly hops: number;
}

/** An event in the log. Immutable, but for the held copy, which a shorter one replaces. */
export interface LogEvent extends Envelope {
  readonly seq: number;
  readonly segment: number;
  readonly team: string;
  /** The source slug of the endpoint it came in by; null for events from peers and agents. */
  readonly hook: string | null;
  /** The number of the peer that delivered it; null for a local event. */
  readonly via: number | null;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly copy: HeldCopy;
  /** Provenance issues found on arrival, comma separated; null when the event is well formed. */
  readonly integrity: string | null;
  /** True when a provider's or a peer's signature was checked and fits. */
  readonly verified: boolean;
  /** The agent id an agent message is for; null for every other event. */
  readonly agentTo: string | null;
  /** The seq of the event that this row shows again to listeners; null for an original. */
  readonly replayOf: number | null;
  /** Why the payload is not what was received: it was purged, or the setting for payloads keeps nothing or a part. */
  readonly dataCut?: "purged" | "none" | "cut";
}

/** A peer as the hub uses it: settings, and its tokens in the clear. Never log it whole. */
export interface Peer {
  /** Small number that stands for the peer in every hot table. */
  readonly no: number;
  readonly id: string;
  readonly team: string;
  readonly name: string;
  readonly status: "active" | "paused" | "revoked";
  readonly statusReason: string | null;
  readonly hookUrl: string;
  readonly outboundToken: string;
  readonly inboundToken: string;
  readonly scopes: readonly string[];
  readonly maxHops: number;
  readonly maxBytes: number;
  readonly instanceId: string | null;
  readonly instanceIdFrom: "pairing" | "health" | "chain" | null;
  /** True once the peer has announced that it takes application/cloudevents-batch+json. */
  readonly batches: boolean;
  /** One request in flight, and later entries wait behind a failure. */
  readonly ordered: boolean;
  /** May be reached at a private or loopback address. */
  readonly allowPrivate: boolean;
  /** Overrides of the retry policy; see shared/rules/backoff. */
  readonly retry: Readonly<Record<string, unknown>>;
  /** What the peer is to its owner: production peers are marked everywhere, and asked about before they are sent to. */
  readonly environment: Environment;
  /** How the environment is called on screens, and its colour (#rrggbb); null where the default does. */
  readonly label: string | null;
  readonly colour: string | null;
  /** Nothing is sent to this peer. */
  readonly receiveOnly: boolean;
  /** A backlog is sent newest first instead of oldest first. */
  readonly newestFirst: boolean;
  /** What of an event's data this peer does not get to see. */
  readonly masks: readonly MaskRule[];
  /** The token before the present one, still accepted until then, while the peer changes to the new one. */
  readonly previousInbound: { readonly token: string; readonly until: Date } | null;
  /** The id of another instance that answers in this peer's place: nothing is exchanged until it is accepted. */
  readonly strangerId: string | null;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** The same settings as the rules read them. */
  readonly policy: PeerPolicy;
}

/** An inbound endpoint of a team: one for each source. */
export interface Hook {
  readonly id: string;
  readonly team: string;
  readonly source: string;
  readonly tokenPrefix: string;
  readonly tokenHash: Buffer;
  /** In the clear only for the endpoint the hub prints at its start. */
  readonly token: string | null;
  readonly webhookSecret: string | null;
  readonly previousSecret: string | null;
  readonly previousSecretUntil: Date | null;
  readonly active: boolean;
  readonly createdAt: Date;
}

/** An API key, verified by its hash. */
export interface ApiKey {
  readonly id: string;
  readonly team: string;
  readonly name: string | null;
  readonly prefix: string;
  readonly hash: Buffer;
  readonly permissions: readonly Permission[];
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly createdAt: Date;
  /** In the clear only for the keys the hub prints at its start. */
  readonly secret: string | null;
  /** The number of the peer that a pairing has handed it to: good for as long as events may go to that peer. */
  readonly peer: number | null;
  /**
   * The newest seq when a pairing handed it over: a client id that is new to it begins there. Null: at the tail. With no
   * peer yet, the pairing is still under way, and the key opens nothing.
   */
  readonly fromSeq: number | null;
}

/** An event on its way into the log; everything that can be known before its seq is. */
export interface Candidate extends Envelope {
  readonly team: string;
  readonly hook: string | null;
  readonly via: number | null;
  readonly copy: HeldCopy;
  readonly integrity: string | null;
  readonly verified: boolean;
  readonly agentTo: string | null;
  /**
   * What makes a second arrival a duplicate (already including the team); null when nothing identifies the event,
   * as with raw JSON posts, which are never deduplicated.
   */
  readonly identity: string | null;
}

/**
 * 16 bytes as a string of 16 characters up to U+00FF. Keys of maps and compared by value, and much cheaper than a Buffer,
 * each of which has memory of its own outside the heap.
 */
export type Bytes16 = string;

/** A candidate on its way through a commit, with what was computed of it once. */
export interface AcceptedRow {
  readonly candidate: Candidate;
  /** Deduplication key; null when nothing identifies the event. */
  readonly key: Bytes16 | null;
  readonly digest: Bytes16;
  /** Set when the row only shows an earlier event to listeners again. */
  readonly replayOf: number | null;
  /** The number of the only peer it is for; null when it is for all of its team. */
  readonly onlyPeer: number | null;
}

/** A second arrival of an event that is in the log. */
export interface Duplicate {
  readonly candidate: Candidate;
  readonly digest: Bytes16;
  /** The event as it is held. */
  readonly seq: number;
  readonly segment: number;
  readonly heldDigest: Bytes16;
}

/** What became of a candidate. Everything but an exception is a success for the sender. */
export type AcceptResult =
  | { readonly status: "accepted"; readonly seq: number; readonly id: string; readonly receivedAt: number }
  | {
      readonly status: "duplicate";
      readonly seq: number;
      readonly id: string;
      /** The same id came with other data: recorded, and the first stays. */
      readonly conflict: boolean;
    };

/** Takes events into the log, and answers after they are committed. */
export interface Acceptor {
  /** @throws HubError `unavailable` when the database cannot commit now; nothing was accepted then */
  accept(candidate: Candidate): Promise<AcceptResult>;
  acceptMany(candidates: readonly Candidate[]): Promise<AcceptResult[]>;
}

/** The log as listeners follow it: every committed event once, in seq order, without gaps. */
export interface Tail {
  /** The newest seq that has been published to subscribers of this process. */
  readonly seq: number;
  /** Calls `listener` synchronously with each batch, in seq order. Returns the function that ends it. */
  subscribe(listener: (events: readonly LogEvent[]) => void): () => void;
}

/** A fresh outbox entry, with its event at hand. */
export interface FreshEntry {
  readonly peer: number;
  readonly seq: number;
  readonly gen: number;
  readonly event: LogEvent;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** How routing hands entries to the lanes without a trip through the database. */
export interface LaneDoor {
  /**
   * Asked before the commit: may `count` new entries of this peer be written as already leased by this hub?
   * False when the lane has a backlog, is paused or waits behind its breaker: they are written as pending then.
   */
  mayLease(peer: number, count: number): boolean;
  /** Called after the commit with what was leased, in seq order. */
  offer(peer: number, entries: readonly FreshEntry[]): void;
  /** Called after a failed commit, to give back the room that `mayLease` set aside. */
  giveBack(peer: number, count: number): void;
  /** Called after the commit when entries were written as pending: there is work in the database. */
  wake(peer: number): void;
}
