import { decide } from "../../../../shared/rules/index.ts";
import { HubError } from "../../errors.ts";
import { provenanceOf } from "../../log/index.ts";
import type { Acceptor, Peer } from "../../model.ts";
import type { RegistryView } from "../../registry/index.ts";
import type { Database, Queryable } from "../../store/database.ts";
import { headSeq } from "../../store/event-pages.ts";
import type { EntryKey } from "../../store/outbox.ts";
import { lockEvents, lockRevivals, type NewDrop, replaceDrops, type StandingEntry } from "../../store/relax.ts";
import { findEntries, readEventsBySeq, shownSince } from "../../store/replay-entries.ts";
import { advanceJob, type JobLease, type ReplayJobRow } from "../../store/replay-jobs.ts";
import { type SelectedEvent, type Selection, selectEntries, selectEvents } from "../../store/replay-selection.ts";
import { lockCurrentPeers, Standings } from "../relax/index.ts";
import type { ReplayLog } from "./listener-replayer.ts";
import { applyMoves, type Moves, noMoves, planMove } from "./move-entries.ts";
import { newEventOf } from "./new-event.ts";
import type { Position } from "./position.ts";

/** The job was cancelled, or another hub took it over. */
export class JobLostError extends Error {
  override readonly name = "JobLostError";
}

export interface StepDeps {
  readonly db: Database;
  readonly registry: RegistryView;
  readonly log: ReplayLog;
  readonly acceptor: Acceptor;
  readonly wake: (peer: number) => void;
}

/** One step of a job: what it selects from, and from where. */
export interface StepContext {
  readonly job: ReplayJobRow;
  readonly selection: Selection;
  readonly position: Position;
  /** Says for which peers an event is decided again, by what each of them was owed of it. */
  readonly meant: (peer: Peer, entry: StandingEntry | undefined) => boolean;
  /** Says which peers may be sent anything. */
  readonly allowed: (peer: Peer) => boolean;
  readonly lease: JobLease;
}

/** Things of one step, candidates it looks at for them, and bytes of data it holds. */
const LIMIT = 500;
const WINDOW = 5_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** The steps of replay jobs. Each writes the job's new position with what it did, and returns it. */
export class ReplaySteps {
  readonly #o: StepDeps;

  constructor(deps: StepDeps) {
    this.#o = deps;
  }

  /** Sends finished entries again. */
  async entries(context: StepContext): Promise<Position> {
    const { db, registry } = this.#o;
    const { selection, position, lease } = context;
    const { items, next } = await selectEntries(db, selection, position.entry, { window: WINDOW, limit: LIMIT });
    const then = following(position, { entry: next });
    const moved = await db.transaction(async (tx) => {
      await lockRevivals(tx);
      const peers = await lockCurrentPeers(tx, registry, [selection.team]);
      const moves = noMoves();
      for (const entry of await findEntries(tx, items)) {
        // It was finished a moment ago: another replay has brought it back since.
        if (entry.state === "pending" && selection.entries === null) continue;
        const peer = peers.find(({ no }) => no === entry.peer);
        if (peer !== undefined && !context.allowed(peer)) continue;
        planMove(entry, peer, moves);
      }
      const perPeer = await applyMoves(tx, lease.now, moves);
      const done = sum(perPeer.values());
      await advance(tx, context, then, { done, skipped: items.length - done });
      return perPeer;
    });
    for (const peer of moved.keys()) this.#o.wake(peer);
    return then;
  }

  /** Decides about events again, by the settings of now. */
  async routing(context: StepContext): Promise<Position> {
    const { db, registry } = this.#o;
    const { selection, position, lease } = context;
    const { items, next } = await this.#events(context);
    const then = following(position, { seq: next });
    const moved = await db.transaction(async (tx) => {
      await lockRevivals(tx);
      const peers = (await lockCurrentPeers(tx, registry, [selection.team])).filter(context.allowed);
      const { moves, drops, routed } = await this.#decide(tx, items, peers, context.meant);
      const written = drops.length > 0 ? await replaceDrops(tx, lease.now, drops) : [];
      const counts = written.map(({ peer, reason }) => ({ peer, kind: "drop", reason, n: 1 }));
      const perPeer = await applyMoves(tx, lease.now, moves, counts);
      await advance(tx, context, then, { done: routed, skipped: items.length - routed });
      return perPeer;
    });
    for (const peer of moved.keys()) this.#o.wake(peer);
    return then;
  }

