import { DEFAULT_MAX_BYTES, type PeerPolicy } from "../rules/index.ts";
import { type Knowledge, type MapInstance, type MapLink, mapPolicy, type TopologyMap } from "./map.ts";
import type { Telling, ToldRegistry } from "./told.ts";

/** A peer of this instance's own registry. */
export interface OwnPeer {
  readonly policy: PeerPolicy;
  readonly hookUrl: string;
}

/** A chain by which events have come here, and until when they did. This instance is not in it. */
export interface ObservedChain {
  readonly chain: readonly string[];
  readonly events: number;
  readonly lastAt: number;
}

export interface MapSources {
  readonly self: { readonly instanceId: string; readonly name: string; readonly url: string | null };
  readonly at: number;
  readonly peers: readonly OwnPeer[];
  /** Instance ids that hubs say of themselves, by the id of the peer: routing does not go by them, the map does. */
  readonly identities: ReadonlyMap<string, string>;
  readonly registries: readonly ToldRegistry[];
  /** What hubs tell of their own links, the nearest first. */
  readonly tellings: readonly Telling[];
  /** Addresses that are known here, by what stands for them in tellings. */
  readonly places: ReadonlyMap<string, string>;
  /** Peers that this instance reads over their stream, by its own limits. */
  readonly pulls: readonly { readonly peerId: string; readonly policy: PeerPolicy }[];
  /** Ids of the peers that may read this instance's stream, by a key that was handed to them. */
  readonly readers: ReadonlySet<string>;
  readonly chains: readonly ObservedChain[];
}

/**
 * One map out of what this instance has settled itself, what its peers tell, and what the chains of past events prove.
 * An instance is recognised by its hub's URL, and by its id where no URL speaks against it.
 */
export function buildMap(sources: MapSources): TopologyMap {
  const map = new MapBuilder(sources.self, sources.at);
  const keyOfPeer = new Map<string, string>();
  // Nobody is a peer of itself: our own id in our own registry, at another place, is another hub's claim.
  const own = new Set([map.self]);
  for (const { policy, hookUrl } of sources.peers) {
    const knowledge = ownKnowledge(sources.at);
    const instanceId = policy.instanceId ?? sources.identities.get(policy.id) ?? null;
    const peer = map.place({ url: hubUrl(hookUrl), instanceId, name: policy.name, beside: own });
    map.learn(peer, knowledge, "peer");
    peer.readsSelf = sources.readers.has(policy.id);
    map.link({ id: policy.id, from: map.self, to: peer.key, policy: mapPolicy(policy), known: [knowledge] });
    keyOfPeer.set(policy.id, peer.key);
  }
  for (const { peerId, policy } of sources.pulls) {
    const from = keyOfPeer.get(peerId);
    const known = [ownKnowledge(sources.at)];
    if (from !== undefined) map.link({ id: policy.id, from, to: map.self, policy: mapPolicy(policy), known });
  }
  for (const { peerId, at, peers } of sources.registries) {
    const teller = keyOfPeer.get(peerId);
    if (teller === undefined) continue;
    map.close(teller);
    const theirs = new Set([teller]);
    for (const told of peers) {
      const { id, name, status, scopes, maxHops, maxBytes = DEFAULT_MAX_BYTES, instanceId = null, revision = 0 } = told;
      const knowledge: Knowledge = { by: "told", teller, via: null, at, events: null };
      const peer = map.place({ url: hubUrl(told.hookUrl), instanceId, name, beside: theirs });
      map.learn(peer, knowledge, "inferred");
      const policy = mapPolicy({ id, name, instanceId, status, scopes, maxHops, maxBytes, revision });
      map.link({ id: `${teller}/${id}`, from: teller, to: peer.key, policy, known: [knowledge] });
    }
  }
  for (const telling of sources.tellings) map.hear(telling, keyOfPeer.get(telling.via), sources.places);
  for (const { chain, events, lastAt } of sources.chains) {
    const knowledge: Knowledge = { by: "seen", teller: null, via: null, at: lastAt, events };
    const keys = chain.filter((id) => id !== "").map((id) => map.placeId(id, knowledge));
    for (const [index, from] of keys.entries()) map.prove(from, keys[index + 1] ?? map.self, knowledge);
  }
  return map.result();
}

/** Where a hub is, by the URL of its inbound endpoint. */
export function hubUrl(hookUrl: string): string {
  return hookUrl.replace(/\/hooks\/.*$/, "").replace(/\/+$/, "");
}

function ownKnowledge(at: number): Knowledge {
  return { by: "own", teller: null, via: null, at, events: null };
}

interface Place {
  /** Null when nobody told the address. */
  readonly url: string | null;
  /** What stands for an address that was not told. */
  readonly place?: string | null;
  readonly instanceId: string | null;
  readonly name: string;
  /** The instances that the same registry has named before: it would not list one of them twice at two places. */
  readonly beside: Set<string>;
}

class MapBuilder {
  readonly self: string;
  readonly #instances = new Map<string, MapInstance>();
  readonly #links: MapLink[] = [];
  /** Instances of which only what stands for the address is known. */
  readonly #places = new Map<string, MapInstance>();

