import { z } from "zod";
import { HubError } from "../../errors.ts";
import type { Environment, Peer } from "../../model.ts";
import { createToken, type HubRegistry, type RegistryAdmin } from "../../registry/index.ts";
import { PeerClient, type Resolve, readPeerUrl } from "../outbound/index.ts";
import { askPeer, type PullLinks } from "../pull/index.ts";
import { type KiteCommands, kiteCommands } from "./kite-commands.ts";

export interface KitePairingOptions {
  readonly registry: HubRegistry;
  readonly admin: RegistryAdmin;
  readonly pulls: PullLinks;
  readonly userAgent: string;
  readonly resolve?: Resolve;
  /** This hub's base URL as others reach it. */
  readonly url: () => string;
}

/** What a person says about a real Kite server that is to become a peer. */
export interface KiteServer {
  /** Its base URL, such as https://api.getkite.sh. */
  readonly url: string;
  /** The team there that events come from and go to. */
  readonly team: string;
  /** How the peer is called here. */
  readonly name: string;
  /** Can the server reach this hub? Where it cannot, it is told to send nothing, and may be read instead. */
  readonly reachesUs: boolean;
  /** Do we send it events? */
  readonly push: boolean;
  readonly scopes?: readonly string[];
  readonly maxHops?: number;
  readonly environment?: Environment;
  readonly allowPrivate?: boolean;
  /** The server's instance id, where the person knows it. */
  readonly instanceId?: string | null;
  /** A key of its team with the permission read, to read its stream by; null not to. */
  readonly readKey?: string | null;
  /** An admin key of the server, to set it up from here. It is used for this and forgotten. Null prints commands. */
  readonly adminKey?: string | null;
}

export interface KitePaired {
  readonly peer: Peer;
  /** What is left to be run at the server; null when it was done from here. */
  readonly todo: KiteCommands | null;
  /** What could not be done, although the rest was. */
  readonly problem: string | null;
}

/** No event has this type: a peer with this scope alone is sent nothing, whatever the server makes of an empty list. */
const NOTHING = "kite-desktop.nothing";
const TIMEOUT_MS = 15_000;
const MAX_BYTES = 65_536;
const Problem = z.object({ error: z.string() });
const NewKey = z.object({ api_key: z.string().min(1).max(1_024) });

/** Pairs this hub with a real Kite server, which knows nothing of pairing links. */
export class KitePairing {
  readonly #o: KitePairingOptions;

  constructor(options: KitePairingOptions) {
    this.#o = options;
  }

  /**
   * Registers each with the other: here at once, and there by its federation API when an admin key is given. When the
   * server refuses, nothing is left here.
   * @throws HubError with a sentence for the person
   */
  async pair(team: string, server: KiteServer): Promise<KitePaired> {
    const { admin, registry, url: ownUrl } = this.#o;
    const base = server.url.replace(/\/+$/, "");
    const { allowPrivate = false, adminKey = null } = server;
    const read = readPeerUrl(base, allowPrivate);
    if (!read.ok) throw new HubError("bad_request", `url: ${read.problem}`);
    const toUs = createToken("kfed").token;
    const toThem = createToken("kfed").token;
    const scopes = server.scopes ?? ["*"];
    const maxHops = server.maxHops ?? 3;
    const peer = await admin.createPeer(team, {
      name: server.name,
      hookUrl: `${base}/hooks/${encodeURIComponent(server.team)}/kite`,
      outboundToken: toThem,
      inboundToken: toUs,
      scopes: server.push ? scopes : [],
      maxHops,
      allowPrivate,
      environment: server.environment ?? "other",
      receiveOnly: !server.push || server.environment === "production",
      ...(server.instanceId ? { instanceId: server.instanceId } : {}),
    });
    const facts = {
      url: base,
      name: registry.instanceId,
      hookUrl: `${ownUrl().replace(/\/+$/, "")}/hooks/${encodeURIComponent(team)}/kite`,
      toUs,
      toThem,
      scopes: server.reachesUs ? scopes : [NOTHING],
      maxHops,
    };
    try {
      if (adminKey !== null) await this.#register(facts, adminKey, allowPrivate);
    } catch (error) {
      await admin.deletePeer(team, peer.id, async () => undefined);
      throw error;
    }
    const problem = await this.#read(peer, base, server);
    return { peer, todo: adminKey === null ? kiteCommands(facts) : null, problem };
  }

