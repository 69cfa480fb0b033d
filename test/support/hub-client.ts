import { randomBytes } from "node:crypto";
import { z } from "zod";

/** Where a hub is, and the keys that open it. */
export interface HubAddress {
  readonly url: string;
  readonly team: string;
  readonly apiKey: string;
  readonly adminKey: string;
  readonly hookUrl: string;
}

const Copy = z.object({ origin: z.string().nullable(), chain: z.array(z.string()), hops: z.number() });
const LoggedEvent = z.object({
  seq: z.number(),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  copy: Copy,
  via_peer_id: z.string().nullable(),
  replay_of: z.number().nullable(),
});
const Peer = z.object({ id: z.string(), name: z.string(), no: z.number(), status: z.string() });
const Decision = z.object({
  seq: z.number(),
  peer_id: z.string(),
  outcome: z.enum(["forward", "drop"]),
  reason: z.string().nullable(),
  evidence: z.unknown(),
  entry_id: z.string().nullable(),
});
const Refusal = z.object({
  reason: z.string(),
  peer_id: z.string().nullable(),
  event: z.object({ id: z.string() }).nullable(),
});
const Entry = z.object({
  id: z.string(),
  seq: z.number(),
  peer_id: z.string(),
  state: z.enum(["pending", "sending", "delivered", "dead", "cancelled"]),
});
const Outcome = z.object({
  status: z.string(),
  id: z.string(),
  usage: z.object({ events_used: z.number() }).optional(),
});

export type LoggedEvent = z.infer<typeof LoggedEvent>;
export type Peer = z.infer<typeof Peer>;
export type Decision = z.infer<typeof Decision>;
export type Refusal = z.infer<typeof Refusal>;
export type Entry = z.infer<typeof Entry>;

/** A CloudEvent to post, as far as tests say what is in it. */
export interface Posted {
  readonly id: string;
  readonly source?: string;
  readonly type?: string;
  readonly data?: unknown;
}

/** What the hub said to a posted event. `seq` only when it was accepted. */
export interface PostAnswer {
  readonly status: number;
  readonly outcome: string;
  readonly seq: number | null;
  readonly retryAfter: string | null;
}

export interface PeerSettings {
  readonly scopes?: readonly string[];
  readonly max_hops?: number;
  readonly instance_id?: string | null;
  readonly retry?: { readonly ages_ms?: readonly number[]; readonly min_attempts?: number; readonly jitter?: number };
}

/** A hub's HTTP interfaces, as its users see them. Every request ends after a while, whatever the hub does. */
export class HubClient {
  readonly address: HubAddress;
  readonly timeoutMs: number;

  constructor(address: HubAddress, timeoutMs = 30_000) {
    this.address = address;
    this.timeoutMs = timeoutMs;
  }

  /** Where peers send what is for this hub. */
  get peerHookUrl(): string {
    return `${this.address.url}/hooks/${encodeURIComponent(this.address.team)}/kite`;
  }

  get socketUrl(): string {
    return `${this.address.url.replace(/^http/, "ws")}/ws`;
  }

  /** Posts a structured CloudEvent to the hub's first endpoint. */
  async post(event: Posted): Promise<PostAnswer> {
    const response = await fetch(this.address.hookUrl, {
      method: "POST",
      headers: { "content-type": "application/cloudevents+json" },
      body: JSON.stringify(cloudEvent(event)),
      signal: AbortSignal.timeout(this.timeoutMs),
    });
    const retryAfter = response.headers.get("retry-after");
    const read = Outcome.safeParse(await response.json());
    const { status, usage } = read.data ?? { status: "refused", usage: undefined };
    return { status: response.status, outcome: status, seq: usage?.events_used ?? null, retryAfter };
  }

  /** Posts many in one request. @returns the outcome of each */
  async postBatch(events: readonly Posted[]): Promise<string[]> {
    const response = await fetch(this.address.hookUrl, {
      method: "POST",
      headers: { "content-type": "application/cloudevents-batch+json" },
      body: JSON.stringify(events.map(cloudEvent)),
      signal: AbortSignal.timeout(this.timeoutMs),
    });
    const { results } = z.object({ results: z.array(z.object({ status: z.string() })) }).parse(await response.json());
    return results.map(({ status }) => status);
  }

  async api(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.address.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.address.adminKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(this.timeoutMs),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return text === "" ? null : JSON.parse(text);
  }

  async createPeer(
    peer: PeerSettings & { name: string; peer_hook_url: string; outbound_token: string; inbound_token: string },
  ): Promise<Peer> {
    return Peer.parse(await this.api("POST", "/api/federation/peers", peer));
  }

  async updatePeer(id: string, change: object): Promise<Peer> {
    return Peer.parse(await this.api("PATCH", `/api/federation/peers/${id}`, change));
  }

  /** The whole log, oldest first. */
  async events(query: Readonly<Record<string, string>> = {}): Promise<LoggedEvent[]> {
    return (await this.#pages("events", query, LoggedEvent)).reverse();
  }

  decisions(query: Readonly<Record<string, string>> = {}): Promise<Decision[]> {
    return this.#pages("decisions", query, Decision);
  }

  refusals(): Promise<Refusal[]> {
    return this.#pages("refusals", {}, Refusal);
  }

  outbox(query: Readonly<Record<string, string>> = {}): Promise<Entry[]> {
    return this.#pages("outbox", query, Entry);
  }

  /** How many entries are owed to peers still, up to a page of each state. */
  async owed(query: Readonly<Record<string, string>> = {}): Promise<number> {
    const page = async (state: string): Promise<number> => {
      const params = new URLSearchParams({ ...query, state, limit: "500" });
      const read = await this.api("GET", `/api/federation/outbox?${params}`);
      return z.object({ items: z.array(z.unknown()) }).parse(read).items.length;
    };
    return (await page("pending")) + (await page("sending"));
  }

  async #pages<T>(what: string, query: Readonly<Record<string, string>>, item: z.ZodType<T>): Promise<T[]> {
    const Page = z.object({ items: z.array(item), next_cursor: z.string().nullable() });
    const all: T[] = [];
    let cursor: string | null = null;
    do {
      const params = new URLSearchParams({ ...query, limit: "500", ...(cursor === null ? {} : { cursor }) });
      const page: z.infer<typeof Page> = Page.parse(await this.api("GET", `/api/federation/${what}?${params}`));
      all.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return all;
  }
}

function cloudEvent({
  id,
  source = "https://shop.example",
  type = "com.example.order",
  data = { id },
}: Posted): object {
  return { specversion: "1.0", id, source, type, datacontenttype: "application/json", data };
}

/** Registers two hubs with each other: each is a peer of the other, with the same two tokens crosswise. */
export async function pair(
  a: HubClient,
  b: HubClient,
  settings: { readonly aToB?: PeerSettings; readonly bToA?: PeerSettings; nameOfA?: string; nameOfB?: string } = {},
): Promise<{ readonly atA: Peer; readonly atB: Peer; readonly tokens: readonly string[] }> {
  const there = randomBytes(16).toString("hex");
  const back = randomBytes(16).toString("hex");
  const atB = await b.createPeer({
    name: settings.nameOfA ?? "a",
    peer_hook_url: a.peerHookUrl,
    outbound_token: back,
    inbound_token: there,
    ...settings.bToA,
  });
  const atA = await a.createPeer({
    name: settings.nameOfB ?? "b",
    peer_hook_url: b.peerHookUrl,
    outbound_token: there,
    inbound_token: back,
    ...settings.aToB,
  });
  return { atA, atB, tokens: [there, back] };
}
