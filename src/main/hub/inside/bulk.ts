import { parseEntryId } from "../entry-id.ts";
import { HubError } from "../errors.ts";
import type { Peer } from "../model.ts";
import type { RegistryView } from "../registry/index.ts";
import type { Database } from "../store/database.ts";
import { countCauses, readEntry } from "../store/ledger.ts";
import { depths } from "../store/outbox-depth.ts";
import { cancelEntry, cancelLetters, cancelPeer, retryPeerNow } from "../store/outbox-waiting.ts";
import type { EntryActions } from "./actions.ts";

/** What a bulk action is about: entries by name, or all of a state. */
export interface EntrySelection {
  readonly peerId: string | null;
  readonly state: "owed" | "pending" | "sending" | "delivered" | "dead" | "cancelled" | null;
  readonly cause: string | null;
  readonly ids: readonly string[] | null;
}

export interface BulkDeps {
  readonly db: Database;
  readonly registry: RegistryView;
  readonly actions: EntryActions;
  readonly wake: (peer: number) => void;
  /** Told of the events whose entries were changed; null: of many. */
  readonly touched: (seqs: readonly number[] | null) => void;
  readonly now: () => number;
}

/** Counted to the last one: a person is told how many before anything is done. */
const COUNT_ALL = 1_000_000_000;

/** Actions on many entries, a few thousand at a time, so that no statement holds locks for long. */
export class BulkEntries {
  readonly #o: BulkDeps;

  constructor(options: BulkDeps) {
    this.#o = options;
  }

  /** How many entries an action would touch now. @throws HubError `bad_request` for a selection that no action takes */
  async count(team: string, selection: EntrySelection): Promise<number> {
    if (selection.ids !== null) return selection.ids.length;
    const { owed, dead } = meaning(selection);
    let total = 0;
    if (owed)
      for (const depth of await depths(this.#o.db, this.#peers(team, selection), COUNT_ALL)) total += depth.owed;
    if (dead)
      for (const { cause, count } of await countCauses(this.#o.db, team, selection.peerId))
        if (selection.cause === null || selection.cause === cause) total += count;
    return total;
  }

  /** Makes due at once what waits. Dead letters are a matter of replays, unless they are named. @returns how many */
  async retry(team: string, selection: EntrySelection): Promise<number> {
    const { db, actions, now, wake } = this.#o;
    if (selection.ids !== null)
      return this.#each(team, selection.ids, async (entry) =>
        entry.state === "pending" ? actions.retryNow(team, entry) : actions.replay(team, entry),
      );
    if (!meaning(selection).owed) throw new HubError("bad_request", "Only entries that are owed can be made due.");
    let total = 0;
    for (const peer of this.#peers(team, selection)) {
      const [depth] = await depths(db, [peer], COUNT_ALL);
      for (let left = depth?.owed ?? 0; left > 0; ) {
        const count = await retryPeerNow(db, peer, now());
        if (count === 0) break;
        total += count;
        left -= count;
      }
      wake(peer);
    }
    this.#o.touched(null);
    return total;
  }

  /** Cancels what waits, and dead letters. What is being sent stays. @returns how many */
  async cancel(team: string, selection: EntrySelection): Promise<number> {
    const { db, now } = this.#o;
    if (selection.ids !== null)
      return this.#each(team, selection.ids, async (entry) => {
        if (!(await cancelEntry(db, entry, now()))) throw new HubError("conflict");
      });
    const { owed, dead } = meaning(selection);
    let total = 0;
    for (const peer of this.#peers(team, selection)) {
      const [depth] = owed ? await depths(db, [peer], COUNT_ALL) : [];
      // What comes in meanwhile was not meant.
      for (let left = depth?.owed ?? 0; left > 0; ) {
        const count = await cancelPeer(db, peer, now(), "cancelled");
        if (count === 0) break;
        total += count;
        left -= count;
      }
      if (!dead) continue;
      for (;;) {
        const count = await cancelLetters(db, peer, selection.cause, now());
        if (count === 0) break;
        total += count;
      }
    }
    this.#o.touched(null);
    return total;
  }

  /** Acts on each entry by name; those that cannot be acted on any more are left out of the count. */
  async #each(
    team: string,
    ids: readonly string[],
    act: (entry: NonNullable<Awaited<ReturnType<typeof readEntry>>>) => Promise<void>,
  ): Promise<number> {
    const done: number[] = [];
    for (const id of ids) {
      const entry = await readEntry(this.#o.db, team, parseEntryId(id));
      if (entry === null) continue;
      try {
        await act(entry);
        done.push(entry.seq);
      } catch (error) {
        if (!(error instanceof HubError) || (error.code !== "conflict" && error.code !== "not_found")) throw error;
      }
    }
    this.#o.touched(done);
    return done.length;
  }

  #peers(team: string, { peerId }: EntrySelection): number[] {
    const peers: readonly Peer[] = this.#o.registry.peersOf(team);
    return peers.filter((peer) => peerId === null || peer.id === peerId).map((peer) => peer.no);
  }
}

function meaning({ state, cause }: EntrySelection): { owed: boolean; dead: boolean } {
  if (state === "delivered" || state === "cancelled" || state === "sending")
    throw new HubError(
      "bad_request",
      `Entries that are ${state} cannot be acted on together. Choose what is owed or dead; a replay sends finished ones again.`,
    );
  // Only dead letters have a cause.
  const onlyDead = state === "dead" || cause !== null;
  return { owed: !onlyDead, dead: onlyDead || state === null };
}
