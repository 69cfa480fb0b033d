import type { FastifyInstance } from "fastify";
import { HubError } from "./errors.ts";

/** Counts requests in windows of a fixed length, for each key. */
export class RateWindow {
  readonly #max: number;
  readonly #lengthMs: number;
  #counts = new Map<string, number>();
  #endsAt = 0;

  constructor(max: number, lengthMs: number) {
    this.#max = max;
    this.#lengthMs = lengthMs;
  }

  /**
   * @param now milliseconds since the epoch
   * @returns 0 when the request may pass, otherwise the milliseconds after which to try again
   */
  take(key: string, now: number): number {
    if (now >= this.#endsAt) {
      this.#counts = new Map();
      this.#endsAt = now + this.#lengthMs;
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count > this.#max ? this.#endsAt - now : 0;
  }
}

/** How many requests a scope takes in ten seconds: from one address, and from all together. */
export interface CallerLimits {
  readonly perAddress: number;
  readonly total: number;
}

const WINDOW_MS = 10_000;

/**
 * Bounds how often others may ask what costs this hub more than it costs them. Checked before a body is read; who asks
 * too often gets 429 and is told when to come back. Behind a proxy that is not trusted, all callers have one address.
 * @param what the requests, in the plural, for the sentence
 */
export function limitCallers(scope: FastifyInstance, what: string, limits: CallerLimits, now: () => number): void {
  const all = new RateWindow(limits.total, WINDOW_MS);
  const each = new RateWindow(limits.perAddress, WINDOW_MS);
  scope.addHook("onRequest", async (request, reply) => {
    const at = now();
    // Addresses beyond the total are not counted: a flood from many would fill the memory.
    const wait = all.take("", at) || each.take(request.ip, at);
    if (wait === 0) return;
    const seconds = Math.max(1, Math.ceil(wait / 1_000));
    const error = new HubError("rate_limited", `Too many ${what} at a time; try again in ${seconds} s.`);
    await reply
      .code(error.status)
      .header("retry-after", String(seconds))
      .send({ error: error.message, code: error.code, retry_after_secs: seconds });
  });
}
