import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { RetryPolicy } from "../../../shared/rules/index.ts";
import type { Endpoints, Keys } from "../access/index.ts";
import type { HealthProbes, LaneSnapshot, Replays } from "../api/index.ts";
import type { Credentials } from "../bootstrap.ts";
import type { FederationDebugger } from "../debugger/index.ts";
import type { LinkServices } from "../links.ts";
import type { AcceptResult, Peer, Tail } from "../model.ts";
import type { HubNews } from "../news.ts";
import type { HubRegistry, RegistryAdmin, SecretBox } from "../registry/index.ts";
import type { EventSearches, Purges } from "../search/index.ts";
import type { LiveSettings, StorageView } from "../settings/index.ts";
import type { SessionInfo } from "../stream/index.ts";
import type { Upgrades } from "../upgrades.ts";
import type { Composed, EntryActions, PeerAdmin } from "./actions.ts";
import type { BulkEntries } from "./bulk.ts";
import type { Ledger } from "./ledger.ts";

/** The hub from inside, for a console in the same process. */
export interface HubInside {
  readonly instanceId: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly credentials: Credentials;
  /** How programs reach this hub, and where it listens on this machine. Known once it listens. */
  readonly url: () => string;
  readonly ownUrl: () => string;
  readonly registry: HubRegistry;
  readonly admin: RegistryAdmin;
  readonly endpoints: Endpoints;
  readonly keys: Keys;
  readonly peers: PeerAdmin;
  readonly ledger: Ledger;
  readonly news: HubNews;
  readonly tail: Tail;
  readonly searches: EventSearches;
  readonly purges: Purges;
  readonly settings: LiveSettings;
  readonly storage: () => Promise<StorageView>;
  readonly compose: (team: string, event: Composed) => Promise<AcceptResult>;
  readonly entries: EntryActions;
  readonly bulk: BulkEntries;
  readonly links: LinkServices;
  readonly replays: Replays;
  readonly lanes: () => readonly LaneSnapshot[];
  readonly retryPolicy: (peer: Peer) => RetryPolicy;
  readonly sessions: () => readonly SessionInfo[];
  /** Ends the connections of a listener. @returns how many there were */
  readonly disconnect: (team: string, clientId: string) => number;
  /** Forgets the cursor of a listener that is not connected. @returns false when there is none */
  readonly forget: (team: string, clientId: string) => Promise<boolean>;
  readonly health: HealthProbes;
  readonly federationDebugger: FederationDebugger;
  readonly box: SecretBox;
  /** Routes can be added until the hub listens. */
  readonly http: FastifyInstance;
  readonly upgrades: Upgrades;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
