import { V7Generator } from "uuidv7";
import { type BreakerPolicy, DEFAULT_BREAKER_POLICY } from "../../../../shared/rules/index.ts";
import { entryId } from "../../entry-id.ts";
import { HubError } from "../../errors.ts";
import type { FreshEntry, LaneDoor, Peer } from "../../model.ts";
import type { RegistryView, Snapshot } from "../../registry/index.ts";
import { Database } from "../../store/database.ts";
import {
  claim,
  claimOrdered,
  type EntryKey,
  expireLeases,
  LEASE_MS,
  nextDue,
  OUTBOX_SESSION,
  renewLeases,
} from "../../store/outbox.ts";
import { peersOwed } from "../../store/outbox-depth.ts";
import {
  cancelEntry,
  cancelPeer,
  type DeadEntry,
  expireWaiting,
  retryNow,
  retryPeerNow,
} from "../../store/outbox-waiting.ts";
import { Writer } from "../../store/writer.ts";
import { Completions, type OnSettled } from "./completions.ts";
import { Connectivity } from "./connectivity.ts";
import { Lane } from "./lane.ts";
import { entryFromFresh } from "./lane-entry.ts";
import type { Announcement, Heard, LaneSnapshot, LaneStore } from "./lane-ports.ts";
import { cancelled } from "./outcomes.ts";
import type { Resolve } from "./peer-client.ts";

export interface OutboundOptions {
  readonly db: Database;
  /** This hub's number among the hubs of the database. */
  readonly hubNo: number;
  readonly registry: RegistryView;
  /** Hubs of this database that live no more. */
  readonly deadHubs: () => Promise<readonly number[]>;
  /** What requests say they come from, such as `kite-desktop/0.1.0`. */
  readonly userAgent: string;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** From 0 up to 1. */
  readonly random?: () => number;
  /** A peer has told that it takes batches, and perhaps its instance id. */
  readonly onAnnounce: (peer: number, announcement: Announcement) => void;
  /** Told of every answer of a peer, and of every lack of one. */
  readonly onHeard?: (peer: number, heard: Heard) => void;
  /** A peer answered 410: it is to be paused, with this reason. Its lane stands still already. */
  readonly onPause: (peer: number, reason: string) => void;
  /** Entries have become dead letters, and that is committed. */
  readonly onDead: (entries: readonly DeadEntry[]) => void;
  /** Told of every outcome and attempt once it is committed. */
  readonly onSettled?: OnSettled;
  /** Something failed that nobody waits for; it is tried again. */
  readonly onError: (error: unknown, doing: string) => void;
  readonly breaker?: BreakerPolicy;
  /** For connecting to a peer, and again for its answer. Milliseconds. */
  readonly timeoutMs?: number;
  /** How often the database is looked at for what nobody told of. Milliseconds. */
  readonly pollMs?: number;
  readonly resolve?: Resolve;
  readonly connectivity?: Connectivity;
}

const TIMEOUT_MS = 15_000;
const POLL_MS = 1_000;
const CLAIM_CONNECTIONS = 2;
/** Every so many polls, for it reads the whole outbox: what dead hubs held, and what is owed to peers that are gone. */
const SELDOM = 15;

/**
 * Sends what is owed to peers: a lane for each, which takes fresh entries from the log in memory (LaneDoor) and
 * everything else from the database. Several hubs may share one database; each works on what it has leased.
 */
export class OutboundFederation implements LaneDoor {
  readonly #o: OutboundOptions;
  readonly #clock: () => number;
  readonly #claims: Database;
  readonly #outcomes: Writer;
  readonly #completions: Completions;
  readonly #connectivity: Connectivity;
  readonly #ids = new V7Generator();
  readonly #lanes = new Map<number, Lane>();
  /** Lanes of deleted peers that still have something on the wire. */
  readonly #leaving = new Map<Lane, Promise<void>>();
  /** Peers whose waiting entries are to be cancelled, and why. */
  readonly #cancelling = new Map<number, string>();
  readonly #cancellations = new Map<number, Promise<number>>();
  /** Of peers that were deleted: how many entries their lanes had in memory, which they cancel themselves. */
  readonly #leftInLane = new Map<number, number>();
  #unsubscribe: (() => void) | null = null;
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | null = null;
  #polls = 0;
  #stopped = false;

