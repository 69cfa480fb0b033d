import { randomBytes } from "node:crypto";
import type { App } from "../app.ts";
import type { FailingPeers } from "./failing-peers.ts";
import type { Entrances } from "./traffic.ts";

type PeerSettings = Parameters<App["console"]["client"]["peers"]["create"]>[0];

const secret = (): string => randomBytes(24).toString("hex");

/**
 * The links. laptop → staging → production → laptop is the ring, which the loop rule ends. staging → laptop beside it
 * makes a second way, so that what staging has comes to the laptop twice. What production sends to the laptop has made
 * one hop, and laptop → staging allows one: there the hop limit ends it.
 */
export async function connect(laptop: App, staging: App, production: App, failing: FailingPeers): Promise<void> {
  await link(laptop, staging, { there: { maxHops: 1 }, back: { maxHops: 3 } });
  await link(staging, production, { there: { maxHops: 3 }, back: null });
  await link(production, laptop, {
    there: { maxHops: 3, scopes: ["stripe.*", "com.github.*", "com.acme.*"] },
    back: null,
  });
  await mark(laptop, { staging: "staging", production: "production" });
  const { client } = laptop.console;
  await client.peers.create({
    name: "warehouse",
    hookUrl: failing.warehouse,
    outboundToken: secret(),
    inboundToken: secret(),
    scopes: ["com.acme.*"],
    retry: { ages: [2_000, 6_000, 15_000, 60_000, 300_000], minAttempts: 3 },
  });
  await client.peers.create({
    name: "analytics",
    hookUrl: failing.analytics,
    outboundToken: secret(),
    inboundToken: secret(),
    scopes: ["stripe.*", "com.github.push"],
    maxHops: 2,
  });
  for (const [app, environment] of [
    [staging, "staging"],
    [production, "production"],
  ] as const) {
    await app.console.client.explain.setProbes({ answers: true });
    await client.hubs.add({ name: app.instanceId, url: app.url, adminKey: app.credentials.adminKey, environment });
  }
}

/** Registers two hubs with each other. A way that is null is closed: its scopes let nothing through. */
async function link(
  from: App,
  to: App,
  ways: { readonly there: Partial<PeerSettings>; readonly back: Partial<PeerSettings> | null },
): Promise<void> {
  const [there, back] = [secret(), secret()];
  const hookUrl = (app: App): string => `${app.url}/hooks/${app.credentials.team}/kite`;
  await to.console.client.peers.create({
    name: from.instanceId,
    hookUrl: hookUrl(from),
    outboundToken: back,
    inboundToken: there,
    instanceId: from.instanceId,
    scopes: [],
    ...(ways.back === null ? {} : { scopes: ["*"], ...ways.back }),
  });
  await from.console.client.peers.create({
    name: to.instanceId,
    hookUrl: hookUrl(to),
    outboundToken: there,
    inboundToken: back,
    instanceId: to.instanceId,
    ...ways.there,
  });
}

/** Marks what hubs see of a peer by the environment that it is. */
async function mark(at: App, environments: Readonly<Record<string, "production" | "staging">>): Promise<void> {
  for (const { id, name } of await at.console.client.peers.list()) {
    const environment = environments[name];
    if (environment !== undefined) await at.console.client.peers.update({ id, environment });
  }
}

/** Makes the endpoints that the traffic comes in by. */
export async function openEntrances(app: App): Promise<Entrances> {
  const [githubSecret, stripeSecret] = [secret(), `whsec_${secret()}`];
  const endpoint = async (source: string, webhookSecret: string | null): Promise<string> =>
    (await app.console.client.endpoints.create({ source, webhookSecret })).urlWithToken;
  return {
    app,
    githubSecret,
    stripeSecret,
    urls: {
      github: await endpoint("github", githubSecret),
      stripe: await endpoint("stripe", null),
      shop: await endpoint("shop", null),
    },
  };
}