  async #decide(
    tx: Queryable,
    items: readonly SelectedEvent[],
    peers: readonly Peer[],
    meant: StepContext["meant"],
  ): Promise<{ moves: Moves; drops: NewDrop[]; routed: number }> {
    const events = await lockEvents(tx, items);
    const standings = await Standings.read(
      tx,
      peers,
      events.map((event) => event.seq),
    );
    const self = { instanceId: this.#o.registry.instanceId };
    const moves = noMoves();
    const drops: NewDrop[] = [];
    let routed = 0;
    for (const { seq, segment, type, dataBytes, copy } of events) {
      const event = { type, dataBytes, provenance: provenanceOf(copy) };
      let forwarded = false;
      for (const peer of peers) {
        const { no, policy, revision } = peer;
        const entry = standings.entry(seq, no);
        if (!meant(peer, entry)) continue;
        const decision = decide(event, self, policy);
        if (decision.outcome === "drop") {
          const evidence = JSON.stringify(decision.evidence);
          // What was forwarded then stays forwarded: only a drop takes a drop's place.
          if (entry === undefined) drops.push({ seq, segment, peer: no, revision, reason: decision.reason, evidence });
        } else if (entry === undefined) {
          moves.insert.push({ peer: no, seq, gen: 0, segment, revision, hops: copy.hops });
          forwarded = true;
        } else {
          const found = { ...entry, segment, heldHops: copy.hops, newestGen: entry.gen, dataCut: false };
          forwarded = planMove(found, peer, moves) === null || forwarded;
        }
      }
      if (forwarded) routed++;
    }
    return { moves, drops, routed };
  }

  /** Shows events to listeners again. */
  async listeners(context: StepContext): Promise<Position> {
    const { db, log } = this.#o;
    const { position } = context;
    const { items, next } = await this.#events(context);
    const then = following(position, { seq: next });
    const seqs = items.map((item) => item.seq);
    // Appending is a commit of its own. So that nothing is shown twice when this step is repeated after a crash, what
    // the log's head was is written before, and what was shown since is left out the next time.
    let shown = new Set<number>();
    if (position.head === null) {
      await advance(db, context, { ...position, head: await headSeq(db) }, { done: 0, skipped: 0 });
    } else {
      shown = await shownSince(db, seqs, position.head);
    }
    const events = await readEventsBySeq(
      db,
      seqs.filter((seq) => !shown.has(seq)),
    );
    if (events.length > 0) await log.appendReplays(events);
    const done = events.length + shown.size;
    await advance(db, context, then, { done, skipped: items.length - done });
    return then;
  }

  /** Makes new events of old ones. */
  async newEvents(context: StepContext): Promise<Position> {
    const { db, acceptor } = this.#o;
    const { job, position } = context;
    const { items, next } = await this.#events(context);
    const then = following(position, { seq: next });
    const events = await readEventsBySeq(
      db,
      items.map((item) => item.seq),
    );
    const results = await Promise.allSettled(events.map((event) => acceptor.accept(newEventOf(event, job))));
    let done = 0;
    for (const result of results) {
      if (result.status === "fulfilled") done++;
      else if (!(result.reason instanceof HubError) || result.reason.code !== "unstorable") throw result.reason;
    }
    await advance(db, context, then, { done, skipped: items.length - done });
    return then;
  }

  /** The next events of the selection, as many as memory has room for. */
  async #events({ selection, position }: StepContext): Promise<{ items: SelectedEvent[]; next: number | null }> {
    const size = { window: WINDOW, limit: LIMIT };
    const { items, next } = await selectEvents(this.#o.db, selection, position.seq ?? 0, size);
    const taken: SelectedEvent[] = [];
    let bytes = 0;
    for (const item of items) {
      bytes += item.dataBytes;
      if (taken.length > 0 && bytes > MAX_BYTES) return { items: taken, next: taken.at(-1)?.seq ?? next };
      taken.push(item);
    }
    return { items: taken, next };
  }
}

/** Where a job stands after a step: at the next one of its phase, or at the next phase when there is none. */
function following(position: Position, next: { seq?: number | null; entry?: EntryKey | null }): Position {
  const { seq = null, entry = null } = next;
  const phase = seq === null && entry === null ? position.phase + 1 : position.phase;
  return { phase, seq, entry, head: null };
}

async function advance(
  tx: Queryable,
  { job, lease }: StepContext,
  position: Position,
  progress: { readonly done: number; readonly skipped: number },
): Promise<void> {
  const written = await advanceJob(tx, { id: job.id, position: JSON.stringify(position), ...progress }, lease);
  if (!written) throw new JobLostError();
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const n of numbers) total += n;
  return total;
}
