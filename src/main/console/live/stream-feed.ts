import type { z } from "zod";
import type { EventRow, StreamMessage } from "../../../shared/contract/index.ts";
import type { HubInside, LogEvent } from "../../hub/index.ts";
import { EVERY_EVENT, peerRef } from "../show/rows.ts";
import type { LiveListener, LiveRows, OutcomeChange } from "./live-rows.ts";
import { Waker } from "./waker.ts";

/** Rows that may wait for one console; beyond that they are left out, and it is told. */
const MAX_ROWS = 2_000;
/** Changed outcomes that may wait; those of the oldest events go first: a console reads again what it shows. */
const MAX_OUTCOMES = 20_000;
/** Rows, or outcomes, of one message. */
const ROWS_AT_ONCE = 500;
const OUTCOMES_AT_ONCE = 2_000;
/** Rows that one who comes back is sent of what it missed. */
const CAUGHT_UP = 2_000;

export interface FeedRequest {
  readonly team: string;
  /** Where an earlier feed stood; null for a first one. */
  readonly after: number | null;
  /** Rows of the snapshot. */
  readonly snapshot: number;
  readonly signal: AbortSignal | undefined;
}

type Gap = Extract<z.infer<typeof StreamMessage>, { kind: "gap" }>;

/**
 * One console's live stream. It follows before it reads the past, up to where it began to follow: so the two join
 * without a hole, and no row comes twice. What waits is bounded, and what does not fit becomes a gap.
 */
export class StreamFeed implements LiveListener {
  readonly team: string;
  readonly #request: FeedRequest;
  readonly #inside: HubInside;
  readonly #live: LiveRows;
  readonly #waker: Waker;
  /** Every row up to here was sent, or belongs to the past that the snapshot reads. */
  #start = 0;
  #gap: Gap | null = null;
  #rows: EventRow[] = [];
  #outcomes = new Map<string, OutcomeChange>();

  constructor(inside: HubInside, live: LiveRows, request: FeedRequest) {
    this.team = request.team;
    this.#inside = inside;
    this.#live = live;
    this.#request = request;
    this.#waker = new Waker(request.signal);
  }

  push(rows: readonly EventRow[], outcomes: readonly OutcomeChange[]): void {
    for (const row of rows) if (row.seq > this.#start) this.#rows.push(row);
    if (this.#rows.length > MAX_ROWS) this.#leaveOut();
    for (const change of outcomes) this.#outcomes.set(`${change.seq}-${change.peer}`, change);
    for (const key of this.#outcomes.keys()) {
      if (this.#outcomes.size <= MAX_OUTCOMES) break;
      this.#outcomes.delete(key);
    }
    this.#waker.wake();
  }

  async *messages(): AsyncGenerator<z.infer<typeof StreamMessage>> {
    const unfollow = this.#live.follow(this);
    // In the same turn of the event loop: what the tail has published by now is the past.
    this.#start = this.#inside.tail.seq;
    try {
      yield* this.#past();
      for (;;) {
        const message = this.#next();
        if (message !== null) yield message;
        else if (!(await this.#waker.wait())) return;
      }
    } finally {
      unfollow();
      this.#waker.close();
    }
  }

  #next(): z.infer<typeof StreamMessage> | null {
    if (this.#gap !== null) {
      const gap = this.#gap;
      this.#gap = null;
      return gap;
    }
    if (this.#rows.length > 0) return { kind: "rows", rows: this.#rows.splice(0, ROWS_AT_ONCE) };
    if (this.#outcomes.size === 0) return null;
    const outcomes: OutcomeChange[] = [];
    for (const [key, change] of this.#outcomes) {
      if (outcomes.push(change) > OUTCOMES_AT_ONCE) break;
      this.#outcomes.delete(key);
    }
    return { kind: "outcomes", outcomes };
  }

  #leaveOut(): void {
    const [first] = this.#rows;
    const last = this.#rows.at(-1);
    if (first === undefined || last === undefined) return;
    this.#gap = { kind: "gap", from: this.#gap?.from ?? first.seq, to: last.seq, reason: "slow_console" };
    const { from, to } = this.#gap;
    this.#rows = [];
    // They tell of rows that are not sent.
    for (const [key, { seq }] of this.#outcomes) if (seq >= from && seq <= to) this.#outcomes.delete(key);
  }

  /** A first feed's snapshot; or, for one that comes back, what it missed. */
  async *#past(): AsyncGenerator<z.infer<typeof StreamMessage>> {
    const { ledger, registry } = this.#inside;
    const { snapshot, team } = this.#request;
    // Nobody stood there yet: the log is another one than it was.
    const after = (this.#request.after ?? 0) > this.#start ? null : this.#request.after;
    const oldest = await ledger.oldest();
    const missed = after === null ? snapshot : CAUGHT_UP;
    const events = missed === 0 || after === this.#start ? [] : await this.#newest(missed);
    const rows = await ledger.rows(after === null ? events : events.filter(({ seq }) => seq > after));
    const peers = registry.peersOf(team).map(peerRef);
    const about = { kind: "snapshot", head: this.#start, oldest, peers } as const;
    if (after === null) {
      yield { ...about, rows };
      return;
    }
    yield { ...about, rows: [] };
    if (after < oldest - 1) yield { kind: "gap", from: after + 1, to: oldest - 1, reason: "retention" };
    const [first] = rows;
    const from = Math.max(after + 1, oldest);
    if (rows.length === missed && first !== undefined && first.seq > from)
      yield { kind: "gap", from, to: first.seq - 1, reason: "reconnected" };
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
      yield { kind: "rows", rows: rows.slice(at, at + ROWS_AT_ONCE) };
  }

  /** The newest events up to where this feed began to follow, oldest first. */
  async #newest(limit: number): Promise<LogEvent[]> {
    const query = { ...EVERY_EVENT, team: this.team, before: this.#start + 1, limit };
    const { events } = await this.#inside.ledger.searchEvents(query);
    return [...events].reverse();
  }
}
