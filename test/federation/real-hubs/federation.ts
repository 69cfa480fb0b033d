import { randomBytes } from "node:crypto";
import { DELIVERY_FAILED_TYPE, reach, type Topology, type TopologyLink } from "../../../src/shared/rules/index.ts";
import type { Decision, Entry, LoggedEvent, Refusal } from "../../support/hub-client.ts";
import { openRealHub, type RealHub } from "../../support/real-hub.ts";
import { until } from "../../support/until.ts";

/** Retries of tests come at once, and go on for longer than any test. */
const RETRY = { ages_ms: [50, 200, 500, 3_600_000], min_attempts: 50 };

/** What one hub has to say about one event, when all is quiet. */
export interface HubRecord {
  readonly events: readonly LoggedEvent[];
  readonly decisions: readonly Decision[];
  readonly entries: readonly Entry[];
  readonly refusals: readonly Refusal[];
  /** How many events of this hub's log tell that something could not be delivered, whatever event they are about. */
  readonly failuresTold: number;
}

/** A topology on real hubs in this process: one database each, talking over real HTTP. */
export class Federation {
  readonly topology: Topology;
  readonly #hubs: ReadonlyMap<string, RealHub>;
  /** The peer that a link is, at the hub it leaves. */
  readonly #peers = new Map<string, string>();

  private constructor(topology: Topology, hubs: ReadonlyMap<string, RealHub>) {
    this.topology = topology;
    this.#hubs = hubs;
  }

  /** Opens a hub for each instance and registers the links. They end with the test. */
  static async open(topology: Topology): Promise<Federation> {
    const hubs = await Promise.all(
      topology.instances.map(async ({ key, instanceId }) => [key, await openRealHub({ instanceId })] as const),
    );
    const federation = new Federation(topology, new Map(hubs));
    await federation.#connect();
    return federation;
  }

  hub(key: string): RealHub {
    const hub = this.#hubs.get(key);
    if (hub === undefined) throw new Error(`there is no hub ${key}`);
    return hub;
  }

  /** The id of the peer that a link is, at the hub it leaves. */
  peerOf(linkId: string): string {
    const peer = this.#peers.get(linkId);
    if (peer === undefined) throw new Error(`there is no link ${linkId}`);
    return peer;
  }

  /** Posts an event at a hub. @throws when it is not accepted */
  async publish(key: string, event: { id: string; type: string; data?: unknown }): Promise<void> {
    const { outcome } = await this.hub(key).client.post({ source: "https://github.example", ...event });
    if (outcome !== "accepted") throw new Error(`${key} answered ${outcome} to ${event.id}`);
  }

  /** Stops or resumes what a link sends. */
  async setStatus(link: TopologyLink, status: "active" | "paused"): Promise<void> {
    await this.hub(link.from).client.updatePeer(this.peerOf(link.id), { status });
  }

  /**
   * Waits until nothing is owed anywhere, the given links aside. An entry leaves its outbox only after the receiver has
   * committed the event with its own entries, so two looks that find nothing owed and nothing new in between prove that
   * nothing is under way.
   */
  async quiet(except: readonly string[] = []): Promise<void> {
    const ignored = new Set(except.map((link) => this.peerOf(link)));
    let before = "";
    await until("nothing is owed anywhere", async () => {
      const all = await Promise.all([...this.#hubs.values()].map(({ client }) => client.outbox()));
      const entries = all.flat().filter(({ peer_id }) => !ignored.has(peer_id));
      const now = entries.map(({ peer_id, id, state }) => `${peer_id} ${id} ${state}`).join();
      const unchanged = now === before;
      before = now;
      return unchanged && entries.every(({ state }) => state !== "pending" && state !== "sending");
    });
  }

  async record(key: string, eventId: string): Promise<HubRecord> {
    const { client } = this.hub(key);
    const log = await client.events();
    const events = log.filter(({ id }) => id === eventId);
    const isOfEvent = ({ seq }: { seq: number }): boolean => events.some((event) => event.seq === seq);
    return {
      events,
      decisions: (await client.decisions()).filter(isOfEvent),
      entries: (await client.outbox()).filter(isOfEvent),
      refusals: (await client.refusals()).filter(({ event }) => event?.id === eventId),
      failuresTold: log.filter(({ type }) => type === DELIVERY_FAILED_TYPE).length,
    };
  }

  /** Both ends of a link need a peer: the sender's has the policy; the receiver's, where no link leads back, sends nothing. */
  async #connect(): Promise<void> {
    const tokens = new Map(this.topology.links.map(({ id }) => [id, randomBytes(16).toString("hex")]));
    const sending = new Map(this.topology.links.map((link) => [`${link.from} ${link.to}`, link]));
    if (sending.size < this.topology.links.length) throw new Error("two links have the same ends");
    for (const link of this.topology.links) {
      const back = sending.get(`${link.to} ${link.from}`);
      await this.#createPeer(link, tokens.get(link.id), back === undefined ? undefined : tokens.get(back.id));
      if (back === undefined) await this.#createReceiver(link, tokens.get(link.id));
    }
  }

  async #createPeer({ id, from, to, policy }: TopologyLink, outbound = "none", inbound = randomToken()): Promise<void> {
    const peer = await this.hub(from).client.createPeer({
      name: policy.name,
      peer_hook_url: this.hub(to).client.peerHookUrl,
      outbound_token: outbound,
      inbound_token: inbound,
      scopes: policy.scopes,
      max_hops: policy.maxHops,
      instance_id: policy.instanceId,
      retry: RETRY,
    });
    this.#peers.set(id, peer.id);
  }

  async #createReceiver({ from, to }: TopologyLink, inbound = "none"): Promise<void> {
    await this.hub(to).client.createPeer({
      name: `only receives from ${from}`,
      peer_hook_url: this.hub(from).client.peerHookUrl,
      outbound_token: randomToken(),
      inbound_token: inbound,
      scopes: [],
    });
  }
}

const randomToken = (): string => randomBytes(16).toString("hex");

/** What each hub and each link have to show, as `reach` says it for an event posted at `origin`. */
export function predict(topology: Topology, type: string, origin: string): ReturnType<typeof reach> {
  return reach(topology, { type, dataBytes: 100, provenance: { origin: null, chain: [], hops: 0 } }, origin);
}
