import { z } from "zod";
import { hubUrl, type MapSources, type ObservedChain, type ToldRegistry } from "../../../shared/debugger/index.ts";
import type { PeerPolicy } from "../../../shared/rules/index.ts";
import { askInstanceId } from "../federation/pull/index.ts";
import type { Peer } from "../model.ts";
import type { RegistryView } from "../registry/index.ts";
import type { Database } from "../store/database.ts";
import { readSightings } from "../store/sightings.ts";
import { askRegistry } from "./ask-registry.ts";

/** What peers told is good for so long; what they did not tell is asked again sooner. Milliseconds. */
const TOLD_MS = 60_000;
const SILENT_MS = 15_000;
/** Chains that proved a link longer ago say nothing about the present. */
const CHAIN_DAYS = 7;
const DAY_MS = 86_400_000;

/** A peer that is read over its stream, as far as the map is concerned. */
export interface PulledPeer {
  readonly peer: Peer;
  readonly scopes: readonly string[];
  readonly maxHops: number;
  readonly maxBytes: number;
  readonly status: "active" | "paused";
}

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
  /** What its hub says it is; asked where the registry here does not know. */
  readonly instanceId: string | null;
  readonly problem: string | null;
}

/** Gathers what is known of the federation here: the registry, what peers tell, and what chains prove. */
export class MapSourceReader {
  readonly #o: MapSourceOptions;
  readonly #told = new Map<string, Promise<Told>>();

  constructor(options: MapSourceOptions) {
    this.#o = options;
  }

  async read(team: string): Promise<{ readonly sources: MapSources; readonly problems: readonly string[] }> {
    const { db, registry, now, publicUrl } = this.#o;
    const at = now();
    const peers = registry.peersOf(team);
    const [told, pulled, seen] = await Promise.all([
      Promise.all(peers.map((peer) => this.#ask(peer))),
      this.#o.pulled(team),
      readSightings(db, "chain", team, new Date(at - CHAIN_DAYS * DAY_MS)),
    ]);
    const { instanceId } = registry;
    return {
      sources: {
        self: { instanceId, name: instanceId, url: publicUrl() },
        at,
        peers: peers.map(({ policy, hookUrl }) => ({ policy, hookUrl })),
        identities: new Map(
          peers.flatMap(({ id }, index) => {
            const instanceId = told[index]?.instanceId ?? null;
            return instanceId === null ? [] : [[id, instanceId] as const];
          }),
        ),
        registries: told.flatMap((one) => one.registry ?? []),
        pulls: pulled.map((one) => ({ peerId: one.peer.id, policy: pullPolicy(one, instanceId) })),
        chains: seen.map(
          ({ value, events, lastAt }): ObservedChain => ({ chain: readChain(value), events, lastAt: lastAt.getTime() }),
        ),
      },
      problems: told.flatMap(({ problem }) => problem ?? []),
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
    if (peer.status === "revoked") return { until: now() + SILENT_MS, registry: null, instanceId: null, problem: null };
    const [instanceId, key] = await Promise.all([this.#identify(peer), readKeyOf(peer)]);
    if (key === null) return { until: now() + SILENT_MS, registry: null, instanceId, problem: null };
    const told = await askRegistry(peer, key, userAgent);
    if (!told.ok) return { until: now() + SILENT_MS, registry: null, instanceId, problem: told.problem };
    const registry = { peerId: peer.id, at: now(), peers: told.peers };
    return { until: now() + TOLD_MS, registry, instanceId, problem: null };
  }

  async #identify({ instanceId, hookUrl, allowPrivate }: Peer): Promise<string | null> {
    if (instanceId !== null) return instanceId;
    const base = `${hubUrl(hookUrl)}/`;
    if (!URL.canParse(base)) return null;
    return askInstanceId(new URL(base), { allowPrivate, userAgent: this.#o.userAgent });
  }
}

/** On a pull link the reader decides, with the sender's part taken by the peer. */
function pullPolicy({ peer, scopes, maxHops, maxBytes, status }: PulledPeer, selfId: string): PeerPolicy {
  const id = `pull:${peer.id}`;
  return { id, name: selfId, instanceId: selfId, status, scopes, maxHops, maxBytes, revision: peer.revision };
}

function readChain(text: string): string[] {
  const read = z.array(z.string()).safeParse(JSON.parse(text));
  return read.success ? read.data : [];
}
