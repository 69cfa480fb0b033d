import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Hub } from "./hub.ts";

const Peer = z.object({ id: z.string(), batches: z.boolean() });

/** A link of two hubs, seen from the one that sends. */
export interface Link {
  readonly from: Hub;
  readonly to: Hub;
  /** The id that the receiver has at the sender. */
  readonly peerId: string;
}

/** Registers two hubs with each other, each with the other's instance id, as pairing does. */
export async function link(from: Hub, to: Hub): Promise<Link> {
  const there = randomBytes(24).toString("base64url");
  const back = randomBytes(24).toString("base64url");
  const [peer] = await Promise.all([register(from, to, there, back), register(to, from, back, there)]);
  return { from, to, peerId: peer.id };
}

function register(at: Hub, other: Hub, outbound: string, inbound: string): Promise<z.infer<typeof Peer>> {
  return at.api("POST", "/api/federation/peers", Peer, {
    name: other.name,
    peer_hook_url: other.peerUrl,
    outbound_token: outbound,
    inbound_token: inbound,
    instance_id: other.name,
  });
}

const LEARN_MS = 10_000;
const POLL_MS = 100;

/**
 * Makes sure that events go in batches, or that they do not, as the measurement says: the sender learns it from the
 * receiver.
 * @throws Error when it is the other way
 */
export async function expectBatches({ from, to, peerId }: Link, batches: boolean): Promise<void> {
  const known = async (): Promise<boolean> =>
    (await from.api("GET", `/api/federation/peers/${peerId}`, Peer)).batches === batches;
  for (const deadline = Date.now() + LEARN_MS; !(await known()); await sleep(POLL_MS)) {
    if (Date.now() < deadline) continue;
    throw new Error(
      `${from.name} sends to ${to.name} ${batches ? "single events" : "batches"}, against what is measured`,
    );
  }
}
