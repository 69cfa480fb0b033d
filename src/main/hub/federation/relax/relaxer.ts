import type { Duplicate, Peer } from "../../model.ts";
import type { RegistryView } from "../../registry/index.ts";
import { type Arrival, recordArrivals, recordCompared } from "../../store/arrivals.ts";
import { type Database, type Queryable, sqlState } from "../../store/database.ts";
import {
  holdRevivals,
  insertEntries,
  type LockedEvent,
  lockEvents,
  type ReplacedDrop,
  relaxEntries,
  replaceCopies,
  replaceDrops,
} from "../../store/relax.ts";
import { addCounts } from "../../store/rollups.ts";
import { withRetries } from "./again.ts";
import { RelaxPlan, type ShorterCopy } from "./relax-plan.ts";
import { lockCurrentPeers, Standings } from "./standings.ts";

/** A drop by the hop limit that a shorter copy brought about, where another decision stood before. */
export interface HopLimitDrop {
  readonly event: LockedEvent;
  readonly peer: Peer;
  /** Hops of the copy that was decided about. */
  readonly hops: number;
}

export interface RelaxerOptions {
  readonly db: Database;
  readonly registry: RegistryView;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told after the commit; must not throw. */
  readonly onHopLimit: (drops: readonly HopLimitDrop[]) => void;
}

/** Bytes of a conflict's data that are kept for the screen; of larger ones only the digest is. */
const MAX_KEPT_DATA = 65_536;
const NO_PARTITION = "23514";

/**
 * Handles events that came a second time: every arrival is recorded, and a copy with fewer hops takes the place of the
 * one held, for every peer ("A shorter copy must win"; the rule itself is `relax` in shared/rules).
 *
 * Only a copy with the same data counts as the same event. What has the same id and other data is a conflict: it is
 * recorded and shown, but its chain says nothing about the way of the event that is held, and whoever can choose an id
 * could shorten another event's way with it. So it replaces nothing.
 */
export class Relaxer {
  readonly #o: RelaxerOptions;

  constructor(options: RelaxerOptions) {
    this.#o = options;
  }

  /**
   * Records further arrivals and lets shorter copies win. Their senders are to be answered after it resolves: when it
   * throws, nothing may be kept of a shorter copy, and only the sender's next try brings it back.
   * @returns the numbers of the peers for which there is new work
   * @throws the error of `pg`
   */
  async handle(duplicates: readonly Duplicate[]): Promise<readonly number[]> {
    if (duplicates.length === 0) return [];
    const arrivals = duplicates.map(toArrival);
    const shorter = new Set(await this.#record(arrivals));
    if (shorter.size === 0) return [];
    const copies = duplicates.flatMap(({ candidate }, index): ShorterCopy[] => {
      const arrival = arrivals[index];
      return arrival === undefined || !shorter.has(index) ? [] : [{ arrival, candidate }];
    });
    return this.#relax(copies.sort((a, b) => a.arrival.hops - b.arrival.hops));
  }

  async #record(arrivals: readonly Arrival[]): Promise<number[]> {
    const at = new Date(this.#o.now());
    try {
      return await recordArrivals(this.#o.db, at, arrivals);
    } catch (error) {
      // Retention has just taken the segment: the second time its events are not found, and nothing is written to it.
      if (sqlState(error) !== NO_PARTITION) throw error;
      return recordArrivals(this.#o.db, at, arrivals);
    }
  }

  async #relax(copies: readonly ShorterCopy[]): Promise<readonly number[]> {
    const { db, registry, onHopLimit } = this.#o;
    const { wake, hopLimit } = await withRetries(registry, () => db.transaction((tx) => this.#transact(tx, copies)));
    if (hopLimit.length > 0) onHopLimit(hopLimit);
    return wake;
  }

  async #transact(
    tx: Queryable,
    copies: readonly ShorterCopy[],
  ): Promise<{ wake: readonly number[]; hopLimit: readonly HopLimitDrop[] }> {
    const { registry, now } = this.#o;
    const at = new Date(now());
    // Peers, events, entries: everybody locks them in this order.
    await holdRevivals(tx);
    const peers = await lockCurrentPeers(
      tx,
      registry,
      copies.map(({ candidate }) => candidate.team),
    );
    const keys = copies.map(({ arrival }) => arrival);
    const events = new Map((await lockEvents(tx, keys)).map((event) => [event.seq, event]));
    const standings = await Standings.read(tx, peers, [...events.keys()]);

    const plan = new RelaxPlan(registry.instanceId);
    for (const copy of copies) {
      const event = events.get(copy.arrival.seq);
      if (event === undefined) continue;
      const own = peers.filter((peer) => peer.team === event.team);
      plan.add(event, copy, own, standings);
    }
    const { arrivals, updates, inserts, drops, counts } = plan;
    if (plan.copies.length > 0) await replaceCopies(tx, plan.copies);
    if (updates.length > 0) await relaxEntries(tx, updates);
    if (inserts.length > 0) await insertEntries(tx, at, inserts, false);
    const dropped = drops.length > 0 ? await replaceDrops(tx, at, drops) : [];
    if (arrivals.length > 0) await recordCompared(tx, at, arrivals);
    await addCounts(tx, at, [...counts, ...dropped.map(({ peer, reason }) => ({ peer, kind: "drop", reason, n: 1 }))]);
    return {
      wake: [...new Set([...updates, ...inserts].map((entry) => entry.peer))],
      hopLimit: dropped.flatMap((drop) => this.#hopLimitDrop(drop, events, plan)),
    };
  }

  #hopLimitDrop(drop: ReplacedDrop, events: ReadonlyMap<number, LockedEvent>, plan: RelaxPlan): HopLimitDrop[] {
    const event = events.get(drop.seq);
    const peer = this.#o.registry.peerByNo(drop.peer);
    if (drop.reason !== "hop_limit" || drop.sameReason || event === undefined || peer === undefined) return [];
    const hops = plan.copies.find(({ seq }) => seq === drop.seq)?.copy.hops ?? event.copy.hops;
    return [{ event, peer, hops }];
  }
}

function toArrival({ candidate, seq, segment, digest, heldDigest }: Duplicate): Arrival {
  const conflict = digest !== heldDigest;
  const { origin, chain, hops } = candidate.copy;
  return {
    seq,
    segment,
    kind: conflict ? "conflict" : "duplicate",
    via: candidate.via,
    hops,
    origin,
    chain,
    digest,
    data: conflict && candidate.dataBytes <= MAX_KEPT_DATA ? candidate.data : null,
  };
}
