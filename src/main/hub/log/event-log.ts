import { HubError } from "../errors.ts";
import type {
  AcceptedRow,
  Acceptor,
  AcceptResult,
  Bytes16,
  Candidate,
  Duplicate,
  FreshEntry,
  LaneDoor,
  LogEvent,
} from "../model.ts";
import type { RegistryView } from "../registry/index.ts";
import { type DropRow, type EntryRow, insertBatch } from "../store/accept-batch.ts";
import { isUnavailable, type Queryable, sqlState, toHubError } from "../store/database.ts";
import { findKeys } from "../store/dedup.ts";
import { countsOf, toLogEvent } from "./batch-results.ts";
import { Doubt, type Reconcile } from "./doubt.ts";
import { digestOf, keyOf } from "./identity.ts";
import { Linger } from "./linger.ts";
import { type Routed, route } from "./routing.ts";
import type { SegmentKeeper } from "./segment-keeper.ts";
import type { LogTail } from "./tail.ts";

/** Events of one commit at most, and bytes of data after which a commit is not filled further. */
const BATCH_EVENTS = 256;
const BATCH_BYTES = 4 * 1024 * 1024;
/** Events that may wait for a commit; beyond that the hub says so instead of growing. */
const QUEUE_EVENTS = 20_000;
const QUEUE_BYTES = 128 * 1024 * 1024;
const UNIQUE_VIOLATION = "23505";

/** What the log tells after a commit. */
export interface LogObserver {
  committed(batch: {
    readonly events: readonly LogEvent[];
    readonly entries: readonly (EntryRow & { readonly leased: boolean })[];
    readonly drops: readonly DropRow[];
    readonly ms: number;
  }): void;
  /** Events that came again. Their callers are answered after it resolves; it names the peers to wake. */
  duplicates(duplicates: readonly Duplicate[]): Promise<readonly number[]>;
}

export interface EventLogOptions {
  readonly writer: Queryable;
  readonly registry: RegistryView;
  readonly segments: SegmentKeeper;
  readonly tail: LogTail;
  readonly lanes: LaneDoor;
  readonly observer: LogObserver;
  readonly hubNo: number;
  readonly leaseMs: number;
  /** Finds what commits left whose answer was lost; see Doubt. */
  readonly reconcile: Reconcile;
  /** True when other hub processes may share the database. */
  readonly shared: boolean;
  readonly now: () => number;
}

interface Waiting {
  readonly row: AcceptedRow;
  readonly bytes: number;
  readonly resolve: (result: AcceptResult) => void;
  readonly reject: (error: unknown) => void;
  /** Look the key up whatever the filters say: another hub may have stored it. */
  distrustFilters: boolean;
}

/**
 * The one way into the log. Callers in flight share a commit, and are answered after it: while one batch is being
 * committed, the next one gathers. When it is full before that, it is sent to stand behind the first, so that the
 * database need not wait for us; more than that would gain nothing, for the head's row lock puts commits in line.
 */
export class EventLog implements Acceptor {
  readonly #o: EventLogOptions;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #working: Promise<void> | null = null;
  #stopped = false;
  readonly #doubt: Doubt;
  readonly #linger = new Linger();
  /** The statement of the newest commit is on its way, so that what is sent now stands behind it. */
  #sent = false;
  /** Called when the next batch may be sent behind it. */
  #onFilled: (() => void) | null = null;

  constructor(options: EventLogOptions) {
    this.#o = options;
    const { reconcile, now, tail } = options;
    const rouse = (): void => {
      this.#working ??= this.#work();
    };
    this.#doubt = new Doubt(tail.seq, { reconcile, rouse, now });
  }

  /** Events that wait for a commit now. */
  get waiting(): number {
    return this.#queue.length;
  }

  accept(candidate: Candidate): Promise<AcceptResult> {
    return this.acceptFor(candidate, null);
  }

