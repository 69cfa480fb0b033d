import { clipped } from "../../../../shared/clipped.ts";
import { HubError } from "../../errors.ts";
import type { Acceptor, Peer } from "../../model.ts";
import type { HubRegistry, RegistryAdmin, SecretBox } from "../../registry/index.ts";
import type { Database } from "../../store/database.ts";
import {
  deletePullLink,
  insertPullGap,
  leasePullLinks,
  listPullGaps,
  listPullLinks,
  type PullGapRow,
  type PullLinkRow,
  putPullLink,
  releasePullLinks,
  savePullCursor,
  updatePullLink,
} from "../../store/pull-links.ts";
import type { RefusalSink } from "../inbound/index.ts";
import { type Resolve, readPeerUrl } from "../outbound/index.ts";
import { askInstanceId, baseOfStream } from "./identify.ts";
import { LinkError } from "./link-error.ts";
import { confirmedId, PullLink, type PullPosition, type PullSettings, type PullSnapshot } from "./pull-link.ts";

export interface PullLinksOptions {
  readonly db: Database;
  readonly registry: HubRegistry;
  readonly admin: RegistryAdmin;
  readonly box: SecretBox;
  readonly acceptor: Acceptor;
  readonly refusals: RefusalSink;
  readonly hubNo: number;
  readonly deadHubs: () => Promise<readonly number[]>;
  readonly userAgent: string;
  readonly now: () => number;
  readonly random?: () => number;
  readonly resolve?: Resolve;
  /** How often leases are renewed, and changes of other hubs are looked for. Milliseconds. */
  readonly pollMs?: number;
  readonly onUp: (peer: number) => void;
  readonly onDown: (peer: number, cause: LinkError) => void;
  /** The instance at the peer's address has said who it is. @returns false when that is not the one we know */
  readonly onIdentity: (peer: number, instanceId: string) => Promise<boolean>;
  /** A gap was found, and is kept. */
  readonly onGap: () => void;
  readonly onError: (error: unknown, doing: string) => void;
}

/** What a person settles about a pull link. */
export interface NewPullLink {
  readonly streamUrl: string;
  readonly remoteTeam: string;
  readonly apiKey: string;
  readonly scopes?: readonly string[];
  readonly maxHops?: number;
  readonly maxBytes?: number;
  /** The peer's seq after which a link that is new begins; null or absent: at the tail, once it is connected. */
  readonly cursor?: number | null;
}

/** A link as everyone may see it: its key is never shown. */
export interface PullLinkView extends PullPosition {
  readonly peer: Peer;
  readonly streamUrl: string;
  readonly remoteTeam: string;
  readonly scopes: readonly string[];
  readonly maxHops: number;
  readonly maxBytes: number;
  readonly status: "active" | "paused";
  readonly statusReason: string | null;
  /** Null while another hub process holds the link. */
  readonly running: PullSnapshot | null;
  /** False while events are stored without being forwarded, because nobody has confirmed the peer's instance id. */
  readonly confirmed: boolean;
  readonly gaps: readonly PullGapRow[];
}

const POLL_MS = 5_000;
const LEASE_MS = 20_000;
const SHOWN_GAPS = 20;

/** The pull links of this hub: which there are, and of those which this process reads. */
export class PullLinks {
  readonly #o: PullLinksOptions;
  readonly #links = new Map<number, { readonly link: PullLink; readonly version: string }>();
  #timer: NodeJS.Timeout | undefined;
  #ends: (() => void) | null = null;
  #looking: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  #leasedAt = 0;

  constructor(options: PullLinksOptions) {
    this.#o = options;
  }

