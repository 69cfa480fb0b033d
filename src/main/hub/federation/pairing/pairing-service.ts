import { setTimeout } from "node:timers/promises";
import { uuidv7 } from "uuidv7";
import { type PairingLink, PairingOffer, readPairingLink, writePairingLink } from "../../../../shared/links/index.ts";
import { HubError } from "../../errors.ts";
import type { Peer } from "../../model.ts";
import { Signal } from "../../news.ts";
import type { SecretBox } from "../../registry/index.ts";
import type { Database } from "../../store/database.ts";
import {
  expirePairings,
  insertPairing,
  listOpened,
  listPairings,
  movePairing,
  type PairingRow,
} from "../../store/pairings.ts";
import { type Resolve, readPeerUrl } from "../outbound/index.ts";
import { Maker } from "./maker.ts";
import type { Party } from "./messages.ts";
import { Opener } from "./opener.ts";
import { PairingDesk } from "./pairing-desk.ts";
import { type PairingView, viewPairing } from "./pairing-view.ts";
import { newSecret, newSide } from "./secrets.ts";
import type { PairingChoice, SetUpDeps } from "./set-up.ts";

export interface PairingOptions extends SetUpDeps {
  readonly db: Database;
  readonly box: SecretBox;
  readonly userAgent: string;
  readonly now: () => number;
  readonly resolve?: Resolve;
  /** This hub's base URL as others reach it. */
  readonly url: () => string;
  /** Tests the link to a new peer; gives the failing step's sentence, or null. */
  readonly test: (peer: Peer) => Promise<string | null>;
  readonly onError: (error: unknown, doing: string) => void;
}

/** What the maker of a link settles. */
export interface NewOffer {
  readonly makerToOpener?: PairingOffer["maker_to_opener"];
  readonly openerToMaker?: PairingOffer["opener_to_maker"];
  readonly scopes?: readonly string[];
  readonly maxHops?: number;
  /** How long the link can be opened; milliseconds. */
  readonly expiresInMs?: number;
  /** Where the opener reaches this hub, when that is not its public URL. */
  readonly url?: string;
  /** The opener may be at an address of one's own network. */
  readonly allowPrivate?: boolean;
}

const EXPIRES_MS = 15 * 60_000;
const MAX_EXPIRES_MS = 24 * 60 * 60_000;
const MOST_SHOWN = 100;
/** The maker is done before the opener, which asks every two seconds and only then knows the maker's token. */
const MAKER_TRIES = 8;
const TRY_AGAIN_MS = 2_000;

