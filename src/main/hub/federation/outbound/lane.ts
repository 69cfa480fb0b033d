import type { FreshEntry, Peer } from "../../model.ts";
import type { ClaimedEntry } from "../../store/outbox.ts";
import type { Exchange } from "./attempt-record.ts";
import { type Judgement, judge } from "./judgement.ts";
import { LaneBacklog } from "./lane-backlog.ts";
import { entryFromClaim, entryFromFresh, type Group, type LaneEntry } from "./lane-entry.ts";
import type { Passage } from "./lane-gate.ts";
import { LaneHearing } from "./lane-hearing.ts";
import { LaneHoldings } from "./lane-holdings.ts";
import type { LaneOptions, LaneSnapshot } from "./lane-ports.ts";
import { LaneSender } from "./lane-sender.ts";
import { LaneStanding } from "./lane-standing.ts";
import { LaneWire, SINGLES } from "./lane-wire.ts";
import { cancelled, type LaneOutcome, released } from "./outcomes.ts";
import { PeerWatch } from "./peer-watch.ts";

/** Entries of one claim, and so many in memory are enough to go on without the next. */
const CLAIM_ENTRIES = 512;
const OFFLINE_MS = 5_000;

/**
 * The lane of one peer: takes entries from memory and from the database, sends them at the peer's pace, and hands on
 * what became of them. It stands still, and says why, when the peer is paused, fails or asks for time; entries in its
 * hands go back to the database then. Everything runs on events and on `tick`; a lane has no timer of its own.
 */
export class Lane {
  readonly #o: LaneOptions;
  readonly #holdings = new LaneHoldings();
  readonly #queue = this.#holdings.queue;
  readonly #sender: LaneSender;
  readonly #standing: LaneStanding;
  readonly #wire = new LaneWire();
  readonly #backlog: LaneBacklog;
  readonly #hearing: LaneHearing;
  readonly #watch: PeerWatch;
  #recoveries = 0;
  #idle: (() => void)[] = [];

  constructor(peer: Peer, options: LaneOptions) {
    this.#o = options;
    this.#standing = new LaneStanding(peer, options.breaker, options.clock());
    this.#hearing = new LaneHearing(options, this.#standing.gate, this.#standing.batches);
    this.#backlog = new LaneBacklog(options.store, options.clock, options.onError);
    this.#sender = new LaneSender(peer, { ...options, connections: SINGLES });
    this.#watch = new PeerWatch(() => this.#sender.answers());
  }

