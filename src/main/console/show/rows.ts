import type { PeerRef } from "../../../shared/contract/index.ts";

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
