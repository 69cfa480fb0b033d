import type { DropReason, RetryPolicy } from "../../../shared/rules/index.ts";
import type { Endpoints, Keys } from "../access/index.ts";
import type { FederationDebugger } from "../debugger/index.ts";
import type { LinkServices } from "../links.ts";
import type { HubMetrics } from "../metrics/index.ts";
import type { Acceptor, Candidate, Peer } from "../model.ts";
import type { NewPeer, PeerUpdate, RegistryView } from "../registry/index.ts";
import type { Database } from "../store/database.ts";
import type { EntryKey } from "../store/outbox.ts";

/** Everything the REST API stands on. Each member is named by what the API asks of it, not by who provides it. */
export interface ApiDeps {
  readonly registry: RegistryView;
  readonly admin: RegistryAdmin;
  /** For reading the ledger. */
  readonly db: Database;
  readonly acceptor: Acceptor;
  readonly agentMessages: AgentMessages;
  readonly endpoints: Endpoints;
  readonly keys: Keys;
  readonly replays: Replays;
  readonly lanes: Lanes;
  readonly federationDebugger: Pick<
    FederationDebugger,
    "map" | "explain" | "probe" | "questions" | "whatIf" | "lint" | "loops"
  >;
  readonly links: LinkServices;
  /** The retry policy that a peer's lane follows: the default with the peer's own settings laid over it. */
  readonly retryPolicy: (peer: Peer) => RetryPolicy;
  readonly health: HealthProbes;
  readonly metrics: HubMetrics;
  /** The version of this program. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Changes to peers and tokens. Each is in effect when its promise resolves. */
export interface RegistryAdmin {
  /** @throws HubError `conflict` when the team has a peer of that name */
  createPeer(team: string, peer: NewPeer): Promise<Peer>;
  /** @throws HubError `not_found`, `conflict` when the new name is taken */
  updatePeer(team: string, id: string, update: PeerUpdate, ifVersion?: string): Promise<Peer>;
  /** Removes the peer and cancels what is queued for it. @throws HubError `not_found` */
  deletePeer(team: string, id: string): Promise<{ readonly cancelled: number }>;
  /** @throws HubError `not_found` */
  rotateInboundToken(
    team: string,
    id: string,
    overlapMs: number,
  ): Promise<{ readonly token: string; readonly until: Date }>;
  listFederationTokens(team: string): Promise<readonly FederationToken[]>;
  /** The token itself is returned this once. */
  createFederationToken(team: string, label: string): Promise<FederationToken & { readonly token: string }>;
  /** @returns false when the team has no such token */
  deleteFederationToken(team: string, id: string): Promise<boolean>;
}

export interface FederationToken {
  readonly id: string;
  readonly label: string;
  readonly created_at: Date;
}

/** Reads a posted agent message (kite-wire.md 10). */
export interface AgentMessages {
  /** @throws HubError `bad_request` that names the field, `too_large` */
  candidate(team: string, body: string): Candidate;
}

/** What a replay acts on: everything that matches all that is given. */
export interface ReplayFilter {
  readonly peer_id?: string | undefined;
  readonly state?: "dead" | "delivered" | "cancelled" | undefined;
  readonly cause?: string | undefined;
  /** The rule by which the event was not forwarded. */
  readonly reason?: DropReason | undefined;
  /** A glob on the event type, as in a peer's scopes. */
  readonly type?: string | undefined;
  /** RFC 3339; when the event was received. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly entry_ids?: readonly string[] | undefined;
  readonly seqs?: readonly number[] | undefined;
}

export interface ReplayRequest {
  readonly filter: ReplayFilter;
  readonly targets: "listeners" | "peers" | "both";
  /** By the decisions of then, or decided anew by the settings of now. */
  readonly routing: "then" | "now";
  /** Keep the event's id, which peers may call a duplicate, or give it a new one. */
  readonly id: "same" | "new";
}

export interface ReplayJob {
  readonly id: string;
  readonly state: "queued" | "running" | "done" | "cancelled" | "failed";
  readonly request: ReplayRequest;
  readonly total: number;
  readonly done: number;
  readonly skipped: number;
  readonly error: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** Replays of one entry, and of everything a filter matches. */
export interface Replays {
  /** How much a replay would act on, without doing it. */
  count(team: string, request: ReplayRequest): Promise<number>;
  /** The production peers that a replay would send to now, whose names it needs. */
  production(team: string, request: ReplayRequest): Promise<readonly Peer[]>;
  /** @param confirmed names of production peers, without which nothing is replayed there */
  create(team: string, request: ReplayRequest, confirmed?: readonly string[]): Promise<ReplayJob>;
  get(team: string, id: string): Promise<ReplayJob | null>;
  /** Newest first, from the job after `before` on. */
  list(
    team: string,
    page: { readonly before: { readonly createdAt: Date; readonly id: string } | null; readonly limit: number },
  ): Promise<readonly ReplayJob[]>;
  /** @throws HubError `not_found`, `conflict` when the job is over */
  cancel(team: string, id: string): Promise<ReplayJob>;
  /** Sends one finished entry again. @throws HubError `not_found`, `conflict` when its state does not allow it */
  replayEntry(team: string, entry: EntryKey): Promise<void>;
}

/** A lane at this moment, as the process that runs it sees it. Times are milliseconds since the epoch. */
export interface LaneSnapshot {
  readonly peer: number;
  /** Entries in memory that are not on the wire. */
  readonly queued: number;
  /** Entries on the wire. */
  readonly inFlight: number;
  readonly breaker: "closed" | "open" | "half_open";
  readonly waitingUntil: number | null;
  readonly waitReason: string | null;
}

export interface Lanes {
  snapshot(): readonly LaneSnapshot[];
  /** Makes a scheduled retry due at once. @throws HubError `not_found`, `conflict` when nothing is scheduled */
  retryNow(team: string, entry: EntryKey): Promise<void>;
  /** @throws HubError `not_found`, `conflict` when the entry cannot be cancelled any more */
  cancelEntry(team: string, entry: EntryKey): Promise<void>;
}

export interface HealthProbes {
  /** Where the process stands in its life. */
  phase(): "starting" | "migrating" | "running" | "stopping";
  /** Whether peers are told that they may send batches. */
  readonly announcesBatches: boolean;
  /** Rejects when the database does not answer. */
  pingDatabase(): Promise<void>;
}