  constructor(options: OutboundOptions) {
    this.#o = options;
    this.#clock = options.clock ?? Date.now;
    this.#connectivity = options.connectivity ?? new Connectivity();
    const { config } = options.db;
    const session = { ...config, options: [config.options, OUTBOX_SESSION].filter(Boolean).join(" ") };
    this.#claims = new Database(session, CLAIM_CONNECTIONS, (error) => options.onError(error, "keeping a connection"));
    this.#outcomes = new Writer(session);
    this.#completions = new Completions({
      db: this.#outcomes,
      hub: options.hubNo,
      clock: this.#clock,
      onDead: options.onDead,
      onSettled: options.onSettled ?? (() => undefined),
      onError: options.onError,
    });
  }

  /** Takes over what dead hubs have left, and begins to send. */
  async start(): Promise<void> {
    const { registry, pollMs = POLL_MS } = this.#o;
    this.#follow(registry.snapshot);
    this.#unsubscribe = registry.onChange((snapshot) => this.#follow(snapshot));
    await this.poll();
    this.#timer = setInterval(() => void this.poll(), pollMs);
  }

  /**
   * Sends nothing more. What is in flight may end within `graceMs`, then it is broken off; everything that is not
   * delivered goes back to the database, so that another hub, or this one at its next start, goes on at once.
   */
  async stop(graceMs = 5_000): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#unsubscribe?.();
    const idle = Promise.all([...[...this.#lanes.values()].map((lane) => lane.stop()), ...this.#leaving.values()]);
    const lanes = [...this.#lanes.values(), ...this.#leaving.keys()];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), graceMs);
    });
    if ((await Promise.race([idle, late])) === "late") {
      await Promise.all(lanes.map((lane) => lane.abort()));
      await idle;
    }
    clearTimeout(timer);
    await this.#polling;
    await this.#completions.flush(graceMs);
    await Promise.all(lanes.map((lane) => lane.abort()));
    await Promise.all([this.#claims.close(), this.#outcomes.close()]);
  }

  mayLease(peer: number, count: number): boolean {
    return this.#lanes.get(peer)?.mayLease(count) ?? false;
  }

  offer(peer: number, entries: readonly FreshEntry[]): void {
    const lane = this.#lanes.get(peer);
    if (lane !== undefined) {
      lane.offer(entries);
      return;
    }
    if (entries.length === 0) return;
    // The peer was deleted between the commit and now.
    const held = entries.map((entry) => entryFromFresh(entry, LEASE_MS));
    const outcomes = [cancelled(held, [], "peer_deleted")];
    this.#completions.add({ attempts: [], outcomes, written: () => undefined });
  }

  giveBack(peer: number, count: number): void {
    this.#lanes.get(peer)?.giveBack(count);
  }

  wake(peer: number): void {
    this.#lanes.get(peer)?.wake();
  }

  /** The network has changed: lanes that stand still try at once instead of waiting out their backoff. */
  hasten(): void {
    for (const lane of this.#lanes.values()) lane.hasten();
  }

  snapshot(): LaneSnapshot[] {
    return [...this.#lanes.values()].map((lane) => lane.snapshot());
  }

  /**
   * Cancels what waits for a peer, in the database and in its lane's memory. What is on the wire is cancelled too,
   * unless the peer takes it.
   * @param cause `peer_revoked`, `peer_deleted` or `cancelled`
   * @returns how many entries that were; whoever asks while it goes on gets the same answer
   */
  cancelPeer(peer: number, cause: string): Promise<number> {
    let running = this.#cancellations.get(peer);
    if (running === undefined) {
      running = this.#cancelAll(peer, cause).finally(() => this.#cancellations.delete(peer));
      this.#cancellations.set(peer, running);
    }
    return running;
  }

  async #cancelAll(peer: number, cause: string): Promise<number> {
    let total = this.#leftInLane.get(peer) ?? 0;
    this.#leftInLane.delete(peer);
    for (;;) {
      const count = await cancelPeer(this.#claims, peer, this.#clock(), cause);
      if (count === 0) return total;
      total += count;
    }
  }

  /** Makes a scheduled retry due at once. @throws HubError `not_found`, `conflict` when the entry does not wait */
  async retryNow(team: string, entry: EntryKey): Promise<void> {
    this.#mustBeOf(team, entry);
    if (!(await retryNow(this.#o.db, entry, this.#clock())))
      throw new HubError("conflict", `Entry ${entryId(entry)} does not wait: it is being sent, or finished.`);
    this.wake(entry.peer);
  }

  /** Cancels an entry that waits or is a dead letter. @throws HubError `not_found`, `conflict` when it is neither */
  async cancelEntry(team: string, entry: EntryKey): Promise<void> {
    this.#mustBeOf(team, entry);
    if (!(await cancelEntry(this.#o.db, entry, this.#clock())))
      throw new HubError("conflict", `Entry ${entryId(entry)} cannot be cancelled: it is being sent, or finished.`);
  }

  #mustBeOf(team: string, entry: EntryKey): void {
    const peer = this.#o.registry.peerByNo(entry.peer);
    if (peer !== undefined && peer.team !== team)
      throw new HubError("not_found", `There is no outbox entry ${entryId(entry)}.`);
  }

  /** Looks at the database and at the clock: due entries, leases, and what waits for its time. Never rejects. */
  poll(): Promise<void> {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = null;
    });
    return this.#polling;
  }

  async #poll(): Promise<void> {
    let due = new Map<number, number>();
    try {
      const now = this.#clock();
      await this.#renew(now);
      if (this.#polls++ % SELDOM === 0) await this.#lookAround(now);
      for (const [peer, cause] of this.#cancelling) {
        await this.cancelPeer(peer, cause);
        this.#cancelling.delete(peer);
      }
      due = await nextDue(this.#claims, [...this.#lanes.keys()]);
    } catch (error) {
      // Away from the database, lanes can still send what they have in memory.
      this.#o.onError(error, "looking after the outbox");
    }
    if (this.#stopped) return;
    for (const [no, lane] of this.#lanes) lane.tick(due.get(no) ?? null);
  }

  async #renew(now: number): Promise<void> {
    for (const [peer, lane] of this.#lanes) {
      const seqs = lane.prolong(now + LEASE_MS / 2, now + LEASE_MS).map(({ seq }) => seq);
      if (seqs.length > 0) await renewLeases(this.#claims, this.#o.hubNo, peer, seqs, now);
    }
  }

  /** Finds what dead hubs held, and what is owed to peers that are deleted or revoked. */
  async #lookAround(now: number): Promise<void> {
    const { db, hubNo, registry, deadHubs } = this.#o;
    await expireLeases(db, { own: hubNo, dead: await deadHubs(), now });
    const peers = await peersOwed(this.#claims);
    // An unknown peer may be one that another hub has just made.
    if (peers.some((peer) => !this.#lanes.has(peer))) await registry.refresh();
    for (const peer of peers) {
      if (!this.#lanes.has(peer)) this.#cancelling.set(peer, "peer_deleted");
      else if (registry.peerByNo(peer)?.status === "revoked") this.#cancelling.set(peer, "peer_revoked");
    }
  }

  /** Makes the lanes those of the registry. */
  #follow(snapshot: Snapshot): void {
    const present = new Set<number>();
    for (const peer of snapshot.peers) {
      present.add(peer.no);
      const lane = this.#lanes.get(peer.no);
      if (lane === undefined) this.#lanes.set(peer.no, this.#open(peer));
      else lane.update(peer);
      if (peer.status === "revoked") this.#cancelling.set(peer.no, "peer_revoked");
      else this.#cancelling.delete(peer.no);
    }
    for (const [no, lane] of this.#lanes) {
      if (present.has(no)) continue;
      this.#lanes.delete(no);
      this.#cancelling.set(no, "peer_deleted");
      this.#leftInLane.set(no, lane.snapshot().queued);
      this.#leaving.set(
        lane,
        lane.remove().finally(() => this.#leaving.delete(lane)),
      );
    }
  }

  #open(peer: Peer): Lane {
    const { registry, userAgent, onAnnounce, onPause, onDead, onError, resolve } = this.#o;
    return new Lane(peer, {
      instanceId: registry.instanceId,
      userAgent,
      timeoutMs: this.#o.timeoutMs ?? TIMEOUT_MS,
      clock: this.#clock,
      random: this.#o.random ?? Math.random,
      newAttemptId: () => this.#ids.generateOrResetWithTs(this.#clock()).toString(),
      store: this.#storeOf(peer.no),
      completions: this.#completions,
      connectivity: this.#connectivity,
      breaker: this.#o.breaker ?? DEFAULT_BREAKER_POLICY,
      leaseMs: LEASE_MS,
      onAnnounce: (announcement) => onAnnounce(peer.no, announcement),
      onPause: (reason) => onPause(peer.no, reason),
      onHeard: (heard) => this.#o.onHeard?.(peer.no, heard),
      onDead,
      onError,
      ...(resolve === undefined ? {} : { resolve }),
    });
  }

  #storeOf(peer: number): LaneStore {
    const { db, hubNo: hub } = this.#o;
    return {
      claim: ({ ordered, newestFirst, limit, bytes }) => {
        const request = { peer, hub, now: this.#clock(), limit, bytes, newestFirst };
        return ordered ? claimOrdered(db, request) : claim(this.#claims, request);
      },
      retryAll: async () => {
        while ((await retryPeerNow(this.#claims, peer, this.#clock())) > 0);
      },
      retryOne: async () => (await retryPeerNow(this.#claims, peer, this.#clock(), 1)) > 0,
      expire: async (queuedBefore) => {
        const entries: DeadEntry[] = [];
        for (;;) {
          const some = await expireWaiting(this.#claims, peer, this.#clock(), queuedBefore);
          if (some.length === 0) return entries;
          entries.push(...some);
        }
      },
    };
  }
}