  constructor(self: MapSources["self"], at: number) {
    this.self = self.instanceId;
    const known = [ownKnowledge(at)];
    this.#add({ ...self, key: self.instanceId, kind: "self", beyond: "known", readsSelf: false, known });
  }

  /** The instance at a place, found or made. */
  place({ url, place = null, instanceId, name, beside }: Place): MapInstance {
    const found = this.#at(url) ?? this.#places.get(place ?? "") ?? this.#byId(instanceId, beside);
    const id = instanceId ?? url;
    const instance = found ?? this.#add({ ...this.#fresh(id ?? place ?? name), instanceId: id ?? name, name, url });
    instance.url ??= url;
    // A hub that was known by its URL alone has told its id to somebody else.
    if (instanceId !== null && instance.instanceId === instance.url) instance.instanceId = instanceId;
    if (place !== null && url === null) this.#places.set(place, instance);
    beside.add(instance.key);
    return instance;
  }

  /** Takes in what a hub tells of its own links, unless its registry has been read. */
  hear({ teller, away, at, links }: Telling, viaKey: string | undefined, urls: ReadonlyMap<string, string>): void {
    if (viaKey === undefined) return;
    const theirs = away === 1 ? this.#instances.get(viaKey) : this.#named(teller);
    if (theirs === undefined || theirs.beyond === "known") return;
    const { key } = theirs;
    const knowledge: Knowledge = { by: "told", teller: key, via: away === 1 ? null : viaKey, at, events: null };
    this.learn(theirs, knowledge, "inferred");
    this.close(key);
    const beside = new Set([key]);
    // A peer that is both sent to and read is one and the same.
    const ends = new Map<string, MapInstance>();
    for (const { direction, id, place, ...told } of links) {
      const url = urls.get(place ?? "") ?? null;
      const end = place ?? told.name;
      const other = ends.get(end) ?? this.place({ url, place, instanceId: told.instanceId, name: told.name, beside });
      ends.set(end, other);
      this.learn(other, knowledge, "inferred");
      const [from, to] = direction === "push" ? [key, other.key] : [other.key, key];
      // Who reads judges what comes to itself.
      const receiver = direction === "push" ? told : { ...told, name: theirs.name, instanceId: teller };
      const policy = mapPolicy({ id, ...receiver });
      this.link({ id: `${key}/${id}`, from, to, policy, known: [{ ...knowledge }] });
    }
  }

  /** The instance of an id in a chain. */
  placeId(id: string, knowledge: Knowledge): string {
    const instance = this.#named(id);
    if (instance.kind === "inferred") remember(instance.known, knowledge);
    return instance.key;
  }

  learn(instance: MapInstance, knowledge: Knowledge, kind: "peer" | "inferred"): void {
    if (instance.kind === "inferred") instance.kind = kind;
    remember(instance.known, knowledge);
  }

  /** The links that leave this instance are known from now on. */
  close(key: string): void {
    const instance = this.#instances.get(key);
    if (instance !== undefined) instance.beyond = "known";
  }

  link(link: MapLink): void {
    this.#links.push(link);
  }

  /** An event has gone from one instance to the other. */
  prove(from: string, to: string, knowledge: Knowledge): void {
    if (from === to) return;
    const links = this.#links.filter((link) => link.from === from && link.to === to);
    for (const link of links) remember(link.known, knowledge);
    if (links.length === 0) this.link({ id: `${from}>${to}`, from, to, policy: null, known: [{ ...knowledge }] });
  }

  result(): TopologyMap {
    return { self: this.self, instances: [...this.#instances.values()], links: this.#links };
  }

  #at(url: string | null): MapInstance | undefined {
    if (url === null) return undefined;
    return [...this.#instances.values()].find((instance) => instance.url === url);
  }

  #named(id: string): MapInstance {
    const found = [...this.#instances.values()].find(({ instanceId }) => instanceId === id);
    return found ?? this.#add({ ...this.#fresh(id), instanceId: id, name: id, url: null });
  }

  #byId(instanceId: string | null, beside: ReadonlySet<string>): MapInstance | undefined {
    if (instanceId === null) return undefined;
    // A hub may be known by several URLs; but no registry lists one hub at two places, so a second one is another hub.
    return [...this.#instances.values()].find(
      (instance) => instance.instanceId === instanceId && !beside.has(instance.key),
    );
  }

  /** A key that is not taken; two hubs with one id get two. */
  #fresh(wanted: string): Pick<MapInstance, "key" | "kind" | "beyond" | "readsSelf" | "known"> {
    let key = wanted;
    for (let n = 2; this.#instances.has(key); n++) key = `${wanted}#${n}`;
    return { key, kind: "inferred", beyond: "unknown", readsSelf: false, known: [] };
  }

  #add(instance: MapInstance): MapInstance {
    this.#instances.set(instance.key, instance);
    return instance;
  }
}

/** Keeps one entry for each way of knowing: the latest, with all that was counted. */
function remember(known: Knowledge[], knowledge: Knowledge): void {
  const same = known.find(
    ({ by, teller, via }) => by === knowledge.by && teller === knowledge.teller && via === knowledge.via,
  );
  if (same === undefined) {
    known.push({ ...knowledge });
    return;
  }
  same.at = Math.max(same.at, knowledge.at);
  if (knowledge.events !== null) same.events = (same.events ?? 0) + knowledge.events;
}
