import { uuidv7 } from "uuidv7";
import type { MaskRule } from "../../../shared/masking/index.ts";
import type { Permission } from "../../../shared/permissions.ts";
import { HubError } from "../errors.ts";
import type { ApiKey, Environment, Hook, Peer } from "../model.ts";
import {
  deactivateHook,
  deleteFederationToken,
  type FederationTokenRow,
  handKey,
  insertFederationToken,
  insertKey,
  insertTeam,
  listFederationTokens,
  revokeKey,
  setHookSecret,
  upsertHook,
} from "../store/access.ts";
import { bumpConfigRev } from "../store/config-rev.ts";
import { type Database, type Queryable, sqlState, toHubError } from "../store/database.ts";
import { deletePeer, insertPeer, lockPeer, type PeerChange, updatePeer } from "../store/peers.ts";
import { type HubRegistry, toPeer } from "./hub-registry.ts";
import type { SecretBox } from "./secret-box.ts";
import { settingsVersion } from "./settings-version.ts";
import { createToken, tokenHash } from "./tokens.ts";

/** How long an endpoint's old webhook secret is accepted next to the new one (kite-wire.md 4.7). */
const ROTATION_OVERLAP_MS = 10 * 60_000;
const UNIQUE_VIOLATION = "23505";

/** What a new peer is made of. */
export interface NewPeer {
  readonly name: string;
  readonly hookUrl: string;
  readonly outboundToken: string;
  readonly inboundToken: string;
  readonly scopes?: readonly string[];
  readonly maxHops?: number;
  readonly maxBytes?: number;
  readonly ordered?: boolean;
  readonly allowPrivate?: boolean;
  readonly retry?: Readonly<Record<string, unknown>>;
  readonly instanceId?: string | null;
  readonly environment?: Environment;
  readonly label?: string | null;
  readonly colour?: string | null;
  readonly receiveOnly?: boolean;
  readonly newestFirst?: boolean;
  readonly masks?: readonly MaskRule[];
}

/** What may be changed of a peer; absent members keep their value. */
export interface PeerUpdate extends Partial<NewPeer> {
  readonly status?: Peer["status"];
  /** Why the status is what it is; null takes an earlier reason back. */
  readonly statusReason?: string | null;
  readonly instanceIdFrom?: Peer["instanceIdFrom"];
  readonly batches?: boolean;
  /** The token that is accepted beside the present one, and until when. */
  readonly previousInbound?: Peer["previousInbound"];
  readonly strangerId?: string | null;
}

/** Every change to peers, endpoints and keys. Each is one transaction, and the registry knows it before it returns. */
export class RegistryAdmin {
  readonly #db: Database;
  readonly #registry: HubRegistry;
  readonly #box: SecretBox;
  readonly #now: () => number;

  constructor(db: Database, registry: HubRegistry, box: SecretBox, now: () => number) {
    this.#db = db;
    this.#registry = registry;
    this.#box = box;
    this.#now = now;
  }

