import { clockOffset, type LinkTestStep } from "../../shared/links/index.ts";
import { HubError } from "./errors.ts";
import { LinkHealth, LinkReports, type PeerReader } from "./federation/health/index.ts";
import type { RefusalSink } from "./federation/inbound/index.ts";
import { KitePairing } from "./federation/kite-pairing/index.ts";
import { testLink } from "./federation/link-test/index.ts";
import type { OutboundFederation, OutboundOptions } from "./federation/outbound/index.ts";
import { PairingService } from "./federation/pairing/index.ts";
import { PullLinks } from "./federation/pull/index.ts";
import type { Acceptor, Peer } from "./model.ts";
import { Signal } from "./news.ts";
import type { PeerNews } from "./peer-news.ts";
import type { HubRegistry, RegistryAdmin, SecretBox } from "./registry/index.ts";
import type { Database } from "./store/database.ts";
import { endLinkFailures } from "./store/link-health.ts";
import type { SessionInfo } from "./stream/index.ts";

export type { LinkReport } from "./federation/health/index.ts";
export type { PairingView } from "./federation/pairing/index.ts";

export interface LinksOptions {
  readonly db: Database;
  readonly registry: HubRegistry;
  readonly admin: RegistryAdmin;
  readonly box: SecretBox;
  readonly news: PeerNews;
  readonly hubNo: number;
  readonly deadHubs: () => Promise<readonly number[]>;
  readonly userAgent: string;
  /** This hub's base URL as others reach it. */
  readonly url: () => string;
  readonly now: () => number;
  readonly onError: (error: unknown, doing: string) => void;
}

/** What links need of the traffic of a hub. */
export interface LinkTraffic {
  readonly acceptor: Acceptor;
  readonly refusals: RefusalSink;
  readonly lanes: Pick<OutboundFederation, "snapshot">;
  /** The listeners that are connected now. */
  readonly sessions: () => readonly Pick<SessionInfo, "keyId" | "connectedAt" | "position">[];
  /** The newest seq of this hub's log. */
  readonly newestSeq: () => number;
}

/** What a hub can do with its links; for the API and the console. */
export interface LinkServices {
  /** Peers that are read over their stream. */
  readonly pulls: PullLinks;
  /** How every link is, in each direction. */
  readonly reports: LinkReports;
  readonly pairing: PairingService;
  readonly kite: KitePairing;
  /** How a link fares has changed. */
  readonly changed: Signal<void>;
  /**
   * A person says which instance a peer is: confirms a guess, or accepts another instance in its place.
   * @throws HubError `conflict` when it would be this very instance
   */
  confirmInstance(peer: Peer, instanceId: string): Promise<void>;
  /** Tests a peer's link, step by step as it goes. */
  test(peer: Peer): AsyncGenerator<LinkTestStep, void, void>;
}

/** All that a hub knows and does about its links beside sending: how they fare, and those that it reads. */
export class Links {
  readonly health: LinkHealth;
  readonly #news = new Signal<void>();
  readonly #o: LinksOptions;

  constructor(options: LinksOptions) {
    this.#o = options;
    const { db, now, onError } = options;
    this.health = new LinkHealth({
      db,
      now,
      onError: (error) => onError(error, "keeping the health of links"),
      onNews: () => this.#news.emit(),
    });
  }

  /** For the lanes: what they hear of a peer. */
  readonly onHeard: NonNullable<OutboundOptions["onHeard"]> = (peer, heard) => {
    if (heard.cause === null) this.health.up(peer, "push_out", clockOffset(heard.date, heard.sentAt, heard.receivedAt));
    else this.health.down(peer, "push_out", heard.cause);
    if (heard.instanceId !== null) this.#met(peer, heard.instanceId);
  };

  /** For the inbound endpoint: who called, and whether it was authentic. */
  readonly onCall = (peer: number, cause: string | null, strangerId: string | null): void => {
    if (cause === null) this.health.up(peer, "push_in");
    else this.health.down(peer, "push_in", cause);
    if (strangerId !== null) this.#met(peer, strangerId);
  };

  /** Everything but sending, not started yet. */
  services(traffic: LinkTraffic): LinkServices {
    const { registry, now } = this.#o;
    const { acceptor, refusals, lanes } = traffic;
    const pulls = this.#pulls(acceptor, refusals);
    const reports = new LinkReports({
      db: this.#o.db,
      registry,
      lanes,
      pulls,
      readers: () => this.#readers(traffic),
      flush: () => this.health.flush(),
      now,
    });
    const test = (peer: Peer): AsyncGenerator<LinkTestStep, void, void> => this.#test(peer, pulls);
    const pairing = new PairingService({
      ...this.#o,
      pulls,
      test: async (peer) => {
        for await (const step of test(peer)) if (step.outcome === "failed") return step.result;
        return null;
      },
    });
    const kite = new KitePairing({ ...this.#o, pulls });
    const confirmInstance = async (peer: Peer, instanceId: string): Promise<void> => {
      if (instanceId === registry.instanceId)
        throw new HubError("conflict", `${instanceId} is this instance's own id: two instances must not have one id.`);
      const confirmed = { instanceId, instanceIdFrom: "pairing", strangerId: null } as const;
      await this.#o.admin.updatePeer(peer.team, peer.id, confirmed);
      await this.health.flush();
      await endLinkFailures(this.#o.db, peer.no);
      this.#news.emit();
      pulls.hurry();
    };
    return { pulls, reports, pairing, kite, changed: this.#news, confirmInstance, test };
  }

  async *#test(peer: Peer, pulls: PullLinks): AsyncGenerator<LinkTestStep, void, void> {
    const { registry, userAgent, now } = this.#o;
    const pull = await pulls.settingsOf(peer);
    yield* testLink(peer, { instanceId: registry.instanceId, userAgent, pull, now });
  }

  #readers({ sessions, newestSeq }: LinkTraffic): Map<number, PeerReader> {
    const peerOf = new Map(this.#o.registry.snapshot.keys.map(({ id, peer }) => [id, peer]));
    return new Map(
      sessions().flatMap(({ keyId, connectedAt: since, position }): [number, PeerReader][] => {
        const peer = peerOf.get(keyId) ?? null;
        return peer === null ? [] : [[peer, { since, behind: Math.max(newestSeq() - position, 0) }]];
      }),
    );
  }

  #pulls(acceptor: Acceptor, refusals: RefusalSink): PullLinks {
    const { news, ...options } = this.#o;
    return new PullLinks({
      ...options,
      acceptor,
      refusals,
      onUp: (peer) => this.health.up(peer, "pull"),
      onDown: (peer, cause) => this.health.down(peer, "pull", cause.message),
      onGap: () => this.#news.emit(),
      onIdentity: (peer, id) => news.identified(peer, id),
    });
  }

  #met(no: number, instanceId: string): void {
    const peer = this.#o.registry.peerByNo(no);
    // What is known already is said with every answer.
    if (
      peer === undefined ||
      (peer.instanceId === instanceId && peer.instanceIdFrom !== "chain" && peer.strangerId === null)
    )
      return;
    void this.#o.news.identified(no, instanceId);
  }
}
