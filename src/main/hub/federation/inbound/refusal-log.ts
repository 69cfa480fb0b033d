import { uuidv7 } from "uuidv7";
import { clipped } from "../../../../shared/clipped.ts";
import type { Evidence } from "../../../../shared/rules/index.ts";
import { isUnavailable, type Queryable } from "../../store/database.ts";
import { insertRefusals, type RefusalRow } from "../../store/refusals.ts";

/** A refusal as it is reported. Nothing in it may be a secret. */
export interface Refusal {
  /** Null for a team that is unknown here. */
  readonly team: string | null;
  readonly route: string;
  readonly reason: string;
  readonly peer: number | null;
  readonly eventId?: string | null;
  readonly eventSource?: string | null;
  readonly eventType?: string | null;
  readonly evidence: Evidence;
  /** The source of the endpoint that the request was for, when there is one. */
  readonly hook?: string | null;
  /** The request's headers, secrets masked already. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What may be kept of the request's body. */
  readonly body?: Buffer | null;
  readonly bodyBytes?: number;
}

/** Where refusals are reported; returns at once and never throws. */
export interface RefusalSink {
  record(refusal: Refusal): void;
}

export interface RefusalLogOptions {
  readonly db: Queryable;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newId?: () => string;
  /** Told when refusals could not be written; they are kept and written later. */
  readonly onError: (error: unknown) => void;
  /** Told when refusals were written. */
  readonly onWritten?: () => void;
}

/** Of one kind of refusal (team, peer, endpoint, reason), so many are kept in full in a window; the rest become a count. */
const KEPT_IN_WINDOW = 20;
const WINDOW_MS = 10_000;
const FLUSH_MS = 500;
/** Rows that may wait for the database. */
const MAX_WAITING = 2_000;
const MAX_TEXT = 512;

interface Window {
  readonly endsAt: number;
  kept: number;
  last: Refusal;
  uncounted: number;
}

/**
 * Keeps what was refused, so that "why did it not arrive" has an answer on this side too. Written in groups, and
 * bounded: a flood of one kind becomes one row with a count, while the rollups stay exact.
 */
export class RefusalLog implements RefusalSink {
  readonly #o: RefusalLogOptions;
  readonly #windows = new Map<string, Window>();
  readonly #counts = new Map<string, { minute: Date; peer: number; reason: string; n: number }>();
  #waiting: RefusalRow[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #closed = false;

  constructor(options: RefusalLogOptions) {
    this.#o = options;
  }

  record(refusal: Refusal): void {
    const now = this.#o.now();
    this.#count(refusal, now);
    const key = JSON.stringify([refusal.team, refusal.peer, refusal.hook, refusal.reason]);
    let window = this.#windows.get(key);
    if (window === undefined) {
      window = { endsAt: now + WINDOW_MS, kept: 0, last: refusal, uncounted: 0 };
      this.#windows.set(key, window);
    }
    if (window.kept < KEPT_IN_WINDOW && this.#waiting.length < MAX_WAITING) {
      window.kept++;
      this.#waiting.push(this.#row(refusal, now, 1));
    } else {
      window.last = refusal;
      window.uncounted++;
    }
    this.#schedule();
  }

  /** Writes what waits. Rows that the database does not take now stay for the next time. */
  flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  /** Writes what waits, with the windows that are still open, and takes nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#writing;
    this.#endWindows(Number.POSITIVE_INFINITY);
    await this.flush();
  }

  async #write(): Promise<void> {
    this.#endWindows(this.#o.now());
    const rows = this.#waiting;
    const counts = [...this.#counts.entries()];
    if (rows.length === 0 && counts.length === 0) return;
    this.#waiting = [];
    this.#counts.clear();
    try {
      await insertRefusals(
        this.#o.db,
        rows,
        counts.map(([, count]) => count),
      );
      this.#o.onWritten?.();
    } catch (error) {
      this.#o.onError(error);
      // What the database refuses for good must not stand in the way of what comes after it.
      if (!isUnavailable(error)) return;
      this.#waiting = [...rows, ...this.#waiting];
      for (const [key, { n, ...count }] of counts) {
        const since = this.#counts.get(key);
        this.#counts.set(key, { ...count, n: n + (since?.n ?? 0) });
      }
    }
  }

  #endWindows(now: number): void {
    for (const [key, window] of this.#windows) {
      if (window.endsAt > now) continue;
      // While the database is away, a flood stays a number instead of becoming rows.
      if (window.uncounted > 0 && this.#waiting.length >= MAX_WAITING) continue;
      this.#windows.delete(key);
      if (window.uncounted > 0) this.#waiting.push(this.#row(window.last, this.#o.now(), window.uncounted));
    }
  }

  #count(refusal: Refusal, now: number): void {
    const minute = Math.floor(now / 60_000) * 60_000;
    const peer = refusal.peer ?? 0;
    const key = JSON.stringify([minute, peer, refusal.reason]);
    const count = this.#counts.get(key);
    if (count === undefined) this.#counts.set(key, { minute: new Date(minute), peer, reason: refusal.reason, n: 1 });
    else count.n++;
  }

  #row(refusal: Refusal, now: number, count: number): RefusalRow {
    const evidence = Object.fromEntries(Object.entries(refusal.evidence).map(([name, value]) => [name, clip(value)]));
    return {
      id: (this.#o.newId ?? uuidv7)(),
      at: new Date(now),
      team: refusal.team,
      route: clean(refusal.route),
      reason: refusal.reason,
      peer: refusal.peer,
      eventId: clean(refusal.eventId ?? null),
      eventSource: clean(refusal.eventSource ?? null),
      eventType: clean(refusal.eventType ?? null),
      evidence: JSON.stringify(count > 1 ? { ...evidence, count } : evidence),
      hook: refusal.hook ?? null,
      headers: refusal.headers === undefined ? null : JSON.stringify(clipAll(refusal.headers)),
      body: refusal.body ?? null,
      bodyBytes: refusal.bodyBytes ?? null,
    };
  }

  #schedule(): void {
    if (this.#timer !== null || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.flush().then(() => {
        if (this.#windows.size > 0 || this.#waiting.length > 0) this.#schedule();
      });
    }, FLUSH_MS);
    this.#timer.unref();
  }
}

function clipAll(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [clean(name), clean(value)]));
}

function clip(value: Evidence[string]): unknown {
  if (typeof value === "string") return clean(value);
  return value !== null && typeof value === "object" ? value.slice(0, 64).map((text) => clean(text)) : value;
}

/** What callers send ends up in the database and on screens: cut, and without what either chokes on. */
function clean<T extends string | null>(text: T): T | string {
  if (text === null) return text;
  return clipped(text, MAX_TEXT).replace(/[\p{Cc}]/gu, "\uFFFD");
}
