import { explainPairing, type PairingOffer, type PairingState } from "../../../../shared/links/index.ts";
import type { Peer } from "../../model.ts";
import type { RegistryView } from "../../registry/index.ts";
import type { PairingRow } from "../../store/pairings.ts";
import { Party } from "./messages.ts";

/** A pairing as everyone on this side may see it. */
export interface PairingView {
  readonly id: string;
  readonly role: "maker" | "opener";
  readonly state: PairingState;
  /** What a person has to know and do now. */
  readonly sentence: string;
  readonly words: string | null;
  readonly offer: PairingOffer;
  readonly other: Party | null;
  readonly peer: Peer | null;
  /** What the test after the pairing found wrong. */
  readonly problem: string | null;
  readonly expiresAt: number;
  readonly createdAt: number;
}

/** A stored pairing without its secrets. */
export function viewPairing(row: PairingRow, registry: Pick<RegistryView, "peerByNo">): PairingView {
  const { id, role, state, words, offer, problem } = row;
  return {
    id,
    role,
    state,
    sentence: explainPairing(state, role, words),
    words,
    offer,
    other: row.other === null ? null : Party.parse(row.other),
    peer: row.peer === null ? null : (registry.peerByNo(row.peer) ?? null),
    problem,
    expiresAt: row.expires_at.getTime(),
    createdAt: row.created_at.getTime(),
  };
}
