import { z } from "zod";
import { ERRORS, HubError } from "../../errors.ts";
import type { Acceptor, LogEvent } from "../../model.ts";
import type { RegistryView } from "../../registry/index.ts";
import type { DropRow } from "../../store/accept-batch.ts";
import type { DeadEntry } from "../../store/outbox-waiting.ts";
import type { HopLimitDrop } from "../relax/index.ts";
import { type DeliveryFailure, deliveryFailedEvent } from "./failure.ts";

/** Calls back once after a time (milliseconds). Returns what prevents it. */
export type Timer = (callback: () => void, ms: number) => () => void;

export interface DeliveryFailedOptions {
  readonly acceptor: Acceptor;
  readonly registry: RegistryView;
  /** The URL of this instance: the source of the events. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly timer?: Timer;
  /** Told when an event could not be written for good; the ledger has the failure all the same. */
  readonly onError: (error: unknown) => void;
}

/** In a window, so many failures of one kind at one peer get an event each; the others share one. */
const SINGLE_IN_WINDOW = 10;
const WINDOW_MS = 1_000;

interface Window {
  singles: number;
  /** Failures that wait for the end of the window, and the last of them. */
  waiting: number;
  last: DeliveryFailure;
}

/**
 * Tells this instance's listeners, by an event of its own, what could not be delivered: drops by the hop limit, and
 * dead letters. A flood of one kind at one peer becomes one event a second with a count: the ledger is complete, the
 * stream stays calm.
 */
export class DeliveryFailed {
  readonly #o: DeliveryFailedOptions;
  readonly #windows = new Map<string, Window>();
  readonly #writing = new Set<Promise<void>>();
  #cancelTimer: (() => void) | null = null;
  #closed = false;

  constructor(options: DeliveryFailedOptions) {
    this.#o = options;
  }

  /** Reports the hop-limit drops of a batch that was committed; other drops are left alone. */
  dropped(events: readonly LogEvent[], drops: readonly DropRow[]): void {
    for (const { ord, peer: no, reason, evidence } of drops) {
      if (reason !== "hop_limit") continue;
      const event = events[ord - 1];
      const peer = this.#o.registry.peerByNo(no);
      if (event === undefined || peer === undefined) continue;
      const { hops, limit: maxHops } = HopEvidence.parse(JSON.parse(evidence));
      this.report({ team: event.team, event, peer, reason, hops, maxHops, attempts: 0, lastError: null });
    }
  }

  /** Reports the hop-limit drops that a shorter copy brought about. */
  relaxed(drops: readonly HopLimitDrop[]): void {
    for (const { event, peer, hops } of drops) {
      const { team } = event;
      const { maxHops } = peer;
      this.report({ team, event, peer, reason: "hop_limit", hops, maxHops, attempts: 0, lastError: null });
    }
  }

  /** Reports dead letters. */
  dead(entries: readonly DeadEntry[]): void {
    for (const { peer: no, event, cause: reason, hops, tries: attempts, lastError } of entries) {
      const peer = this.#o.registry.peerByNo(no);
      if (event === null || peer === undefined) continue;
      this.report({ team: event.team, event, peer, reason, hops, maxHops: peer.maxHops, attempts, lastError });
    }
  }

  /** Reports one failure. Returns at once and never throws. */
  report(failure: DeliveryFailure): void {
    if (this.#closed) return;
    const window = this.#window(failure);
    if (window.singles < SINGLE_IN_WINDOW) {
      window.singles++;
      this.#write(failure, 1);
    } else {
      window.waiting++;
      window.last = failure;
    }
  }

  /** Writes what waits and takes nothing more. Belongs before the acceptor's end. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#endWindows();
    await Promise.all(this.#writing);
  }

  #window(failure: DeliveryFailure): Window {
    const key = JSON.stringify([failure.peer.id, failure.reason]);
    let window = this.#windows.get(key);
    if (window === undefined) {
      window = { singles: 0, waiting: 0, last: failure };
      this.#windows.set(key, window);
      this.#cancelTimer ??= (this.#o.timer ?? unrefTimer)(() => this.#tick(), WINDOW_MS);
    }
    return window;
  }

  #tick(): void {
    this.#cancelTimer = null;
    this.#endWindows();
  }

  #endWindows(): void {
    const ended = [...this.#windows.values()];
    this.#windows.clear();
    for (const { waiting, last } of ended) if (waiting > 0) this.#write(last, waiting);
  }

  #write(failure: DeliveryFailure, count: number): void {
    const { acceptor, source, now, onError } = this.#o;
    const writing = acceptor
      .accept(deliveryFailedEvent(failure, count, source, now()))
      .then(
        () => undefined,
        (error: unknown) => {
          if (this.#closed || !mayPass(error)) return onError(error);
          // It joins those that wait, and is tried again with them.
          const window = this.#window(failure);
          window.waiting += count;
          window.last = failure;
        },
      )
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof HubError && ERRORS[error.code].retryable;
}

const HopEvidence = z.object({ hops: z.number(), limit: z.number() });

const unrefTimer: Timer = (callback, ms) => {
  const timer = setTimeout(callback, ms);
  timer.unref();
  return () => clearTimeout(timer);
};