  /** See LaneDoor in model.ts. An ordered lane takes everything by way of the database, which knows the order of all hubs. */
  mayLease(count: number): boolean {
    if (this.#backlog.pending || this.#peer.ordered || this.#passage().kind !== "send") return false;
    return this.#holdings.reserve(count, this.#wire.bytes);
  }

  giveBack(count: number): void {
    this.#holdings.unreserve(count);
  }

  offer(entries: readonly FreshEntry[]): void {
    this.#holdings.unreserve(entries.length);
    for (const entry of entries) this.#queue.push(entryFromFresh(entry, this.#o.leaseMs));
    this.#pump();
  }

  /** There is work in the database. */
  wake(): void {
    this.#backlog.wake();
    this.#pump();
  }

  /** Called about every second. @param nextDue when the next entry in the database is due; null when none waits */
  tick(nextDue: number | null): void {
    this.#backlog.look(nextDue);
    this.#pump();
    const passage = this.#passage();
    if (passage.kind === "probe") this.#probe();
    else if (passage.kind === "wait" && passage.reason === "breaker_open") void this.#lookForPeer();
    // A few events do not open the breaker, and would wait for the next try of their own, minutes away.
    else if (passage.kind === "send" && this.#watch.absent && nextDue !== null) void this.#lookForPeer();
  }

  /** Sees to it that there is something to probe with. */
  #probe(): void {
    if (this.#queue.size > 0) return;
    void this.#backlog.hasten().then(() => this.#pump());
  }

  /** The network has changed: what was learned of the peer over the old one does not count. */
  hasten(): void {
    if (this.#passage().kind === "send") return;
    this.#standing.gate.hasten(this.#o.clock());
    void this.#backlog.hasten().then(() => this.#pump());
  }

  async #lookForPeer(): Promise<void> {
    if (!(await this.#watch.look(this.#o.clock()))) return;
    this.#standing.gate.sighted(this.#o.clock());
    this.#pump();
    const { kind } = this.#passage();
    if (kind === "probe") this.#probe();
    else if (kind === "send") await this.#recover();
  }

  /** Takes the peer's new settings. */
  update(peer: Peer): void {
    const mended = this.#standing.update(peer, this.#o.clock());
    this.#sender.update(peer);
    if (mended && peer.status === "active") void this.#recover();
    this.wake();
  }

  /** Entries in this lane's hands whose lease ends before the given time. They count as prolonged to `until`. */
  prolong(before: number, until: number): LaneEntry[] {
    return this.#holdings.prolong(before, until);
  }

  /** Sends nothing more and gives back what it holds. Resolves when nothing is in flight. */
  stop(): Promise<void> {
    this.#standing.stop();
    this.#pump();
    return this.#whenIdle();
  }

  /** Breaks off what is in flight. */
  abort(): Promise<void> {
    return this.#sender.abort();
  }

  /** The peer was deleted: cancels what it holds. Resolves when nothing is in flight and the connections are closed. */
  async remove(): Promise<void> {
    this.#standing.remove();
    this.#pump();
    await this.#whenIdle();
    await this.#sender.close();
  }

  snapshot(): LaneSnapshot {
    const passage = this.#passage();
    const { phase, cause } = this.#standing.gate.breaker;
    return {
      peer: this.#peer.no,
      queued: this.#queue.size,
      inFlight: this.#wire.entries,
      unwritten: this.#holdings.out - this.#wire.entries,
      breaker: phase,
      breakerCause: cause,
      waitingUntil: passage.kind === "wait" ? passage.until : null,
      waitReason: passage.kind === "wait" ? passage.reason : null,
      backlog: this.#backlog.pending,
      nextDue: this.#backlog.nextDue,
      batches: this.#batching,
      lastSuccessAt: this.#hearing.lastSuccessAt,
      lastFailureAt: this.#hearing.lastFailureAt,
    };
  }

  get #peer(): Peer {
    return this.#standing.peer;
  }

  get #batching(): boolean {
    return this.#standing.batching(this.#o.clock());
  }

  #passage(): Passage {
    return this.#standing.passage(this.#o.clock());
  }

  /** Sends what may be sent now, and fetches more. */
  #pump(): void {
    for (;;) {
      const passage = this.#passage();
      if (passage.kind === "wait") {
        this.#putBack(passage.reason);
        return;
      }
      const probe = passage.kind === "probe";
      const group = this.#wire.next(this.#queue, { probe, batching: this.#batching, ordered: this.#peer.ordered });
      if (group === null) {
        this.#fetch(probe);
        return;
      }
      if (probe) this.#standing.gate.probe(this.#o.clock());
      this.#send(group);
    }
  }

