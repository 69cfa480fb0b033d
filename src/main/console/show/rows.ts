import { z } from "zod";
import type { PeerRef } from "../../../shared/contract/index.ts";

const Chain = z.array(z.string());

/** A stored chain as a list. */
export function readChain(text: string): string[] {
  return Chain.parse(JSON.parse(text));
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
