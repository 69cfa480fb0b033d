import { setTimeout as sleep } from "node:timers/promises";
import type { App } from "../app.ts";
import { agentMessage, githubWebhook, order, stripeWebhook, type Webhook } from "./payloads.ts";

/** Where a hub takes the demo's webhooks, with the secrets of the endpoints. */
export interface Entrances {
  readonly app: App;
  /** The URL of each endpoint, its token included. */
  readonly urls: Readonly<Record<Webhook["source"], string>>;
  readonly githubSecret: string;
  readonly stripeSecret: string;
}

/** What has happened before anybody looks, on each hub. */
const HISTORY = { local: 60, elsewhere: 30 };
const TRICKLE_MS = 1_500;

/** Real requests to the hubs' real entrances: nothing is written past them. */
export class Traffic {
  readonly #hubs: readonly Entrances[];
  readonly #ended = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** @param hubs the first is the one that is looked at */
  constructor(hubs: readonly Entrances[]) {
    this.#hubs = hubs;
  }

  /** A first stretch of history. */
  async seed(): Promise<void> {
    for (const [index, hub] of this.#hubs.entries()) {
      for (let n = 0; n < (index === 0 ? HISTORY.local : HISTORY.elsewhere); n++) await this.#one(hub, n);
    }
    const [local] = this.#hubs;
    if (local !== undefined) await this.#mishaps(local);
  }

  /** Goes on, a little at a time, until it is stopped. */
  trickle(): void {
    const { signal } = this.#ended;
    this.#running = (async () => {
      for (let n = 0; !signal.aborted; n++) {
        const hub = this.#hubs[n % this.#hubs.length];
        if (hub !== undefined) await this.#one(hub, n).catch(() => undefined);
        if (n % 40 === 39 && this.#hubs[0] !== undefined) await this.#mishaps(this.#hubs[0]).catch(() => undefined);
        await sleep(TRICKLE_MS, undefined, { signal }).catch(() => undefined);
      }
    })();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #one(hub: Entrances, n: number): Promise<void> {
    if (n % 7 === 6) return this.#say(hub);
    await this.#accepted(
      this.#post(
        hub,
        n % 3 === 0 ? githubWebhook(hub.githubSecret) : n % 3 === 1 ? stripeWebhook(hub.stripeSecret) : order(),
      ),
    );
  }

  /** A forged signature, a wrong token, and a provider that sends the same delivery twice. */
  async #mishaps(hub: Entrances): Promise<void> {
    await this.#post(hub, githubWebhook("not the secret of this endpoint"));
    const twice = githubWebhook(hub.githubSecret);
    await this.#post(hub, twice);
    await this.#post(hub, twice);
    await this.#send(`${hub.app.url}/hooks/${hub.app.credentials.team}/kite`, {
      body: order().body,
      headers: { "content-type": "application/cloudevents+json", authorization: "Bearer a-token-nobody-gave-out" },
    });
  }

  async #say({ app }: Entrances): Promise<void> {
    const { apiKey, team } = app.credentials;
    const sent = this.#send(`${app.url}/api/v1/agents/messages?team_id=${encodeURIComponent(team)}`, {
      headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` },
      body: JSON.stringify(agentMessage()),
    });
    await this.#accepted(sent);
  }

  /** What is meant to go through must: a demo that shows less than it should would not be noticed. */
  async #accepted(sent: Promise<Response>): Promise<void> {
    const response = await sent;
    if (!response.ok) throw new Error(`A hub of the demo refused its own event: ${await response.text()}`);
  }

  #post(hub: Entrances, webhook: Webhook): Promise<Response> {
    return this.#send(hub.urls[webhook.source], webhook);
  }

  /** @returns the answer, read to its end */
  async #send(url: string, { headers, body }: Pick<Webhook, "headers" | "body">): Promise<Response> {
    const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(10_000)]);
    const response = await fetch(url, { method: "POST", headers, body, signal });
    return new Response(await response.text(), { status: response.status });
  }
}
