import type { EventRow, Outcome, PeerRef } from "../../../shared/contract/index.ts";
import { eventRow, type HubInside, type LogEvent } from "../../hub/index.ts";

/** Events as rows, with what stands of each at every peer: one query for all. */
export async function rowsOf(
  { ledger, registry }: Pick<HubInside, "ledger" | "registry">,
  team: string,
  events: readonly LogEvent[],
): Promise<EventRow[]> {
  const peers = registry.peersOf(team).map((peer) => peer.no);
  const found = await ledger.outcomes(
    peers,
    events.map((event) => event.seq),
  );
  const bySeq = new Map<number, Outcome[]>();
  for (const { seq, ...outcome } of found) {
    const list = bySeq.get(seq);
    if (list === undefined) bySeq.set(seq, [outcome]);
    else list.push(outcome);
  }
  return events.map((event) => eventRow(event, bySeq.get(event.seq) ?? []));
}

export function peerRef(peer: { readonly no: number; readonly id: string; readonly name: string }): PeerRef {
  return { no: peer.no, id: peer.id, name: peer.name };
}

/** A query for events that asks for nothing in particular. */
export const EVERY_EVENT = {
  id: null,
  source: null,
  type: null,
  hook: null,
  agentTo: null,
  peerId: null,
  since: null,
  until: null,
} as const;