  /** Accepts an event that is for one peer alone, by its number; null: for all. */
  acceptFor(candidate: Candidate, onlyPeer: number | null): Promise<AcceptResult> {
    return this.#enqueue({
      candidate,
      key: candidate.identity === null ? null : keyOf(candidate.identity),
      digest: digestOf(candidate.data),
      replayOf: null,
      onlyPeer,
    });
  }

  acceptMany(candidates: readonly Candidate[]): Promise<AcceptResult[]> {
    return Promise.all(candidates.map((candidate) => this.accept(candidate)));
  }

  /** Shows events of the log to listeners once more, as new seqs that point to the old ones; peers get nothing. */
  async appendReplays(originals: readonly LogEvent[]): Promise<number[]> {
    const results = await Promise.all(
      originals.map((event) =>
        this.#enqueue({
          candidate: { ...event, identity: null },
          key: null,
          digest: digestOf(event.data),
          replayOf: event.replayOf ?? event.seq,
          onlyPeer: null,
        }),
      ),
    );
    return results.map((result) => result.seq);
  }

  /** Takes nothing more, and resolves when all that was taken is committed or refused. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#linger.hurry();
    this.#doubt.stop();
    while (this.#working !== null) await this.#working;
  }

  #enqueue(row: AcceptedRow): Promise<AcceptResult> {
    if (this.#stopped) return Promise.reject(new HubError("stopping"));
    const bytes = row.candidate.dataBytes + row.candidate.attrs.length + (row.candidate.headers?.length ?? 0);
    if (this.#queue.length >= QUEUE_EVENTS || this.#queuedBytes + bytes > QUEUE_BYTES)
      return Promise.reject(new HubError("overloaded", undefined, { retry_after_secs: 1 }));
    return new Promise((resolve, reject) => {
      this.#queue.push({ row, bytes, resolve, reject, distrustFilters: false });
      this.#queuedBytes += bytes;
      this.#linger.arrived();
      this.#look();
      this.#working ??= this.#work();
    });
  }

  async #work(): Promise<void> {
    // A turn of the event loop lets requests that arrived together into the same commit.
    await new Promise<void>((resolve) => setImmediate(resolve));
    let before: Promise<void> | null = null;
    do {
      const batch = this.#take();
      this.#sent = false;
      const commit = this.#commit(batch);
      await before;
      before = commit;
      if (await this.#filled(commit)) continue;
      before = null;
      if (!this.#stopped) await this.#linger.wait(batch.length, this.#queue.length);
    } while (this.#queue.length > 0);
    this.#working = null;
  }

  /** Resolves with true when a full batch may be sent behind this commit, and with false when the commit has ended. */
  async #filled(commit: Promise<void>): Promise<boolean> {
    let ended = false;
    const end = commit.then(() => {
      ended = true;
    });
    while (!ended) {
      if (this.#mayFollow()) return true;
      await Promise.race([end, new Promise<void>((resolve) => (this.#onFilled = resolve))]);
    }
    this.#onFilled = null;
    return false;
  }

  /** What an earlier commit may have left is looked for between commits only, so none follows another then. */
  #mayFollow(): boolean {
    return (this.#queue.length >= BATCH_EVENTS || this.#queuedBytes >= BATCH_BYTES) && this.#sent && this.#doubt.quiet;
  }

  /** Something has changed that may let the next commit follow. */
  #look(): void {
    if (this.#onFilled !== null && this.#mayFollow()) this.#onFilled();
  }

  /** The next batch: bounded, and without a key twice, so that the second is compared with what the first left. */
  #take(): Waiting[] {
    const keys = new Set<Bytes16>();
    let bytes = 0;
    let count = 0;
    for (const { row, bytes: more } of this.#queue) {
      if (count >= BATCH_EVENTS || (count > 0 && bytes + more > BATCH_BYTES)) break;
      if (row.key !== null) {
        if (keys.has(row.key)) break;
        keys.add(row.key);
      }
      bytes += more;
      count++;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  /** Commits a batch and answers its callers. Never throws. */
  async #commit(batch: readonly Waiting[]): Promise<void> {
    let fresh: readonly Waiting[];
    try {
      await this.#doubt.settle();
      if (batch.length === 0) return;
      await this.#o.segments.ready();
      fresh = await this.#settleKnown(batch);
    } catch (error) {
      for (const waiting of batch) waiting.reject(toHubError(error));
      return;
    }
    if (fresh.length > 0) await this.#store(fresh);
  }

  /** Stores new events; halves them when PostgreSQL refuses a row, until that row stands alone. Never throws. */
  async #store(fresh: readonly Waiting[]): Promise<void> {
    try {
      await this.#insert(fresh);
    } catch (error) {
      const [first] = fresh;
      if (sqlState(error) === UNIQUE_VIOLATION && first !== undefined && !first.distrustFilters) {
        for (const waiting of fresh) waiting.distrustFilters = true;
        await this.#commit(fresh);
      } else if (isUnavailable(error) || error instanceof HubError) {
        this.#doubt.raise();
        for (const waiting of fresh) waiting.reject(toHubError(error));
      } else if (fresh.length === 1) {
        first?.reject(new HubError("unstorable", undefined, {}, error));
      } else {
        const half = fresh.length >> 1;
        await this.#store(fresh.slice(0, half));
        await this.#store(fresh.slice(half));
      }
    }
  }

  /** Answers the callers whose event is known already, and returns those whose event is new. */
  async #settleKnown(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    const { segments, observer, lanes, writer } = this.#o;
    const pairs: { segment: number; key: Bytes16 }[] = [];
    const asked = new Map<Bytes16, Waiting>();
    for (const waiting of batch) {
      const { key } = waiting.row;
      if (key === null) continue;
      const among = waiting.distrustFilters ? segments.all() : segments.memory.candidates(key);
      if (among.length > 0) asked.set(key, waiting);
      for (const segment of among) pairs.push({ segment, key });
    }
    if (pairs.length === 0) return batch;

    const duplicates: Duplicate[] = [];
    const answers = new Map<Waiting, AcceptResult>();
    for (const { key, seq, segment, digest: heldDigest, id } of await findKeys(writer, pairs)) {
      const waiting = asked.get(key);
      if (waiting === undefined) continue;
      const { candidate, digest } = waiting.row;
      duplicates.push({ candidate, digest, seq, segment, heldDigest });
      const conflict = digest !== heldDigest;
      answers.set(waiting, { status: "duplicate", seq, id: id ?? candidate.id, conflict });
    }
    if (duplicates.length === 0) return batch;
    const wake = await observer.duplicates(duplicates);
    for (const [waiting, answer] of answers) waiting.resolve(answer);
    for (const peer of wake) lanes.wake(peer);
    return batch.filter((waiting) => !answers.has(waiting));
  }

  async #insert(fresh: readonly Waiting[]): Promise<void> {
    const { registry, segments, writer, lanes, hubNo, leaseMs, shared } = this.#o;
    const rows = fresh.map((waiting) => waiting.row);
    const routed = this.#route(fresh);
    const leases = this.#lease(routed);
    const segment = segments.current;
    for (const { key } of rows) if (key !== null) segments.memory.add(segment, key);
    const receivedAt = this.#o.now();
    const started = performance.now();
    let base: number | null = null;
    try {
      const inserting = insertBatch(writer, {
        segment,
        configRev: registry.snapshot.rev,
        receivedAt: new Date(receivedAt),
        rows,
        entries: routed.entries,
        drops: routed.drops,
        counts: countsOf(rows, routed),
        hub: hubNo,
        leaseMs,
        notify: shared,
      });
      this.#sent = true;
      this.#look();
      base = await inserting;
    } finally {
      if (base === null) for (const [peer, count] of leases) lanes.giveBack(peer, count);
    }
    if (base === null) {
      await registry.refresh();
      await segments.refresh();
      // From the start: another hub may have stored the same events before it turned to a new segment, where nothing
      // would collide with them.
      await this.#commit(fresh);
      return;
    }
    this.#answer(fresh, routed, leases, base, segment, receivedAt, performance.now() - started);
    await this.#doubt.confirmed(base, base + fresh.length);
  }

  #route(fresh: readonly Waiting[]): Routed {
    const { registry } = this.#o;
    const routed: Routed = { entries: [], drops: [] };
    fresh.forEach(({ row }, index) => {
      if (row.replayOf !== null) return;
      const all = registry.peersOf(row.candidate.team);
      const peers = row.onlyPeer === null ? all : all.filter((peer) => peer.no === row.onlyPeer);
      route(row.candidate, index + 1, registry.instanceId, peers, routed);
    });
    return routed;
  }

  /** Marks the entries that lanes can take in memory; returns how many of each peer. */
  #lease(routed: Routed): Map<number, number> {
    const perPeer = new Map<number, number>();
    for (const entry of routed.entries) perPeer.set(entry.peer, (perPeer.get(entry.peer) ?? 0) + 1);
    for (const [peer, count] of perPeer) if (!this.#o.lanes.mayLease(peer, count)) perPeer.delete(peer);
    for (const entry of routed.entries) (entry as { leased: boolean }).leased = perPeer.has(entry.peer);
    return perPeer;
  }

  #answer(
    fresh: readonly Waiting[],
    routed: Routed,
    leases: ReadonlyMap<number, number>,
    base: number,
    segment: number,
    receivedAt: number,
    ms: number,
  ): void {
    const events = fresh.map(({ row }, index) => toLogEvent(row, base + index + 1, segment, receivedAt));
    this.#o.segments.count(events.length);
    fresh.forEach((waiting, index) => {
      waiting.resolve({ status: "accepted", seq: base + index + 1, id: waiting.row.candidate.id, receivedAt });
    });
    this.#o.tail.publish(events);
    const offers = new Map<number, FreshEntry[]>();
    const wakes = new Set<number>();
    for (const { ord, peer, leased } of routed.entries) {
      const event = events[ord - 1];
      if (event === undefined) continue;
      if (!leased) {
        wakes.add(peer);
        continue;
      }
      const entry: FreshEntry = { peer, seq: event.seq, gen: 0, event, createdAt: receivedAt };
      const list = offers.get(peer);
      if (list === undefined) offers.set(peer, [entry]);
      else list.push(entry);
    }
    for (const peer of leases.keys()) this.#o.lanes.offer(peer, offers.get(peer) ?? []);
    for (const peer of wakes) this.#o.lanes.wake(peer);
    this.#o.observer.committed({ events, entries: routed.entries, drops: routed.drops, ms });
  }
}