  async start(): Promise<void> {
    await this.look();
    this.#ends = this.#o.registry.onChange(() => void this.look());
    this.#timer = setInterval(() => void this.look(), this.#o.pollMs ?? POLL_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#ends?.();
    await this.#looking;
    await Promise.all([...this.#links.values()].map(({ link }) => link.stop()));
    this.#links.clear();
    await releasePullLinks(this.#o.db, this.#o.hubNo);
  }

  /** The network has changed: nobody waits out a long backoff. */
  hurry(): void {
    for (const { link } of this.#links.values()) link.hurry();
  }

  /** Makes the links that run those of the database. Never rejects. */
  look(): Promise<void> {
    if (this.#looking !== null) {
      this.#again = true;
      return this.#looking;
    }
    this.#looking = this.#lookAround().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** @throws HubError `bad_request` when the URL cannot be a peer's */
  async put(peer: Peer, link: NewPullLink): Promise<void> {
    const read = readStreamUrl(link.streamUrl, peer.allowPrivate);
    if (!read.ok) throw new HubError("bad_request", `body.stream_url: ${read.problem}`);
    const { registry, admin, box } = this.#o;
    await admin.touch((tx) =>
      putPullLink(tx, peer.no, {
        stream_url: link.streamUrl,
        remote_team: link.remoteTeam,
        api_key: box.seal(link.apiKey),
        // Stable, and unlike any other reader's of that peer: two instances must not share a cursor.
        client_id: `kite-desktop:${registry.instanceId}:${peer.id}`,
        ...(link.scopes === undefined ? {} : { scopes: [...link.scopes] }),
        ...(link.maxHops === undefined ? {} : { max_hops: link.maxHops }),
        ...(link.maxBytes === undefined ? {} : { max_bytes: link.maxBytes }),
        cursor: link.cursor ?? null,
      }),
    );
    await this.look();
  }

  /** @throws HubError `not_found` */
  async setStatus(peer: Peer, status: "active" | "paused"): Promise<void> {
    await this.#o.admin.touch(async (tx) => {
      if (!(await updatePullLink(tx, peer.no, { status, status_reason: null }))) throw noLink(peer);
    });
    await this.look();
  }

  /** Its cursor goes with it; the peer keeps its own. @throws HubError `not_found` */
  async remove(peer: Peer): Promise<void> {
    await this.#o.admin.touch(async (tx) => {
      if (!(await deletePullLink(tx, peer.no))) throw noLink(peer);
    });
    await this.look();
  }

  async list(team: string): Promise<PullLinkView[]> {
    const { db, registry } = this.#o;
    const views: PullLinkView[] = [];
    for (const row of await listPullLinks(db)) {
      const peer = registry.peerByNo(row.peer);
      if (peer === undefined || peer.team !== team) continue;
      views.push(this.#view(row, peer, await listPullGaps(db, row.peer, SHOWN_GAPS)));
    }
    return views;
  }

  /** Where a peer's stream is, and what opens it; null when it has no link. */
  async settingsOf(peer: Peer): Promise<PullSettings | null> {
    const row = (await listPullLinks(this.#o.db)).find((link) => link.peer === peer.no);
    return row === undefined ? null : this.#settings(row);
  }

  async #lookAround(): Promise<void> {
    do {
      this.#again = false;
      try {
        await this.#reconcile();
      } catch (error) {
        this.#o.onError(error, "looking after pull links");
        // Another hub may hold them by now, and two readers would put events out of order.
        if (this.#o.now() - this.#leasedAt > LEASE_MS) await this.#stopAll();
      }
    } while (this.#again && !this.#stopped);
  }

  async #reconcile(): Promise<void> {
    const { db, registry, hubNo, deadHubs, now } = this.#o;
    const rows = await listPullLinks(db);
    const wanted = rows.filter((row) => row.status === "active" && registry.peerByNo(row.peer)?.status !== "revoked");
    const began = now();
    const peers = wanted.map((row) => row.peer);
    const held = new Set(
      peers.length === 0
        ? []
        : await leasePullLinks(db, peers, { hub: hubNo, dead: await deadHubs(), leaseMs: LEASE_MS }),
    );
    this.#leasedAt = began;
    if (this.#stopped) return;
    for (const [peer, { link, version }] of this.#links) {
      const row = wanted.find((each) => each.peer === peer);
      if (row !== undefined && held.has(peer) && version === versionOf(row) && link.snapshot().phase !== "stopped")
        continue;
      this.#links.delete(peer);
      await link.stop();
    }
    for (const row of wanted)
      if (held.has(row.peer) && !this.#links.has(row.peer)) {
        // Read again: the link that ran until now may have moved the cursor since.
        const fresh = (await listPullLinks(db)).find((each) => each.peer === row.peer) ?? row;
        this.#links.set(row.peer, { link: this.#open(fresh), version: versionOf(fresh) });
      }
  }

  async #stopAll(): Promise<void> {
    const links = [...this.#links.values()];
    this.#links.clear();
    await Promise.all(links.map(({ link }) => link.stop()));
  }

  #open(row: PullLinkRow): PullLink {
    const { db, registry, acceptor, refusals, hubNo: hub, userAgent, now, random = Math.random, resolve } = this.#o;
    const { peer } = row;
    const settings = this.#settings(row);
    return new PullLink(settings, positionOf(row), {
      instanceId: registry.instanceId,
      userAgent,
      acceptor,
      refusals,
      now,
      random,
      ...(resolve === undefined ? {} : { resolve }),
      peer: () => registry.peerByNo(peer),
      save: (at, back) => savePullCursor(db, { peer, hub, ...at }, back),
      gap: async ({ from, to, reason }) => {
        await insertPullGap(db, { peer, at: new Date(now()), fromSeq: from, toSeq: to, reason });
        this.#o.onGap();
      },
      identify: () => this.#identify(peer, settings),
      onUp: () => this.#o.onUp(peer),
      onDown: (error) => this.#o.onDown(peer, error),
    });
  }

  async #identify(no: number, settings: PullSettings): Promise<void> {
    const { registry, userAgent, resolve, onIdentity } = this.#o;
    const peer = registry.peerByNo(no);
    if (peer === undefined) return;
    const id = await askInstanceId(baseOfStream(settings.streamUrl), {
      allowPrivate: peer.allowPrivate,
      userAgent,
      ...(resolve === undefined ? {} : { resolve }),
    });
    if (id === null || (await onIdentity(no, id))) return;
    throw new LinkError(
      "replaced",
      `Another instance answers there: it calls itself ${id}, and this peer is ${peer.instanceId ?? "unknown"}. ` +
        "Accept the new instance if you replaced it; nothing is exchanged until then.",
    );
  }

  #settings(row: PullLinkRow): PullSettings {
    return {
      streamUrl: row.stream_url,
      remoteTeam: row.remote_team,
      apiKey: this.#o.box.open(row.api_key),
      clientId: row.client_id,
      scopes: row.scopes,
      maxHops: row.max_hops,
      maxBytes: row.max_bytes,
    };
  }

  #view(row: PullLinkRow, peer: Peer, gaps: readonly PullGapRow[]): PullLinkView {
    const running = this.#links.get(row.peer)?.link.snapshot() ?? null;
    const { cursor, remoteSeq } = running ?? positionOf(row);
    return {
      peer,
      streamUrl: row.stream_url,
      remoteTeam: row.remote_team,
      scopes: row.scopes,
      maxHops: row.max_hops,
      maxBytes: row.max_bytes,
      status: row.status,
      statusReason: row.status_reason,
      cursor,
      remoteSeq,
      running,
      confirmed: confirmedId(peer) !== null,
      gaps,
    };
  }
}

/** Reads the URL of a peer's stream: wss, or ws to this machine, and with `allowPrivate` also to one's own network. */
export function readStreamUrl(text: string, allowPrivate: boolean): ReturnType<typeof readPeerUrl> {
  if (!/^wss?:\/\//i.test(text))
    return { ok: false, problem: `"${clipped(text, 100)}" is not the URL of a stream; write wss://host/ws.` };
  return readPeerUrl(text.replace(/^ws/i, "http"), allowPrivate);
}

function positionOf(row: PullLinkRow): PullPosition {
  return {
    cursor: row.cursor === null ? null : Number(row.cursor),
    remoteSeq: row.remote_seq === null ? null : Number(row.remote_seq),
  };
}

/** Changes when the link has to be opened anew. */
const versionOf = (row: PullLinkRow): string => `${row.id} ${row.updated_at.getTime()}`;

const noLink = (peer: Peer): HubError => new HubError("not_found", `The peer "${peer.name}" has no pull link.`);
