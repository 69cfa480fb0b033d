import { timingSafeEqual } from "node:crypto";
import { MaskRules } from "../../../shared/masking/index.ts";
import type { ApiKey, Hook, Peer } from "../model.ts";
import { type HookRow, type KeyRow, listHooks, listKeys, listTeams } from "../store/access.ts";
import type { Queryable } from "../store/database.ts";
import { listPeers, type PeerRow } from "../store/peers.ts";
import { readHead } from "../store/segments.ts";
import { readPermissions } from "./permissions.ts";
import type { RegistryView, Snapshot } from "./registry.ts";
import type { SecretBox } from "./secret-box.ts";
import { tokenHash } from "./tokens.ts";

interface Indexed extends Snapshot {
  readonly teams: ReadonlySet<string>;
  readonly peersByTeam: ReadonlyMap<string, readonly Peer[]>;
  readonly peersByNo: ReadonlyMap<number, Peer>;
  readonly peersById: ReadonlyMap<string, Peer>;
  /** By team and hash of the inbound token. */
  readonly peersByToken: ReadonlyMap<string, Peer>;
  readonly hooksBySource: ReadonlyMap<string, Hook>;
  readonly keysByHash: ReadonlyMap<string, ApiKey>;
}

const NONE: readonly Peer[] = [];
const pair = (team: string, name: string): string => `${team}\u0000${name}`;

/** The registry in memory, read whole from the database whenever config_rev has moved. */
export class HubRegistry implements RegistryView {
  readonly instanceId: string;
  readonly #db: Queryable;
  readonly #box: SecretBox;
  readonly #now: () => number;
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  #current: Indexed;
  #refreshing: Promise<void> | null = null;

  private constructor(db: Queryable, box: SecretBox, instanceId: string, now: () => number, first: Indexed) {
    this.#db = db;
    this.#box = box;
    this.#now = now;
    this.instanceId = instanceId;
    this.#current = first;
  }

  /** Reads the registry for the first time. @throws SecretKeyError when the secrets were sealed with another key */
  static async open(db: Queryable, box: SecretBox, instanceId: string, now: () => number): Promise<HubRegistry> {
    return new HubRegistry(db, box, instanceId, now, await read(db, box));
  }

  get snapshot(): Snapshot {
    return this.#current;
  }

  peersOf(team: string): readonly Peer[] {
    return this.#current.peersByTeam.get(team) ?? NONE;
  }

  peerByNo(no: number): Peer | undefined {
    return this.#current.peersByNo.get(no);
  }

  peerById(id: string): Peer | undefined {
    return this.#current.peersById.get(id);
  }

  inboundTokens({ inboundToken, previousInbound: previous }: Peer): readonly string[] {
    return previous !== null && previous.until.getTime() > this.#now()
      ? [inboundToken, previous.token]
      : [inboundToken];
  }

  peerByInboundToken(team: string, token: string): Peer | undefined {
    const presented = tokenHash(token);
    const peer = this.#current.peersByToken.get(pair(team, presented.toString("hex")));
    // The index was asked with a hash, which tells an observer nothing; the token itself is compared in constant time.
    if (peer === undefined) return undefined;
    const fits = this.inboundTokens(peer).some((accepted) => timingSafeEqual(tokenHash(accepted), presented));
    return fits ? peer : undefined;
  }

  hasTeam(team: string): boolean {
    return this.#current.teams.has(team);
  }

  get teams(): ReadonlySet<string> {
    return this.#current.teams;
  }

  hook(team: string, source: string): Hook | undefined {
    return this.#current.hooksBySource.get(pair(team, source));
  }

