import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import type { Topology, TopologyLink } from "../../shared/rules/index.ts";
import { createSecretBox, type Hub, type HubOptions, openHub } from "../hub/index.ts";
import type { LabDatabase, LabGround } from "./ground.ts";
import { LabClient } from "./lab-client.ts";
import { LinkProxy } from "./link-proxy.ts";

const TEAM = "lab";
/** A dozen hubs share one server's connections with the hub of the app. */
const POOL_SIZE = 2;
/** So many hubs are started at a time: each of them needs a processor for a moment. */
const STARTED_AT_ONCE = 3;

export interface LabOptions {
  readonly ground: LabGround;
  /** The folder of the numbered .sql files. */
  readonly migrations: string;
  readonly log: Logger;
  readonly version: string;
  /** What else lives with each hub: its console. */
  readonly mount?: HubOptions["mount"];
  /** Called when one of the hubs is up. */
  readonly onHub?: (hub: LabHub) => void;
}

/** A hub of a lab. */
export interface LabHub {
  readonly key: string;
  readonly instanceId: string;
  readonly hub: Hub;
  readonly client: LabClient;
}

/** Real hubs in this process, one for each instance of a topology, and a proxy for each link. */
export class LabHubs {
  readonly topology: Topology;
  readonly #hubs = new Map<string, LabHub>();
  readonly #proxies = new Map<string, LinkProxy>();
  /** The peer that a link is, at the hub it leaves. */
  readonly #peers = new Map<string, string>();
  readonly #databases: LabDatabase[] = [];
  #closing: Promise<void> | null = null;

  private constructor(topology: Topology) {
    this.topology = topology;
  }

  /** @param retryMs the ages at which deliveries are tried again */
  static async open(topology: Topology, retryMs: readonly number[], options: LabOptions): Promise<LabHubs> {
    const lab = new LabHubs(topology);
    try {
      const waiting = [...topology.instances];
      const start = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
          await lab.#start(next.key, next.instanceId, options);
      };
      await Promise.all(Array.from({ length: STARTED_AT_ONCE }, start));
      await lab.#connect(retryMs);
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  get hubs(): readonly LabHub[] {
    return this.topology.instances.flatMap(({ key }) => this.#hubs.get(key) ?? []);
  }

  /** @throws RangeError when there is none */
  hub(key: string): LabHub {
    return found(this.#hubs, key, "hub");
  }

  /** @throws RangeError when there is none */
  proxy(link: string): LinkProxy {
    return found(this.#proxies, link, "link");
  }

  /** The id of the peer that a link is, at the hub it leaves. @throws RangeError when there is none */
  peerOf(link: string): string {
    return found(this.#peers, link, "link");
  }

  /** Stops everything and removes the databases. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
    await Promise.all([...this.#hubs.values()].map(({ hub }) => hub.stop()));
    for (const database of this.#databases) await database.drop();
  }

  async #start(
    key: string,
    instanceId: string,
    { ground, migrations, log, version, mount, onHub }: LabOptions,
  ): Promise<void> {
    const database = await ground.newDatabase();
    this.#databases.push(database);
    const hub = await openHub({
      connection: database.connection,
      box: createSecretBox(randomBytes(32).toString("hex")),
      shared: false,
      migrations,
      log: log.child({ hub: key }),
      version,
      host: "127.0.0.1",
      port: 0,
      instanceId,
      team: TEAM,
      publicUrl: null,
      teamRateLimit: 0,
      globalRateLimit: 0,
      retentionDays: 7,
      retentionMb: 0,
      dedupDays: 14,
      segmentEvents: 500_000,
      poolSize: POOL_SIZE,
      requireBearer: true,
      acceptBatches: true,
      loginApproval: "off",
      refusalBodyBytes: 0,
      ...(mount === undefined ? {} : { mount }),
    });
    const client = new LabClient({ url: hub.url, ...hub.credentials });
    // The hubs of a lab have no secrets from each other, so that the map of each shows all of it.
    await client.letPeersAsk(true);
    const started = { key, instanceId, hub, client };
    this.#hubs.set(key, started);
    onHub?.(started);
  }

  async #connect(retryMs: readonly number[]): Promise<void> {
    const tokens = new Map(this.topology.links.map(({ id }) => [id, randomBytes(16).toString("hex")]));
    const retry = { ages_ms: retryMs, min_attempts: 1, jitter: 0 };
    for (const link of this.topology.links) {
      const proxy = await LinkProxy.open(this.hub(link.to).hub.url);
      this.#proxies.set(link.id, proxy);
      const back = this.topology.links.find(({ from, to }) => from === link.to && to === link.from);
      const inbound = (back === undefined ? undefined : tokens.get(back.id)) ?? randomBytes(16).toString("hex");
      const outbound = tokens.get(link.id) ?? "";
      await this.#createPeer(link, proxy, outbound, inbound, retry);
      // Where no link leads back, the receiver still needs a peer that stands for the sender. It sends nothing.
      if (back === undefined) await this.#letIn(link, outbound, inbound);
    }
  }

  async #createPeer(
    link: TopologyLink,
    proxy: LinkProxy,
    outbound: string,
    inbound: string,
    retry: object,
  ): Promise<void> {
    const { policy } = link;
    const { client } = this.hub(link.from);
    const { id } = await client.createPeer({
      name: policy.name,
      peer_hook_url: `${proxy.url}/hooks/${TEAM}/kite`,
      outbound_token: outbound,
      inbound_token: inbound,
      scopes: policy.scopes,
      max_hops: policy.maxHops,
      max_bytes: policy.maxBytes,
      instance_id: policy.instanceId,
      retry,
    });
    this.#peers.set(link.id, id);
    if (policy.status !== "active") await client.setStatus(id, policy.status);
  }

  async #letIn({ from, to }: TopologyLink, token: string, inbound: string): Promise<void> {
    await this.hub(to).client.createPeer({
      name: from,
      peer_hook_url: `${this.hub(from).hub.url}/hooks/${TEAM}/kite`,
      outbound_token: inbound,
      inbound_token: token,
      scopes: [],
      instance_id: this.hub(from).instanceId,
    });
  }
}

function found<T>(all: ReadonlyMap<string, T>, key: string, what: string): T {
  const one = all.get(key);
  if (one === undefined) throw new RangeError(`There is no ${what} ${key} in this lab.`);
  return one;
}
