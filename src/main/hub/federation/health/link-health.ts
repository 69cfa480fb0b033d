import { clipped } from "../../../../shared/clipped.ts";
import type { LinkDirection } from "../../../../shared/links/index.ts";
import type { Count } from "../../store/accept-batch.ts";
import { type Database, isUnavailable } from "../../store/database.ts";
import { LINK_DOWN, LINK_UP, type LinkHealthChange, saveLinkHealth } from "../../store/link-health.ts";

export interface LinkHealthOptions {
  readonly db: Pick<Database, "transaction">;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  /**
   * A direction works or fails anew, for another reason, or with another clock; of one that goes on as it was, that it
   * still does, now and then. Told once it is written, at most every other second.
   */
  readonly onNews?: () => void;
}

interface Seen {
  readonly peer: number;
  readonly direction: LinkDirection;
  successAt: number | null;
  failureAt: number | null;
  failure: string | null;
  failingSince: number | null;
  clockOffsetMs: number | null;
  clockAt: number | null;
  ups: number;
  downs: number;
}

/** What was told of a direction last. */
interface Told {
  readonly failure: string | null;
  readonly clockOffsetMs: number | null;
  readonly at: number;
}

const FLUSH_MS = 2_000;
const MAX_SENTENCE = 500;
/** How old a time of the last try may get on a screen while nothing else changes. */
const STALE_MS = 10_000;
/** A clock is read off a header of whole seconds: anything less is noise. */
const CLOCK_NOISE_MS = 1_500;

/**
 * Keeps how each direction of each link fares. What is seen gathers in memory and is written every other second, one
 * row for each direction that was used: the hot paths only set a few numbers.
 */
export class LinkHealth {
  readonly #o: LinkHealthOptions;
  #seen = new Map<string, Seen>();
  readonly #told = new Map<string, Told>();
  #news = false;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #closed = false;

  constructor(options: LinkHealthOptions) {
    this.#o = options;
  }

  up(peer: number, direction: LinkDirection, clockOffsetMs: number | null = null): void {
    const seen = this.#of(peer, direction);
    const now = this.#o.now();
    seen.successAt = now;
    seen.failingSince = null;
    seen.ups++;
    if (clockOffsetMs !== null) {
      seen.clockOffsetMs = clockOffsetMs;
      seen.clockAt = now;
    }
  }

  /** @param cause one plain sentence without secrets */
  down(peer: number, direction: LinkDirection, cause: string): void {
    const seen = this.#of(peer, direction);
    const now = this.#o.now();
    seen.failureAt = now;
    seen.failure = clipped(cause, MAX_SENTENCE);
    seen.failingSince ??= now;
    seen.downs++;
  }

  /** Writes what was seen. Never rejects: what the database does not take now is written with the next. */
  flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#writing;
    await this.flush();
  }

  #of(peer: number, direction: LinkDirection): Seen {
    const key = keyOf({ peer, direction });
    let seen = this.#seen.get(key);
    if (seen === undefined) {
      seen = {
        peer,
        direction,
        successAt: null,
        failureAt: null,
        failure: null,
        failingSince: null,
        clockOffsetMs: null,
        clockAt: null,
        ups: 0,
        downs: 0,
      };
      this.#seen.set(key, seen);
    }
    if (this.#timer === null && !this.#closed) {
      this.#timer = setTimeout(() => {
        this.#timer = null;
        void this.flush().then(() => {
          if (!this.#news) return;
          this.#news = false;
          this.#o.onNews?.();
        });
      }, FLUSH_MS);
      this.#timer.unref();
    }
    return seen;
  }

  async #write(): Promise<void> {
    const seen = [...this.#seen.values()];
    if (seen.length === 0) return;
    this.#seen = new Map();
    try {
      await saveLinkHealth(this.#o.db, new Date(this.#o.now()), seen.map(toChange), seen.flatMap(toCounts));
      for (const each of seen) this.#note(each);
    } catch (error) {
      this.#o.onError(error);
      if (!isUnavailable(error)) return;
      for (const each of seen) {
        const key = keyOf(each);
        if (!this.#seen.has(key)) this.#seen.set(key, each);
      }
    }
  }

  #note(seen: Seen): void {
    const key = keyOf(seen);
    const told = this.#told.get(key);
    const now: Told = {
      failure: seen.failingSince === null ? null : seen.failure,
      clockOffsetMs: seen.clockOffsetMs ?? told?.clockOffsetMs ?? null,
      at: Math.max(seen.successAt ?? 0, seen.failureAt ?? 0),
    };
    if (told !== undefined && !differs(told, now)) return;
    this.#told.set(key, now);
    this.#news = true;
  }
}

const keyOf = ({ peer, direction }: Pick<Seen, "peer" | "direction">): string => `${peer} ${direction}`;

function differs(told: Told, now: Told): boolean {
  if (told.failure !== now.failure || now.at - told.at >= STALE_MS) return true;
  if (told.clockOffsetMs === null || now.clockOffsetMs === null) return told.clockOffsetMs !== now.clockOffsetMs;
  return Math.abs(told.clockOffsetMs - now.clockOffsetMs) > CLOCK_NOISE_MS;
}

function toChange(seen: Seen): LinkHealthChange {
  const { peer, direction, failure, clockOffsetMs } = seen;
  return {
    peer,
    direction,
    lastSuccessAt: dateOf(seen.successAt),
    lastFailureAt: dateOf(seen.failureAt),
    lastFailure: failure,
    failingSince: dateOf(seen.failingSince),
    clockOffsetMs,
    clockAt: dateOf(seen.clockAt),
  };
}

function toCounts({ peer, direction: reason, ups, downs }: Seen): Count[] {
  return [
    { peer, kind: LINK_UP, reason, n: ups },
    { peer, kind: LINK_DOWN, reason, n: downs },
  ].filter(({ n }) => n > 0);
}

const dateOf = (time: number | null): Date | null => (time === null ? null : new Date(time));
