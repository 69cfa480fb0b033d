import { parseEntryId } from "../../entry-id.ts";
import { HubError } from "../../errors.ts";
import type { Peer } from "../../model.ts";
import type { ReplayRequest } from "./request.ts";

/** The production peers that this may send to, whether or not anything it finds was for them. */
export function productionPeers({ targets, filter }: ReplayRequest, peers: readonly Peer[]): readonly Peer[] {
  if (targets === "listeners") return [];
  const { peer_id, entry_ids } = filter;
  const numbers = entry_ids === undefined ? null : new Set(entry_ids.map((id) => parseEntryId(id).peer));
  return peers.filter(
    (peer) =>
      peer.environment === "production" &&
      !peer.receiveOnly &&
      peer.status !== "revoked" &&
      (peer_id === undefined || peer.id === peer_id) &&
      (numbers === null || numbers.has(peer.no)),
  );
}

/**
 * Nothing is replayed to a production peer unless whoever asks for it names that peer.
 * @param peers all of the team
 * @param confirmed the names that were given
 * @throws HubError `conflict` that names the peers
 */
export function confirmProduction(request: ReplayRequest, peers: readonly Peer[], confirmed: readonly string[]): void {
  const missing = productionPeers(request, peers).filter(({ name }) => !confirmed.includes(name));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => `"${name}"`).join(", ");
  throw new HubError(
    "conflict",
    `This would replay to production: ${names}. Name ${missing.length === 1 ? "it" : "them"} in confirm to go on.`,
    { peers: missing.map(({ name }) => name) },
  );
}