  /** @throws HubError `conflict` when the team has a peer of that name */
  async createPeer(team: string, peer: NewPeer): Promise<Peer> {
    const id = uuidv7();
    await this.#change((tx) =>
      insertPeer(tx, {
        id,
        team,
        name: peer.name,
        hook_url: peer.hookUrl,
        outbound_token: this.#box.seal(peer.outboundToken),
        inbound_token: this.#box.seal(peer.inboundToken),
        inbound_hash: tokenHash(peer.inboundToken),
        scopes: [...(peer.scopes ?? ["*"])],
        max_hops: peer.maxHops ?? 3,
        ...this.#columns({ ...peer, instanceIdFrom: peer.instanceId ? "pairing" : null }),
      }),
    );
    const created = this.#registry.peerById(id);
    if (created === undefined) throw new HubError("not_found", "The peer was removed while it was being created.");
    return created;
  }

  /**
   * @param ifVersion what {@link settingsVersion} said when the caller read the peer; absent: whatever it is now
   * @throws HubError `not_found`, `conflict` when the new name is taken, `changed` when the settings are others by now
   */
  async updatePeer(team: string, id: string, update: PeerUpdate, ifVersion?: string): Promise<Peer> {
    this.#peer(team, id);
    await this.#change(async (tx) => {
      if (ifVersion !== undefined) {
        const now = await lockPeer(tx, id);
        if (now !== null && settingsVersion(toPeer(now, this.#box)) !== ifVersion)
          throw new HubError(
            "changed",
            `The settings of "${now.name}" were changed by somebody else meanwhile: look at them again, and repeat your change on top of those.`,
          );
      }
      await updatePeer(tx, id, this.#columns(update));
    });
    return this.#peer(team, id);
  }

  /**
   * Gives the peer a new token to present here; the old one is accepted as well for `overlapMs`. It is shown once.
   * @throws HubError `not_found`
   */
  async rotateInboundToken(team: string, id: string, overlapMs: number): Promise<{ token: string; until: Date }> {
    const { inboundToken: old } = this.#peer(team, id);
    const { token } = createToken("kfed");
    const until = new Date(this.#now() + overlapMs);
    await this.updatePeer(team, id, { inboundToken: token, previousInbound: { token: old, until } });
    return { token, until };
  }

  /** Tells every hub on this database that something beside the registry's own tables has changed. */
  touch(work: (tx: Queryable) => Promise<void>): Promise<void> {
    return this.#change(work);
  }

  /**
   * Removes a peer. What is queued for it is cancelled by the outbound side, which is told through `alsoDo` in the
   * same transaction.
   * @throws HubError `not_found`
   */
  async deletePeer<T>(team: string, id: string, alsoDo: (tx: Queryable, peer: number) => Promise<T>): Promise<T> {
    const { no } = this.#peer(team, id);
    return this.#change(async (tx) => {
      await deletePeer(tx, id);
      return alsoDo(tx, no);
    });
  }

  /** Makes a token for a peer to present here; it is shown once. */
  async createFederationToken(team: string, label: string): Promise<FederationTokenRow & { token: string }> {
    const { token } = createToken("kfed");
    const row = await insertFederationToken(this.#db, { id: uuidv7(), team, label, hash: tokenHash(token) });
    return { ...row, token };
  }

  listFederationTokens(team: string): Promise<FederationTokenRow[]> {
    return listFederationTokens(this.#db, team);
  }

  deleteFederationToken(team: string, id: string): Promise<boolean> {
    return deleteFederationToken(this.#db, team, id);
  }

  /**
   * Creates an endpoint, or gives an existing one a new token. The token is shown once, unless `keep` stores it sealed.
   * @param webhookSecret the provider's signing secret; undefined keeps what is there
   */
  async createHook(
    team: string,
    source: string,
    options: { readonly webhookSecret?: string; readonly keep?: boolean } = {},
  ): Promise<{ hook: Hook; token: string }> {
    const { token, prefix } = createToken("khk");
    await this.#change((tx) =>
      upsertHook(
        tx,
        {
          id: uuidv7(),
          team,
          source,
          token_prefix: prefix,
          token_hash: tokenHash(token),
          token_secret: options.keep === true ? this.#box.seal(token) : null,
          webhook_secret: options.webhookSecret === undefined ? null : this.#box.seal(options.webhookSecret),
        },
        new Date(this.#now() + ROTATION_OVERLAP_MS),
      ),
    );
    const hook = this.#registry.hook(team, source);
    if (hook === undefined) throw new HubError("not_found", "The endpoint was removed while it was being created.");
    return { hook, token };
  }

  /** A new webhook secret for an endpoint; the old one is accepted next to it for ten minutes. */
  setHookSecret(team: string, id: string, webhookSecret: string): Promise<boolean> {
    const until = new Date(this.#now() + ROTATION_OVERLAP_MS);
    return this.#change((tx) => setHookSecret(tx, team, id, this.#box.seal(webhookSecret), until));
  }

  deactivateHook(team: string, id: string): Promise<boolean> {
    return this.#change((tx) => deactivateHook(tx, team, id));
  }

  /** Creates an API key; the key itself is shown once, unless `keep` stores it sealed. */
  async createKey(
    team: string,
    options: {
      readonly name: string | null;
      readonly permissions: readonly Permission[];
      readonly scopes?: readonly string[];
      readonly expiresAt?: Date | null;
      readonly keep?: boolean;
      readonly peer?: number | null;
      /** It is handed over by a pairing: what is new to it begins at the log's head of now, however late it comes. */
      readonly fromNow?: boolean;
    },
  ): Promise<{ key: ApiKey; token: string }> {
    const { token, prefix } = createToken(options.permissions.includes("admin") ? "kite_admin" : "kite");
    await this.#change((tx) =>
      insertKey(
        tx,
        {
          id: uuidv7(),
          team,
          name: options.name,
          prefix,
          hash: tokenHash(token),
          permissions: [...options.permissions],
          scopes: [...(options.scopes ?? ["*"])],
          expires_at: options.expiresAt ?? null,
          secret: options.keep === true ? this.#box.seal(token) : null,
          peer: options.peer ?? null,
        },
        options.fromNow ?? false,
      ),
    );
    const key = this.#registry.keyByToken(token);
    if (key === undefined) throw new HubError("not_found", "The key was removed while it was being created.");
    return { key, token };
  }

  /** Hands a key to a peer: it is good for as long as events may go there. */
  handKey(team: string, id: string, peer: number): Promise<boolean> {
    return this.#change((tx) => handKey(tx, { id, team, peer }));
  }

  revokeKey(team: string, id: string): Promise<boolean> {
    return this.#change((tx) => revokeKey(tx, team, id));
  }

  async createTeam(id: string, name: string): Promise<void> {
    await this.#change((tx) => insertTeam(tx, id, name));
  }

  #peer(team: string, id: string): Peer {
    const peer = this.#registry.peerById(id);
    if (peer === undefined || peer.team !== team) throw new HubError("not_found", `There is no peer with id ${id}.`);
    return peer;
  }

  #columns(update: PeerUpdate): PeerChange {
    const columns: { -readonly [K in keyof PeerChange]: PeerChange[K] } = {};
    if (update.name !== undefined) columns.name = update.name;
    if (update.hookUrl !== undefined) columns.hook_url = update.hookUrl;
    if (update.outboundToken !== undefined) columns.outbound_token = this.#box.seal(update.outboundToken);
    if (update.inboundToken !== undefined) {
      columns.inbound_token = this.#box.seal(update.inboundToken);
      columns.inbound_hash = tokenHash(update.inboundToken);
    }
    if (update.scopes !== undefined) columns.scopes = [...update.scopes];
    if (update.maxHops !== undefined) columns.max_hops = update.maxHops;
    if (update.maxBytes !== undefined) columns.max_bytes = update.maxBytes;
    if (update.ordered !== undefined) columns.ordered = update.ordered;
    if (update.allowPrivate !== undefined) columns.allow_private = update.allowPrivate;
    if (update.retry !== undefined) columns.retry = { ...update.retry };
    if (update.instanceId !== undefined) columns.instance_id = update.instanceId;
    if (update.instanceIdFrom !== undefined) columns.instance_id_from = update.instanceIdFrom;
    if (update.status !== undefined) columns.status = update.status;
    if (update.statusReason !== undefined) columns.status_reason = update.statusReason;
    if (update.batches !== undefined) columns.batches = update.batches;
    if (update.environment !== undefined) columns.environment = update.environment;
    if (update.label !== undefined) columns.label = update.label;
    if (update.colour !== undefined) columns.colour = update.colour;
    if (update.receiveOnly !== undefined) columns.receive_only = update.receiveOnly;
    if (update.newestFirst !== undefined) columns.newest_first = update.newestFirst;
    if (update.masks !== undefined) columns.masks = JSON.stringify(update.masks);
    if (update.strangerId !== undefined) columns.stranger_id = update.strangerId;
    if (update.previousInbound !== undefined) {
      const previous = update.previousInbound;
      columns.previous_inbound_token = previous === null ? null : this.#box.seal(previous.token);
      columns.previous_inbound_until = previous?.until ?? null;
    }
    return columns;
  }

  async #change<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await this.#db.transaction(async (tx) => {
        // First, because every batch takes the same lock first.
        await bumpConfigRev(tx);
        return work(tx);
      });
    } catch (error) {
      if (sqlState(error) === UNIQUE_VIOLATION)
        throw new HubError("conflict", "There is one of that name already. Choose another name, or change that one.");
      throw toHubError(error);
    }
    await this.#registry.refresh();
    return result;
  }
}
