import { createHash } from "node:crypto";
import type { Peer } from "../model.ts";

/**
 * Stands for the settings of a peer that people edit; it changes when any of them does, and not with what the hub learns or
 * with the peer's status. Whoever edits gives back the one they saw, so that nobody overwrites what another has changed.
 */
export function settingsVersion(peer: Peer): string {
  const { name, hookUrl, scopes, maxHops, maxBytes, ordered, allowPrivate, retry } = peer;
  const { environment, label, colour, receiveOnly, newestFirst, masks } = peer;
  const instanceId = peer.instanceIdFrom === "pairing" ? peer.instanceId : null;
  const limits = [maxHops, maxBytes, ordered, allowPrivate, Object.entries(retry).sort()];
  const marks = [environment, label, colour, receiveOnly, newestFirst, masks];
  const settings = JSON.stringify([name, hookUrl, scopes, ...limits, instanceId, ...marks]);
  return createHash("sha256").update(settings).digest("base64url").slice(0, 22);
}