  /** Reads the server's stream, where a key for that is given or can be made. @returns why it is not read */
  async #read(peer: Peer, base: string, server: KiteServer): Promise<string | null> {
    const streamUrl = `${base.replace(/^http/, "ws")}/ws`;
    try {
      const apiKey = server.readKey ?? (server.reachesUs ? null : await this.#makeKey(streamUrl, server));
      if (apiKey === null) return null;
      await this.#o.pulls.put(peer, {
        streamUrl,
        remoteTeam: server.team,
        apiKey,
        ...(server.scopes === undefined ? {} : { scopes: server.scopes }),
        ...(server.maxHops === undefined ? {} : { maxHops: server.maxHops }),
      });
      return null;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return `The server cannot be read: ${error.message} Give the link an API key of the team with the permission read.`;
    }
  }

  async #makeKey(url: string, { adminKey, team, allowPrivate = false }: KiteServer): Promise<string | null> {
    if (!adminKey) return null;
    const { userAgent, resolve, registry } = this.#o;
    const address = { url, allowPrivate, token: adminKey, team, clientId: null, userAgent };
    const { value } = await askPeer({ ...address, ...(resolve === undefined ? {} : { resolve }) }, "keys.create", {
      name: `read by ${registry.instanceId}`,
      scopes: ["*"],
      permissions: ["read"],
      expires_at: null,
    });
    return NewKey.parse(value).api_key;
  }

  async #register(facts: Parameters<typeof kiteCommands>[0], adminKey: string, allowPrivate: boolean): Promise<void> {
    const { userAgent, resolve } = this.#o;
    const client = new PeerClient({
      url: `${facts.url}/api/federation/peers`,
      allowPrivate,
      timeoutMs: TIMEOUT_MS,
      connections: 1,
      ...(resolve === undefined ? {} : { resolve }),
    });
    const { name, hookUrl, toUs, toThem, scopes, maxHops } = facts;
    const body = JSON.stringify({
      name,
      peer_hook_url: hookUrl,
      outbound_token: toUs,
      inbound_token: toThem,
      scopes,
      max_hops: maxHops,
    });
    const headers = [
      "authorization",
      `Bearer ${adminKey}`,
      "content-type",
      "application/json",
      "user-agent",
      userAgent,
    ];
    try {
      const { failure, status, body: text } = await client.post(headers, Buffer.from(body), MAX_BYTES);
      if (failure !== null)
        throw new HubError("unreachable", `The server is not reached at ${facts.url}. ${failure.sentence}`);
      if (status !== null && status >= 200 && status < 300) return;
      throw new HubError("conflict", refusalOf(status ?? 0, text, [adminKey, toUs, toThem]));
    } finally {
      await client.destroy();
    }
  }
}

/** What the server said, without the secrets it may have repeated. */
function refusalOf(status: number, text: string, secrets: readonly string[]): string {
  let said: string;
  try {
    said = Problem.parse(JSON.parse(text)).error;
  } catch {
    said = "";
  }
  for (const secret of secrets) said = said.replaceAll(secret, "••••");
  const words = said === "" ? "" : ` It says: ${said.slice(0, 300)}`;
  if (status === 401 || status === 403)
    return `The server does not take this admin key (HTTP ${status}): it must be one of the team, with the permission admin.${words}`;
  if (status === 404 || status === 405)
    return `There is no federation API at this URL (HTTP ${status}): give the server's base URL, such as https://api.getkite.sh.${words}`;
  if (status >= 300 && status < 400)
    return `The server redirects (HTTP ${status}); redirects are not followed, for the key would go with it. Give its final URL.`;
  return `The server did not register this hub (HTTP ${status}).${words}`;
}
