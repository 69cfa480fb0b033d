import { z } from "zod";
import { hubUrl, type ToldPeer } from "../../../shared/debugger/index.ts";
import { PeerClient } from "../federation/outbound/index.ts";
import type { Peer } from "../model.ts";

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1024 * 1024;
const MOST_PEERS = 200;

// What every Kite lists, and what only hubs like this one add.
const Told = z
  .array(
    z.object({
      id: z.string().max(128),
      name: z.string().max(256),
      status: z.enum(["active", "paused", "revoked"]),
      peer_hook_url: z.string().max(2_048),
      scopes: z.array(z.string().max(256)).max(1_000),
      max_hops: z.int().min(0).max(1_000),
      max_bytes: z.int().optional(),
      instance_id: z.string().max(128).nullish(),
      revision: z.int().optional(),
    }),
  )
  .max(MOST_PEERS);

/** The peers of a peer, or why it does not tell. */
export type ToldPeers =
  | { readonly ok: true; readonly peers: readonly ToldPeer[] }
  | { readonly ok: false; readonly problem: string };

/** Asks a peer for its registry (`GET /api/federation/peers`), with a key that may read it. Never rejects. */
export async function askRegistry(peer: Peer, key: string, userAgent: string): Promise<ToldPeers> {
  const url = `${hubUrl(peer.hookUrl)}/api/federation/peers`;
  const client = new PeerClient({ url, allowPrivate: peer.allowPrivate, timeoutMs: TIMEOUT_MS, connections: 1 });
  try {
    const headers = ["user-agent", userAgent, "accept", "application/json", "authorization", `Bearer ${key}`];
    const answer = await client.get(headers, MAX_BYTES);
    if (answer.failure !== null)
      return { ok: false, problem: `${peer.name} cannot be asked: ${answer.failure.sentence}` };
    if (answer.status === 401 || answer.status === 403)
      return { ok: false, problem: `${peer.name} does not let this key read its peers: it takes an admin key there.` };
    if (answer.status !== 200 || answer.truncated)
      return { ok: false, problem: `${peer.name} answered ${answer.status} when it was asked for its peers.` };
    return { ok: true, peers: Told.parse(JSON.parse(answer.body)).map(toldPeer) };
  } catch {
    return { ok: false, problem: `What ${peer.name} answered when it was asked for its peers cannot be read.` };
  } finally {
    await client.destroy();
  }
}

function toldPeer(told: z.infer<typeof Told>[number]): ToldPeer {
  return {
    id: told.id,
    name: told.name,
    status: told.status,
    hookUrl: told.peer_hook_url,
    scopes: told.scopes,
    maxHops: told.max_hops,
    maxBytes: told.max_bytes,
    instanceId: told.instance_id,
    revision: told.revision,
  };
}