  keyByToken(token: string): ApiKey | undefined {
    return this.#current.keysByHash.get(tokenHash(token).toString("hex"));
  }

  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  onChange(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #refresh(): Promise<void> {
    const head = await readHead(this.#db);
    if (head.configRev === this.#current.rev) return;
    this.#current = await read(this.#db, this.#box);
    for (const listener of this.#listeners) listener(this.#current);
  }
}

/** The revision is read first: rows that are newer than it only cause one more reading. */
async function read(db: Queryable, box: SecretBox): Promise<Indexed> {
  const { configRev } = await readHead(db);
  const teams = await listTeams(db);
  const peers = (await listPeers(db)).map((row) => toPeer(row, box));
  const hooks = (await listHooks(db)).map((row) => toHook(row, box));
  const keys = (await listKeys(db)).map((row) => toKey(row, box));
  const peersByTeam = new Map<string, Peer[]>();
  for (const peer of peers) {
    const list = peersByTeam.get(peer.team);
    if (list === undefined) peersByTeam.set(peer.team, [peer]);
    else list.push(peer);
  }
  return {
    rev: configRev,
    peers,
    hooks,
    keys,
    teams: new Set(teams.map((team) => team.id)),
    peersByTeam,
    peersByNo: new Map(peers.map((peer) => [peer.no, peer])),
    peersById: new Map(peers.map((peer) => [peer.id, peer])),
    peersByToken: new Map(
      peers.flatMap((peer) =>
        [peer.inboundToken, ...(peer.previousInbound === null ? [] : [peer.previousInbound.token])].map(
          (token): [string, Peer] => [pair(peer.team, tokenHash(token).toString("hex")), peer],
        ),
      ),
    ),
    hooksBySource: new Map(hooks.map((hook) => [pair(hook.team, hook.source), hook])),
    keysByHash: new Map(keys.map((key) => [key.hash.toString("hex"), key])),
  };
}

/** A stored peer with its tokens in the clear. */
export function toPeer(row: PeerRow, box: SecretBox): Peer {
  return {
    no: row.no,
    id: row.id,
    team: row.team,
    name: row.name,
    status: row.status,
    statusReason: row.status_reason,
    hookUrl: row.hook_url,
    outboundToken: box.open(row.outbound_token),
    inboundToken: box.open(row.inbound_token),
    scopes: row.scopes,
    maxHops: row.max_hops,
    maxBytes: row.max_bytes,
    instanceId: row.instance_id,
    instanceIdFrom: row.instance_id_from,
    batches: row.batches,
    ordered: row.ordered,
    allowPrivate: row.allow_private,
    retry: row.retry,
    environment: row.environment,
    label: row.label,
    colour: row.colour,
    receiveOnly: row.receive_only,
    newestFirst: row.newest_first,
    masks: readMasks(row.masks),
    previousInbound:
      row.previous_inbound_token === null || row.previous_inbound_until === null
        ? null
        : { token: box.open(row.previous_inbound_token), until: row.previous_inbound_until },
    strangerId: row.stranger_id,
    revision: row.revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    policy: {
      id: row.id,
      name: row.name,
      instanceId: row.instance_id,
      status: row.status,
      scopes: row.scopes,
      maxHops: row.max_hops,
      maxBytes: row.max_bytes,
      receiveOnly: row.receive_only,
      revision: row.revision,
    },
  };
}

/** Rules that cannot be read mask everything rather than nothing. */
function readMasks(stored: unknown): Peer["masks"] {
  const read = MaskRules.safeParse(stored);
  return read.success ? read.data : [{ types: "*", path: "*" }];
}

function toHook(row: HookRow, box: SecretBox): Hook {
  return {
    id: row.id,
    team: row.team,
    source: row.source,
    tokenPrefix: row.token_prefix,
    tokenHash: row.token_hash,
    token: row.token_secret === null ? null : box.open(row.token_secret),
    webhookSecret: row.webhook_secret === null ? null : box.open(row.webhook_secret),
    previousSecret: row.previous_secret === null ? null : box.open(row.previous_secret),
    previousSecretUntil: row.previous_secret_until,
    active: row.active,
    createdAt: row.created_at,
  };
}

function toKey(row: KeyRow, box: SecretBox): ApiKey {
  return {
    id: row.id,
    team: row.team,
    name: row.name,
    prefix: row.prefix,
    hash: row.hash,
    permissions: readPermissions(row.permissions),
    scopes: row.scopes,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    createdAt: row.created_at,
    secret: row.secret === null ? null : box.open(row.secret),
    peer: row.peer,
    fromSeq: row.from_seq === null ? null : Number(row.from_seq),
  };
}
