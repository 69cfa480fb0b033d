import { z } from "zod";
import { OUTBOX_STATES, type OutboxState } from "../../shared/rules/index.ts";

const Copy = z.object({ origin: z.string().nullable(), chain: z.array(z.string()), hops: z.int() });
const LabEvent = z.object({
  seq: z.int(),
  id: z.string(),
  type: z.string(),
  received_at: z.string(),
  copy: Copy,
  agent_to: z.string().nullable(),
  replay_of: z.int().nullable(),
  data_bytes: z.int(),
});
const Decision = z.object({
  seq: z.int(),
  event: z.object({ id: z.string() }).nullable(),
  peer_id: z.string(),
  outcome: z.enum(["forward", "drop"]),
  reason: z.string().nullable(),
  at: z.string(),
});
const Entry = z.object({ id: z.string(), seq: z.int(), peer_id: z.string(), state: z.enum(OUTBOX_STATES) });
const Attempt = z.object({ peer_id: z.string(), status: z.int().nullable(), outcome: z.string() });
const Refusal = z.object({ reason: z.string(), event: z.object({ id: z.string() }).nullable() });
const Count = z.object({ kind: z.string(), reason: z.string(), peer_id: z.string().nullable(), count: z.int() });

export type LabEvent = z.infer<typeof LabEvent>;
export type LabDecision = z.infer<typeof Decision>;
export type LabEntry = z.infer<typeof Entry>;
export type LabAttempt = z.infer<typeof Attempt>;
export type LabRefusal = z.infer<typeof Refusal>;
export type LabCount = z.infer<typeof Count>;

const TIMEOUT_MS = 20_000;

/** Where a hub of a lab is, and the keys that open it. */
export interface LabAddress {
  readonly url: string;
  readonly team: string;
  readonly hookToken: string;
  readonly apiKey: string;
  readonly adminKey: string;
}

/** A hub of a lab by its public interfaces: the lab knows no more about its hubs than a user does. */
export class LabClient {
  readonly #address: LabAddress;

  constructor(address: LabAddress) {
    this.#address = address;
  }

  /** Posts a CloudEvent to the hub's first endpoint. @throws Error unless it was accepted */
  async publish(event: {
    readonly id: string;
    readonly source: string;
    readonly type: string;
    readonly data: unknown;
  }): Promise<void> {
    const { url, team, hookToken } = this.#address;
    const body = { specversion: "1.0", datacontenttype: "application/json", ...event };
    const headers = { "content-type": "application/cloudevents+json" };
    const answer = await this.#send("POST", `${url}/hooks/${team}/demo/${hookToken}`, headers, body);
    const { status } = z.object({ status: z.string() }).parse(answer);
    if (status !== "accepted") throw new Error(`The hub answered ${status} to event ${event.id}.`);
  }

  /** Sends a message from agent to agent. @returns the event's id */
  async message(message: { readonly from: string; readonly to: string; readonly body: string }): Promise<string> {
    const { url, team, apiKey } = this.#address;
    const headers = { "content-type": "application/json", authorization: `Bearer ${apiKey}` };
    const answer = await this.#send("POST", `${url}/api/v1/agents/messages?team_id=${team}`, headers, message);
    return z.object({ id: z.string() }).parse(answer).id;
  }

  async createPeer(peer: object): Promise<{ id: string }> {
    return z.object({ id: z.string() }).parse(await this.#api("POST", "peers", peer));
  }

  /** Whether the hub tells its peers of its links. */
  async letPeersAsk(allowed: boolean): Promise<void> {
    await this.#api("PUT", "probes", { answers: allowed });
  }

  async setStatus(peerId: string, status: "active" | "paused" | "revoked"): Promise<void> {
    await this.#api("PATCH", `peers/${peerId}`, { status });
  }

  events(query: Readonly<Record<string, string>> = {}): Promise<LabEvent[]> {
    return this.#pages("events", LabEvent, query);
  }

  /** The latest events of the log, newest first; `limit` is at most 500. */
  async newest(limit: number): Promise<LabEvent[]> {
    return (await this.#page("events", LabEvent, { limit: String(limit) })).items;
  }

  decisions(query: Readonly<Record<string, string>> = {}): Promise<LabDecision[]> {
    return this.#pages("decisions", Decision, query);
  }

  entries(query: Readonly<Record<string, string>> = {}): Promise<LabEntry[]> {
    return this.#pages("outbox", Entry, query);
  }

  attempts(query: Readonly<Record<string, string>> = {}): Promise<LabAttempt[]> {
    return this.#pages("attempts", Attempt, query);
  }

  refusals(): Promise<LabRefusal[]> {
    return this.#pages("refusals", Refusal, {});
  }

  /** Is anything owed to peers, those aside that are named? */
  async owes(except: ReadonlySet<string>): Promise<boolean> {
    for (const state of ["pending", "sending"] satisfies OutboxState[]) {
      const query = except.size === 0 ? { state, limit: "1" } : { state };
      const found = except.size === 0 ? await this.#page("outbox", Entry, query) : { items: await this.entries(query) };
      if (found.items.some(({ peer_id }) => !except.has(peer_id))) return true;
    }
    return false;
  }

  /** Everything the hub has counted in the last hour. It changes with whatever happens there. */
  async counts(): Promise<LabCount[]> {
    // Counts are of full minutes, and the present one belongs to them.
    const until = new Date(Date.now() + 60_000).toISOString();
    const since = new Date(Date.now() - 3_600_000).toISOString();
    const found = await this.#api("GET", `stats?${new URLSearchParams({ since, until })}`);
    return z.object({ items: z.array(Count) }).parse(found).items;
  }

  async #pages<T>(what: string, item: z.ZodType<T>, query: Readonly<Record<string, string>>): Promise<T[]> {
    const all: T[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: T[]; next_cursor: string | null } = await this.#page(what, item, {
        ...query,
        limit: "500",
        ...(cursor === null ? {} : { cursor }),
      });
      all.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return all;
  }

  async #page<T>(
    what: string,
    item: z.ZodType<T>,
    query: Readonly<Record<string, string>>,
  ): Promise<{ items: T[]; next_cursor: string | null }> {
    const page = z.object({ items: z.array(item), next_cursor: z.string().nullable() });
    return page.parse(await this.#api("GET", `${what}?${new URLSearchParams(query)}`));
  }

  #api(method: string, path: string, body?: object): Promise<unknown> {
    const headers = {
      authorization: `Bearer ${this.#address.adminKey}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    return this.#send(method, `${this.#address.url}/api/federation/${path}`, headers, body);
  }

  async #send(method: string, url: string, headers: Readonly<Record<string, string>>, body?: object): Promise<unknown> {
    const answer = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.text();
    // The path of a hook holds its token, which is nobody's business.
    const place = new URL(url).pathname.replace(/^(\/hooks\/[^/]+\/[^/]+)\/.*/, "$1/…");
    if (!answer.ok) throw new Error(`${method} ${place} was answered ${answer.status}: ${text.slice(0, 300)}`);
    return text === "" ? null : JSON.parse(text);
  }
}
