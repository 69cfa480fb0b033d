import { decide, type PeerPolicy, type Provenance, type RoutableEvent } from "../../../shared/rules/index.ts";
import type { Candidate, HeldCopy } from "../model.ts";
import { readChain } from "../read-chain.ts";
import type { DropRow, EntryRow } from "../store/accept-batch.ts";

const LOCAL: Provenance = { origin: null, chain: [], hops: 0 };

/** The provenance of a held copy as the rules read it. */
export function provenanceOf(copy: HeldCopy): Provenance {
  if (copy.hops === 0 && copy.origin === null && copy.chain === "[]") return LOCAL;
  return { origin: copy.origin, chain: readChain(copy.chain), hops: copy.hops };
}

/** The column that keeps hops. A copy with more than 64 goes nowhere, so nothing is lost by counting no further. */
const MAX_KEPT_HOPS = 32_767;

/** A provenance as it is stored. */
export function heldCopy({ origin, chain, hops }: Provenance): HeldCopy {
  return { origin, chain: JSON.stringify(chain), hops: Math.min(hops, MAX_KEPT_HOPS) };
}

/** What the rules need to know of an event on its way in. */
export function routable(candidate: Candidate): RoutableEvent {
  return { type: candidate.type, provenance: provenanceOf(candidate.copy), dataBytes: candidate.dataBytes };
}

/** A peer as routing sees it. */
export interface RoutedPeer {
  readonly no: number;
  readonly policy: PeerPolicy;
}

/** What routing decided about a batch: the rows to write. Entries are not leased yet. */
export interface Routed {
  readonly entries: (EntryRow & { leased: boolean })[];
  readonly drops: DropRow[];
}

/** Decides about one event (the `ord`-th of its batch) for every peer of its team. */
export function route(
  candidate: Candidate,
  ord: number,
  instanceId: string,
  peers: readonly RoutedPeer[],
  into: { entries: (EntryRow & { leased: boolean })[]; drops: DropRow[] },
): void {
  if (peers.length === 0) return;
  const event = routable(candidate);
  for (const peer of peers) {
    const decision = decide(event, { instanceId }, peer.policy);
    if (decision.outcome === "forward")
      into.entries.push({
        ord,
        peer: peer.no,
        revision: peer.policy.revision,
        hops: candidate.copy.hops,
        leased: false,
      });
    else
      into.drops.push({
        ord,
        peer: peer.no,
        revision: peer.policy.revision,
        reason: decision.reason,
        evidence: JSON.stringify(decision.evidence),
      });
  }
}
