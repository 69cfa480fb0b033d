import type { ApiKey, Hook, Peer } from "../model.ts";

/**
 * Peers, endpoints and keys as this process knows them: one immutable snapshot in memory, replaced as a whole when
 * anything changes. `rev` is the database's config_rev it was read at; a batch routed with an older one is refused.
 */
export interface Snapshot {
  readonly rev: number;
  readonly peers: readonly Peer[];
  readonly hooks: readonly Hook[];
  readonly keys: readonly ApiKey[];
}

/** Numbers of the peers that hold a key to this hub's stream, handed to them and not revoked. */
export function readingPeers({ keys }: Pick<Snapshot, "keys">): ReadonlySet<number> {
  return new Set(keys.flatMap(({ peer, revokedAt }) => (revokedAt === null ? (peer ?? []) : [])));
}

/** Read access to the registry. Every lookup is in memory and cheap enough for the hot path. */
export interface RegistryView {
  readonly snapshot: Snapshot;
  /** This hub's instance id. */
  readonly instanceId: string;
  /** Peers of a team, revoked ones included (routing says `peer_revoked` for them), deleted ones not. */
  peersOf(team: string): readonly Peer[];
  peerByNo(no: number): Peer | undefined;
  peerById(id: string): Peer | undefined;
  /** The tokens a peer may present now: its own, and until it ends the one before. */
  inboundTokens(peer: Peer): readonly string[];
  /** Compares in constant time. */
  peerByInboundToken(team: string, token: string): Peer | undefined;
  hasTeam(team: string): boolean;
  hook(team: string, source: string): Hook | undefined;
  /** The key that `token` is, expired and revoked ones included: the caller says why it refuses. */
  keyByToken(token: string): ApiKey | undefined;
  /** Reads the registry again when the database's config_rev has moved. */
  refresh(): Promise<void>;
  /** Calls `listener` after each change, with the new snapshot. Returns the function that ends it. */
  onChange(listener: (snapshot: Snapshot) => void): () => void;
}
