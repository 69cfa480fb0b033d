import type { FastifyInstance } from "fastify";
import { HubError } from "../errors.ts";
import { RateWindow } from "../rate-window.ts";
import type { Refusal } from "./receive.ts";

const WINDOW_MS = 1_000;
/** Refused before it is read. */
const NO_BODY = Buffer.alloc(0);

/**
 * Limits what is posted to endpoints, a team alone and all together, in requests a second; 0 is no limit. Checked
 * before a body is read. (@fastify/rate-limit counts requests that arrive in one turn of the event loop in one shared
 * object, and then refuses all of them.)
 */
export function limitRates(
  scope: FastifyInstance,
  limits: {
    readonly teamRateLimit: number;
    readonly globalRateLimit: number;
    readonly now: () => number;
    /** Told of every refusal; must not throw. */
    readonly onRefusal: (refusal: Refusal) => void;
  },
): void {
  if (limits.teamRateLimit === 0 && limits.globalRateLimit === 0) return;
  const team = new RateWindow(limits.teamRateLimit, WINDOW_MS);
  const all = new RateWindow(limits.globalRateLimit, WINDOW_MS);
  scope.addHook<{ Params: { team?: string; source?: string } }>("onRequest", async (request) => {
    const now = limits.now();
    const waits = [
      limits.teamRateLimit === 0 ? 0 : team.take(request.params.team ?? "", now),
      limits.globalRateLimit === 0 ? 0 : all.take("", now),
    ];
    const wait = Math.max(...waits);
    if (wait === 0) return;
    const { team: name = "", source = "" } = request.params;
    const limit = waits[0] === wait ? limits.teamRateLimit : limits.globalRateLimit;
    limits.onRefusal({
      request: { team: name, source, token: null, target: "", headers: request.headers, body: NO_BODY },
      reason: "rate_limited",
      event: null,
      evidence: { limit },
      unread: true,
    });
    throw new HubError("rate_limited", undefined, { retry_after_secs: Math.max(1, Math.ceil(wait / 1000)) });
  });
}
