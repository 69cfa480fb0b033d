import { type Database, toHubError } from "../store/database.ts";
import { headSeq, oldestSeq } from "../store/event-pages.ts";
import { walkBack } from "../store/event-search.ts";
import { countPayloads, payloadsOf, purgePayloads, purgeShownAgain } from "../store/payload.ts";
import { forgetBodies } from "../store/refused-bodies.ts";
import type { EventSearches } from "./event-searches.ts";
import { refusedBodies } from "./refused-bodies.ts";

/**
 * What a purge acts on: the events that match a filter, and were received before a time where one is given; and the kept
 * bodies of refused requests of which the same can be said.
 */
export interface PurgeRequest {
  readonly filter: string;
  /** Milliseconds since the epoch. */
  readonly before: number | null;
}

export interface PurgeCount {
  readonly count: number;
  /** Entries that are owed to peers and could not be sent afterwards. */
  readonly owed: number;
  /** Refused requests whose body is kept. */
  readonly refused: number;
}

export interface PurgeProgress {
  readonly purged: number;
  /** Payloads and bodies of refused requests, both together. */
  readonly total: number;
  /** Entries that were cancelled with the cause `purged`. */
  readonly cancelled: number;
  /** Bodies of refused requests that were taken out. */
  readonly refused: number;
  readonly done: boolean;
}

/** Events of one transaction. */
const CHUNK = 500;
/** Seqs of one look for rows that show purged events again. */
const WINDOW = 20_000;

/** Takes payloads out of the database for good. The rows stay, marked, and so does the memory of their ids. */
export class Purges {
  constructor(
    private readonly db: Database,
    private readonly searches: EventSearches,
    private readonly now: () => number,
  ) {}

  /** How much a purge would take, now. @throws HubError `bad_request`, `unavailable` */
  async count(team: string, { filter, before }: PurgeRequest, signal?: AbortSignal): Promise<PurgeCount> {
    try {
      const request = await this.searches.request(team, filter, null, signal);
      const until = dateOf(before);
      const sum = { count: 0, owed: 0, refused: 0 };
      const counts = walkBack(this.db, request, async (stretch) => ({ found: await countPayloads(stretch, until) }));
      for await (const { found } of counts) {
        sum.count += found.events;
        sum.owed += found.owed;
      }
      for await (const ids of refusedBodies(this.db, request, until)) sum.refused += ids.length;
      return sum;
    } catch (error) {
      throw toHubError(error);
    }
  }

  /**
   * Purges, in steps of which each is committed: what was purged when the signal aborts, or the reader goes, stays
   * purged. What comes in meanwhile is left alone.
   * @throws HubError `bad_request`, `unavailable`; the reason of the signal
   */
  async *purge(team: string, input: PurgeRequest, signal?: AbortSignal): AsyncGenerator<PurgeProgress, void, void> {
    try {
      const head = await headSeq(this.db);
      const counted = await this.count(team, input, signal);
      const total = counted.count + counted.refused;
      const until = dateOf(input.before);
      const request = await this.searches.request(team, input.filter, head + 1, signal);
      let [purged, cancelled, refused] = [0, 0, 0];
      const progress = (done: boolean): PurgeProgress => {
        return { purged, total: Math.max(total, purged + refused), cancelled, refused, done };
      };
      const chunks = walkBack(this.db, request, async (stretch) => {
        const found = await payloadsOf(stretch, until, CHUNK);
        const last = found.at(-1);
        return { found, ...(found.length >= CHUNK && last !== undefined ? { through: last.seq } : {}) };
      });
      for await (const { found } of chunks) {
        const originals = [...new Set(found.map(({ original }) => original))];
        if (originals.length === 0) continue;
        const step = await purgePayloads(this.db, new Date(this.now()), originals);
        purged += step.events;
        cancelled += step.cancelled;
        yield progress(false);
        signal?.throwIfAborted();
      }
      purged += await this.#purgeShownAgain(head, signal);
      for await (const ids of refusedBodies(this.db, request, until)) {
        refused += await forgetBodies(this.db, ids);
        yield progress(false);
      }
      yield progress(true);
    } catch (error) {
      throw toHubError(error);
    }
  }

  async #purgeShownAgain(head: number, signal: AbortSignal | undefined): Promise<number> {
    let purged = 0;
    for (let first = await oldestSeq(this.db); first <= head; first += WINDOW) {
      signal?.throwIfAborted();
      purged += await purgeShownAgain(this.db, first, Math.min(first + WINDOW - 1, head));
    }
    return purged;
  }
}

const dateOf = (time: number | null): Date | null => (time === null ? null : new Date(time));