/** Pairs this hub with others by one link: made on one side, opened on the other, compared and confirmed on both. */
export class PairingService {
  readonly maker: Maker;
  /** A pairing has moved on. */
  readonly moved = new Signal<void>();
  readonly #o: PairingOptions;
  readonly #desk: PairingDesk;
  readonly #opener: Opener;
  readonly #tests = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: PairingOptions) {
    this.#o = options;
    this.#desk = new PairingDesk(options.db, options.box, () => this.moved.emit());
    this.maker = new Maker({
      desk: this.#desk,
      deps: options,
      self: (team, url) => this.#self(team, url),
      now: options.now,
      onDone: (id, peer) => this.#test(id, peer, MAKER_TRIES),
    });
    const { userAgent, resolve, now } = options;
    this.#opener = new Opener({
      desk: this.#desk,
      deps: options,
      self: (team, url) => this.#self(team, url),
      ...{ userAgent, now, ...(resolve === undefined ? {} : { resolve }) },
      onMoved: () => this.moved.emit(),
      onDone: (id, peer) => this.#test(id, peer, 1),
    });
  }

  /** Makes a link. It is shown this once. @throws HubError `bad_request` when the offer makes no sense */
  async offer(team: string, wanted: NewOffer = {}): Promise<{ pairing: PairingView; link: string }> {
    const offer = PairingOffer.parse({
      maker_to_opener: wanted.makerToOpener ?? "pull",
      opener_to_maker: wanted.openerToMaker ?? "push",
      scopes: [...(wanted.scopes ?? ["*"])],
      max_hops: wanted.maxHops ?? 3,
    });
    if (offer.maker_to_opener === "none" && offer.opener_to_maker === "none")
      throw new HubError("bad_request", "The offer has no direction: let events travel at least one way.");
    const id = uuidv7();
    const secret = newSecret();
    const url = (wanted.url ?? this.#o.url()).replace(/\/+$/, "");
    const read = readPeerUrl(url, true);
    if (!read.ok) throw new HubError("bad_request", `url: ${read.problem}`);
    const expires = this.#o.now() + Math.min(wanted.expiresInMs ?? EXPIRES_MS, MAX_EXPIRES_MS);
    const secrets = { secret, url, ...newSide(), allowPrivate: wanted.allowPrivate ?? false };
    await insertPairing(this.#o.db, {
      id,
      team,
      role: "maker",
      state: "offered",
      offer,
      secrets: this.#desk.seal(secrets),
      expires_at: new Date(expires),
    });
    this.moved.emit();
    const { instanceId: instance } = this.#o.registry;
    const link = writePairingLink({ v: 1, id, url, secret, expires, instance, offer });
    return { pairing: this.#view(await this.#desk.mine(team, id)), link };
  }

  /** What a link says, without telling its maker. @throws HubError `bad_request` */
  preview(text: string): Omit<PairingLink, "secret"> {
    const { secret: _, ...shown } = this.#readLink(text);
    return shown;
  }

  /**
   * Opens a link: meets its maker, and has the words to compare. The same link may be opened again by the same hub, when
   * the first try was interrupted.
   * @throws HubError with a sentence for the person who opens it
   */
  async open(
    team: string,
    text: string,
    options: { readonly allowPrivate?: boolean; readonly url?: string | null } = {},
  ) {
    const link = this.#readLink(text);
    const { allowPrivate = false } = options;
    if (link.expires <= this.#o.now())
      throw new HubError("conflict", "This pairing link has expired. Ask for a new one.");
    const reachable = readPeerUrl(link.url, allowPrivate);
    if (!reachable.ok) throw new HubError("bad_request", reachable.problem);
    await insertPairing(this.#o.db, {
      id: link.id,
      team,
      role: "opener",
      state: "offered",
      offer: link.offer,
      secrets: this.#desk.seal({ secret: link.secret, url: link.url, ...newSide(), allowPrivate }),
      // What the link says may have been changed on its way; no maker lets one live longer.
      expires_at: new Date(Math.min(link.expires, this.#o.now() + MAX_EXPIRES_MS)),
    });
    const row = await this.#desk.mine(team, link.id);
    if (row.role !== "opener")
      throw new HubError("conflict", "This link was made on this hub: open it on the other one.");
    return this.#desk.inTurn(link.id, async () => {
      const now = await this.#desk.mine(team, link.id);
      if (now.state === "offered") await this.#opener.meet(this.#desk.open(now), options.url);
      return this.#view(await this.#desk.mine(team, link.id));
    });
  }

  async list(team: string): Promise<PairingView[]> {
    await this.#expire();
    return (await listPairings(this.#o.db, team, MOST_SHOWN)).map((row) => this.#view(row));
  }

  async get(team: string, id: string): Promise<PairingView> {
    await this.#expire();
    return this.#view(await this.#desk.mine(team, id));
  }

  /**
   * A person has compared the words, and they are the same. The link is set up once the other side has confirmed too.
   * @throws HubError `conflict` when there is nothing to confirm
   */
  confirm(team: string, id: string, choice: PairingChoice = {}): Promise<PairingView> {
    return this.#desk.inTurn(id, () => this.#confirm(team, id, choice));
  }

  async #confirm(team: string, id: string, choice: PairingChoice): Promise<PairingView> {
    await this.#expire();
    const pairing = this.#desk.open(await this.#desk.mine(team, id));
    const { row } = pairing;
    const secrets = { ...pairing.secrets, choice };
    if (row.role === "opener") await this.#opener.confirm({ ...pairing, secrets });
    else if (row.state === "confirmed_there") await this.maker.finish({ ...pairing, secrets });
    else await this.#desk.move(id, ["comparing", "confirmed_here"], { state: "confirmed_here", secrets });
    return this.get(team, id);
  }

  /** The words differ, or the person does not want it. @throws HubError `conflict` when it has ended */
  refuse(team: string, id: string): Promise<PairingView> {
    return this.#desk.inTurn(id, () => this.#refuse(team, id));
  }

  async #refuse(team: string, id: string): Promise<PairingView> {
    const pairing = this.#desk.open(await this.#desk.mine(team, id));
    await this.#desk.move(id, ["offered", "comparing", "confirmed_here", "confirmed_there"], { state: "refused" });
    if (pairing.row.role === "opener" && pairing.other !== null) await this.#opener.refuse(pairing);
    return this.get(team, id);
  }

  /** Asks the makers of links that were opened here how they stand. Never rejects. To be called every few seconds. */
  async look(): Promise<void> {
    try {
      await this.#expire();
      for (const { id } of await listOpened(this.#o.db))
        await this.#desk
          .inTurn(id, () => this.#opener.askAgain(id))
          .catch((error: unknown) => {
            // Away for now; it is asked again.
            if (!(error instanceof HubError)) throw error;
          });
    } catch (error) {
      this.#o.onError(error, "looking after pairings");
    }
  }

  async #expire(): Promise<void> {
    if ((await expirePairings(this.#o.db, new Date(this.#o.now()))) > 0) this.moved.emit();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#tests);
  }

  /** The real round trip, once the link is there. What it finds is shown with the pairing; the link stays. */
  #test(id: string, no: number, tries: number): void {
    const peer = this.#o.registry.peerByNo(no);
    if (peer === undefined || peer.hookUrl.includes("//unreachable.invalid/")) return;
    const test = this.#tested(peer, tries)
      .then(async (problem) => {
        if (problem === null) return;
        await movePairing(this.#o.db, id, ["done"], { problem });
        this.moved.emit();
      })
      .catch((error: unknown) => this.#o.onError(error, "testing a new link"))
      .finally(() => this.#tests.delete(test));
    this.#tests.add(test);
  }

  /** @returns what is wrong still at the last try; null when nothing is, or the hub stops */
  async #tested(peer: Peer, tries: number): Promise<string | null> {
    const { signal } = this.#stopping;
    for (let left = tries; ; left--) {
      const problem = await this.#o.test(peer);
      if (problem === null || left <= 1) return problem;
      await setTimeout(TRY_AGAIN_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return null;
    }
  }

  #readLink(text: string): PairingLink {
    const read = readPairingLink(text);
    if (!read.ok) throw new HubError("bad_request", read.problem);
    return read.link;
  }

  /** @param url where this hub is reached; null when it cannot be; undefined for its own */
  #self(team: string, url: string | null = this.#o.url()): Party {
    const base = url?.replace(/\/+$/, "") ?? null;
    return {
      instance_id: this.#o.registry.instanceId,
      team,
      hook_url: base === null ? null : `${base}/hooks/${encodeURIComponent(team)}/kite`,
      stream_url: base === null ? null : `${base.replace(/^http/, "ws")}/ws`,
    };
  }

  #view(row: PairingRow): PairingView {
    return viewPairing(row, this.#o.registry);
  }
}