  #send(group: Group): void {
    const { letter, outcomes } = this.#sender.write(group);
    this.#holdings.keep(group);
    if (letter === null) {
      this.#write(group, [], outcomes);
      return;
    }
    const asBatch = group.entries.length > 1 || (this.#batching && group.entries[0]?.replay === false);
    const over = this.#wire.start(letter.group.entries, asBatch);
    const { mended } = this.#standing;
    this.#sender
      .send(letter)
      .then(
        (exchange) => {
          over();
          this.#answered(group, exchange, outcomes, mended === this.#standing.mended);
        },
        (error: unknown) => {
          // Its leases run out, and it is sent again.
          over();
          this.#holdings.letGo(group);
          this.#o.onError(error, "sending to a peer");
        },
      )
      .catch((error: unknown) => this.#o.onError(error, "reading a peer's answer"))
      .finally(() => {
        this.#pump();
        this.#settleIdle();
      });
  }

  /**
   * @param outcomes of entries of the group that were not sent
   * @param current the request went out with the settings of now
   */
  #answered(group: Group, exchange: Exchange, outcomes: readonly LaneOutcome[], current: boolean): void {
    const { clock, connectivity } = this.#o;
    const now = clock();
    const { failure } = exchange.answer;
    const { entries, attempts } = exchange.group;
    this.#watch.heard(failure, now);
    if (failure?.kind === "aborted" && this.#standing.leaving) {
      this.#write(group, [], [...outcomes, released(entries, attempts, null)]);
      return;
    }
    if (failure !== null && connectivity.failed(this.#sender.host, failure, now)) {
      this.#standing.gate.hold(now + OFFLINE_MS, "offline");
      this.#backlog.wake();
      this.#write(group, [], [...outcomes, released(entries, attempts, "offline")]);
      return;
    }
    if (failure === null) connectivity.succeeded(this.#sender.host);
    const { random } = this.#o;
    const judgement = judge(exchange, { now, random, policy: this.#standing.policy, ended: this.#standing.ended });
    if (current && this.#hearing.take(exchange, judgement, this.#peer.batches, now)) void this.#recover();
    this.#queue.pushAgain(judgement.again);
    this.#write(group, [judgement], [...outcomes, ...judgement.outcomes]);
    if (this.#peer.ordered && judgement.outcomes.some(({ event }) => event === "retry")) this.#putBack("ordered");
    if (judgement.exhausted) void this.#expire(now);
  }

  /** The peer is back, or somebody mended its settings: what waits for its next try need not wait any longer. */
  async #recover(): Promise<void> {
    this.#recoveries++;
    await this.#backlog.retryAll();
    this.wake();
  }

  /** An entry has used up its schedule in vain; what is as old and waits behind it would too. */
  async #expire(now: number): Promise<void> {
    const { failures, phase } = this.#standing.gate.breaker;
    const horizon = this.#standing.policy.ages.at(-1) ?? 0;
    // A peer that has not failed often since this hub started may only have seen a laptop asleep.
    if (phase === "closed" || failures < this.#standing.policy.minAttempts) return;
    const entries = await this.#backlog.expire(now - horizon);
    if (entries.length > 0) this.#o.onDead(entries);
  }

  /** Hands on what became of a group that left the queue. */
  #write(group: Group, judgements: readonly Judgement[], outcomes: readonly LaneOutcome[]): void {
    const recoveries = this.#recoveries;
    this.#o.completions.add({
      attempts: judgements.map(({ attempt }) => attempt),
      outcomes,
      written: () => {
        this.#holdings.letGo(group);
        // It failed before the peer was back, and has come to the database after what waited there was made due.
        if (recoveries !== this.#recoveries && outcomes.some(({ event }) => event === "retry")) void this.#recover();
        // The next of an ordered lane can be claimed only now.
        if (this.#peer.ordered) this.#backlog.wake();
        this.#pump();
      },
    });
  }

  /** Gives the queue back to the database, or cancels it when the peer has come to its end. */
  #putBack(reason: string): void {
    if (this.#queue.size === 0) return;
    const ended = this.#standing.ended;
    const why = reason === "stopping" ? null : reason;
    this.#backlog.wake();
    for (const group of this.#queue.drain()) {
      this.#holdings.keep(group);
      const { entries, attempts } = group;
      const outcome = ended === null ? released(entries, attempts, why) : cancelled(entries, attempts, ended);
      this.#write(group, [], [outcome]);
    }
  }

  /** Fetches entries from the database while those in memory are sent. */
  #fetch(probe: boolean): void {
    if (!this.#backlog.worthwhile || this.#queue.size >= CLAIM_ENTRIES) return;
    const { entries: room, bytes } = this.#holdings.room(this.#wire.bytes);
    const { ordered, newestFirst } = this.#peer;
    if (room <= 0 || bytes <= 0 || (ordered && !this.#holdings.empty)) return;
    const limit = probe ? 1 : Math.min(room, CLAIM_ENTRIES);
    const leasedUntil = this.#o.clock() + this.#o.leaseMs;
    void this.#backlog.claim({ ordered, newestFirst, limit, bytes }).then((entries) => {
      this.#receive(entries, leasedUntil);
      this.#pump();
      this.#settleIdle();
    });
  }

  #receive(claimed: readonly ClaimedEntry[], leasedUntil: number): void {
    for (const claim of claimed) {
      const entry = entryFromClaim(claim, leasedUntil);
      if (claim.event === null || claim.owedHops >= claim.event.copy.hops) {
        this.#queue.push(entry);
        continue;
      }
      // Read while a shorter copy was being written: the next claim sees it.
      const group = { entries: [{ ...entry, hops: claim.owedHops }], attempts: [] };
      this.#holdings.keep(group);
      this.#write(group, [], [released(group.entries, [], null)]);
    }
  }

  #whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#settleIdle();
    });
  }

  #settleIdle(): void {
    if (this.#wire.entries > 0 || this.#backlog.claiming || this.#queue.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
