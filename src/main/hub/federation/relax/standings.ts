import type { PeerStanding } from "../../../../shared/rules/index.ts";
import type { Peer } from "../../model.ts";
import type { RegistryView } from "../../registry/index.ts";
import type { Queryable } from "../../store/database.ts";
import { lockPeers, newestEntries, type StandingEntry } from "../../store/relax.ts";

/** The registry in memory is older than the database: read it again and start over. */
export class StaleRegistryError extends Error {
  override readonly name = "StaleRegistryError";
}

/**
 * Locks the peers of these teams as the registry knows them, until the transaction ends.
 * @throws StaleRegistryError
 */
export async function lockCurrentPeers(
  tx: Queryable,
  registry: RegistryView,
  teams: Iterable<string>,
): Promise<readonly Peer[]> {
  const names = [...new Set(teams)];
  const revisions = await lockPeers(tx, names);
  const peers = names.flatMap((team) => registry.peersOf(team));
  const current = peers.length === revisions.size && peers.every((peer) => revisions.get(peer.no) === peer.revision);
  if (!current) throw new StaleRegistryError();
  return peers;
}

/** What is or was owed of some events to some peers; what is owed is locked until the transaction ends. */
export class Standings {
  readonly #newest: ReadonlyMap<string, StandingEntry>;

  private constructor(newest: readonly StandingEntry[]) {
    this.#newest = new Map(newest.map((entry) => [nameOf(entry.seq, entry.peer), entry]));
  }

  static async read(tx: Queryable, peers: readonly Peer[], seqs: readonly number[]): Promise<Standings> {
    const numbers = peers.map((peer) => peer.no);
    return new Standings(await newestEntries(tx, numbers, seqs));
  }

  /** The newest entry; undefined if the event was never queued for the peer. */
  entry(seq: number, peer: number): StandingEntry | undefined {
    return this.#newest.get(nameOf(seq, peer));
  }

  /** As the rules read it: with the hops that the entry's copy has on the wire, one more than the copy held here. */
  of(seq: number, peer: Peer): PeerStanding {
    const entry = this.entry(seq, peer.no);
    return { peer: peer.policy, newest: entry === undefined ? null : { hops: entry.hops + 1, state: entry.state } };
  }
}

const nameOf = (seq: number, peer: number): string => `${seq}-${peer}`;
