import { clockOffset } from "../../shared/links/index.ts";
import { LinkHealth, LinkReports } from "./federation/health/index.ts";
import type { RefusalSink } from "./federation/inbound/index.ts";
import type { OutboundFederation, OutboundOptions } from "./federation/outbound/index.ts";
import { PullLinks } from "./federation/pull/index.ts";
import type { Acceptor } from "./model.ts";
import type { PeerNews } from "./peer-news.ts";
import type { HubRegistry, RegistryAdmin, SecretBox } from "./registry/index.ts";
import type { Database } from "./store/database.ts";

export interface LinksOptions {
  readonly db: Database;
  readonly registry: HubRegistry;
  readonly admin: RegistryAdmin;
  readonly box: SecretBox;
  readonly news: PeerNews;
  readonly hubNo: number;
  readonly deadHubs: () => Promise<readonly number[]>;
  readonly userAgent: string;
  readonly now: () => number;
  readonly onError: (error: unknown, doing: string) => void;
}

/** All that a hub knows and does about its links beside sending: how they fare, and those that it reads. */
export class Links {
  readonly health: LinkHealth;
  readonly #o: LinksOptions;

  constructor(options: LinksOptions) {
    this.#o = options;
    const { db, now, onError } = options;
    this.health = new LinkHealth({ db, now, onError: (error) => onError(error, "keeping the health of links") });
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

  /** The links that are read, not started yet. */
  pulls(acceptor: Acceptor, refusals: RefusalSink): PullLinks {
    const { news, ...options } = this.#o;
    return new PullLinks({
      ...options,
      acceptor,
      refusals,
      onUp: (peer) => this.health.up(peer, "pull"),
      onDown: (peer, cause) => this.health.down(peer, "pull", cause.message),
      onIdentity: (peer, id) => news.identified(peer, id),
    });
  }

  reports(lanes: OutboundFederation, pulls: PullLinks): LinkReports {
    const { db, registry, now } = this.#o;
    return new LinkReports({ db, registry, lanes, pulls, flush: () => this.health.flush(), now });
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
