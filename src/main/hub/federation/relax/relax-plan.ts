import { relax } from "../../../../shared/rules/index.ts";
import { provenanceOf } from "../../log/index.ts";
import type { Candidate, Peer } from "../../model.ts";
import type { Count } from "../../store/accept-batch.ts";
import type { Arrival } from "../../store/arrivals.ts";
import type { EntryHops, LockedEvent, NewDrop, ReplacedCopy } from "../../store/relax.ts";
import type { Standings } from "./standings.ts";

/** A copy that had fewer hops than the one held when it was looked up, and has to be compared again under the lock. */
export interface ShorterCopy {
  readonly arrival: Arrival;
  readonly candidate: Candidate;
}

/** What a transaction has to write, so that the shorter copies win. */
export class RelaxPlan {
  readonly arrivals: Arrival[] = [];
  readonly copies: ReplacedCopy[] = [];
  readonly updates: EntryHops[] = [];
  readonly inserts: EntryHops[] = [];
  readonly drops: NewDrop[] = [];
  readonly counts: Count[] = [];
  readonly #instanceId: string;

  constructor(instanceId: string) {
    this.#instanceId = instanceId;
  }

  /** Adds what one copy changes. Of several copies of one event, the shortest has to come first. */
  add(event: LockedEvent, { arrival, candidate }: ShorterCopy, peers: readonly Peer[], standings: Standings): void {
    const { seq, segment, type, dataBytes } = event;
    const routable = { type, dataBytes, provenance: provenanceOf(event.copy) };
    const relaxation = relax(
      routable,
      provenanceOf(candidate.copy),
      { instanceId: this.#instanceId },
      peers.map((peer) => standings.of(seq, peer)),
    );
    const won = relaxation.replaced && !this.copies.some((copy) => copy.seq === seq);
    this.arrivals.push({ ...arrival, kind: won ? "shorter" : "duplicate" });
    this.counts.push({ peer: arrival.via ?? 0, kind: "duplicate", reason: won ? "shorter" : "", n: 1 });
    if (!won) return;

    this.copies.push({ seq, segment, copy: candidate.copy, integrity: candidate.integrity });
    const byId = new Map(relaxation.peers.map((peer) => [peer.peerId, peer]));
    for (const { no: peer, id, revision } of peers) {
      const change = byId.get(id);
      const gen = standings.entry(seq, peer)?.gen;
      const entry = { peer, seq, segment, revision, hops: candidate.copy.hops };
      switch (change?.action) {
        case "update":
          this.updates.push({ ...entry, gen: gen ?? 0 });
          break;
        case "enqueue":
        case "succeed":
          this.inserts.push({ ...entry, gen: gen === undefined ? 0 : gen + 1 });
          this.counts.push({ peer, kind: "forward", reason: "", n: 1 });
          break;
        case "drop": {
          const { reason, evidence } = change.decision;
          this.drops.push({ seq, segment, peer, revision, reason, evidence: JSON.stringify(evidence) });
          break;
        }
      }
    }
  }
}
