import { decide } from "../../../../shared/rules/index.ts";
import { parseEntryId } from "../../entry-id.ts";
import { HubError } from "../../errors.ts";
import { provenanceOf } from "../../log/index.ts";
import type { Peer } from "../../model.ts";
import type { Queryable } from "../../store/database.ts";
import { readEventsBySeq } from "../../store/replay-entries.ts";
import { type KeptRequest, phasesOf, type ReplayRequest } from "./request.ts";

/** How many events are in memory at once while it is found out where they would go. */
const EVENTS_AT_ONCE = 20;

/** The production peers that this may send to, as far as the request alone tells. */
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
 * Of these peers, those that the named events go to as things stand: those with an entry to send again, or, by the
 * routing of now, those that the rules forward to. Things may move until the job runs: {@link mayReplayTo} sees to that.
 * @param hasEntries whether the replay selects entries of a peer
 */
export async function sentTo(
  db: Queryable,
  instanceId: string,
  request: ReplayRequest,
  peers: readonly Peer[],
  hasEntries: (peer: Peer) => Promise<boolean>,
): Promise<readonly Peer[]> {
  const { seqs } = request.filter;
  const phases = phasesOf(request);
  // A new event is accepted like any other, and goes wherever the rules of that moment send it.
  if (seqs === undefined || phases.includes("new_events")) return peers;
  const reached = new Set<Peer>();
  if (phases.includes("entries")) for (const peer of peers) if (await hasEntries(peer)) reached.add(peer);
  if (phases.includes("routing"))
    for (let from = 0; from < seqs.length && reached.size < peers.length; from += EVENTS_AT_ONCE) {
      const events = await readEventsBySeq(db, seqs.slice(from, from + EVENTS_AT_ONCE));
      for (const { type, dataBytes, copy } of events)
        for (const peer of peers) {
          const event = { type, dataBytes, provenance: provenanceOf(copy) };
          if (decide(event, { instanceId }, peer.policy).outcome === "forward") reached.add(peer);
        }
    }
  return peers.filter((peer) => reached.has(peer));
}

/**
 * Nothing is replayed to a production peer unless whoever asks for it names that peer.
 * @param production the peers that it goes to
 * @param confirmed the names that were given
 * @throws HubError `conflict` that names the peers
 */
export function confirmProduction(production: readonly Peer[], confirmed: readonly string[]): void {
  const missing = production.filter(({ name }) => !confirmed.includes(name));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => `"${name}"`).join(", ");
  throw new HubError(
    "conflict",
    `This would replay to production: ${names}. Name ${missing.length === 1 ? "it" : "them"} in confirm to go on.`,
    { peers: missing.map(({ name }) => name) },
  );
}

/** Whether a job may send to a peer: not to a production peer that nobody named, whatever has moved since. */
export function mayReplayTo({ production }: KeptRequest): (peer: Peer) => boolean {
  return ({ environment, id }) => environment !== "production" || production === undefined || production.includes(id);
}
