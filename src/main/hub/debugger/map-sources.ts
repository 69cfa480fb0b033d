import {
  hubUrl,
  type MapSources,
  type ObservedChain,
  PULL,
  type ToldRegistry,
} from "../../../shared/debugger/index.ts";
import type { PeerPolicy } from "../../../shared/rules/index.ts";
import type { Peer } from "../model.ts";
import { readChain } from "../read-chain.ts";
import { type RegistryView, readingPeers } from "../registry/index.ts";
import type { Database } from "../store/database.ts";
import { readSightings } from "../store/sightings.ts";
import { askRegistry } from "./ask-registry.ts";
import { placeOf } from "./place.ts";
import type { PulledPeer } from "./pulled-peer.ts";
import type { Tellings } from "./tellings.ts";

/** What peers told is good for so long; what they did not tell is asked again sooner. Milliseconds. */
const TOLD_MS = 60_000;
const SILENT_MS = 15_000;
/** Chains that proved a link longer ago say nothing about the present. */
const CHAIN_DAYS = 7;
const DAY_MS = 86_400_000;

export interface MapSourceOptions {
  readonly db: Database;
  readonly registry: RegistryView;
  /** The key by which a peer lets us read its registry; null where we have none. */
  readonly readKeyOf: (peer: Peer) => string | null | Promise<string | null>;
  readonly pulled: (team: string) => Promise<readonly PulledPeer[]>;
  readonly publicUrl: () => string;
  readonly userAgent: string;
  readonly now: () => number;
}

interface Told {
  readonly until: number;
  readonly registry: ToldRegistry | null;
  readonly problem: string | null;
}

/** Gathers what is known of the federation here: the registry, what peers tell, and what chains prove. */
export class MapSourceReader {
  readonly #o: MapSourceOptions;
  readonly #tellings: Tellings;
  readonly #told = new Map<string, Promise<Told>>();

  constructor(options: MapSourceOptions, tellings: Tellings) {
    this.#o = options;
    this.#tellings = tellings;
  }

  async read(team: string): Promise<{ readonly sources: MapSources; readonly problems: readonly string[] }> {
    const { db, registry, now, publicUrl } = this.#o;
    const at = now();
    const peers = registry.peersOf(team);
    const [{ tellings, identities }, told, pulled, seen] = await Promise.all([
      this.#tellings.look(team),
      Promise.all(peers.map((peer) => this.#ask(peer))),
      this.#o.pulled(team),
      readSightings(db, "chain", team, new Date(at - CHAIN_DAYS * DAY_MS)),
    ]);
    const { instanceId } = registry;
    // A peer that tells its links itself need not be read with a key.
    const tells = new Set(tellings.flatMap(({ away, via }) => (away === 1 ? via : [])));
    const registries = told.flatMap((one) => one.registry ?? []);
    const reading = readingPeers(registry.snapshot);
    return {
      sources: {
        self: { instanceId, name: instanceId, url: publicUrl() },
        at,
        peers: peers.map(({ policy, hookUrl }) => ({ policy, hookUrl })),
        identities,
        registries,
        tellings,
        places: new Map(
          [...peers, ...registries.flatMap((one) => one.peers)].flatMap(({ hookUrl }) => [
            [placeOf(hookUrl), hubUrl(hookUrl)],
          ]),
        ).set(placeOf(publicUrl()), publicUrl()),
        readers: new Set(peers.filter(({ no }) => reading.has(no)).map(({ id }) => id)),
        pulls: pulled.map((one) => ({ peerId: one.peer.id, policy: pullPolicy(one, instanceId) })),
        chains: seen.map(
          ({ value, events, lastAt }): ObservedChain => ({ chain: readChain(value), events, lastAt: lastAt.getTime() }),
        ),
      },
      problems: told.flatMap(({ problem }, index) => (tells.has(peers[index]?.id ?? "") ? [] : (problem ?? []))),
    };
  }

  async #ask(peer: Peer): Promise<Told> {
    const known = this.#told.get(peer.id);
    if (known !== undefined && (await known).until > this.#o.now()) return known;
    const asking = this.#askNow(peer);
    this.#told.set(peer.id, asking);
    return asking;
  }

  async #askNow(peer: Peer): Promise<Told> {
    const { readKeyOf, userAgent, now } = this.#o;
    const key = peer.status === "revoked" ? null : await readKeyOf(peer);
    if (key === null) return { until: now() + SILENT_MS, registry: null, problem: null };
    const told = await askRegistry(peer, key, userAgent);
    if (!told.ok) return { until: now() + SILENT_MS, registry: null, problem: told.problem };
    return { until: now() + TOLD_MS, registry: { peerId: peer.id, at: now(), peers: told.peers }, problem: null };
  }
}

/** On a pull link the reader decides, with the sender's part taken by the peer. */
function pullPolicy({ peer, scopes, maxHops, maxBytes, status }: PulledPeer, selfId: string): PeerPolicy {
  const id = PULL + peer.id;
  return { id, name: selfId, instanceId: selfId, status, scopes, maxHops, maxBytes, revision: peer.revision };
}
