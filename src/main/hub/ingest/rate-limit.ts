import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { HubError } from "../errors.ts";

const WINDOW_MS = 1_000;

/** Limits what is posted to endpoints, a team alone and all together, in requests a second; 0 is no limit. */
export async function limitRates(
  scope: FastifyInstance,
  limits: { readonly teamRateLimit: number; readonly globalRateLimit: number },
): Promise<void> {
  const refuse = (_request: FastifyRequest, { ttl }: { ttl: number }): HubError =>
    new HubError("rate_limited", undefined, { retry_after_secs: Math.max(1, Math.ceil(ttl / 1000)) });
  const register = (max: number, keyGenerator: (request: FastifyRequest) => string): PromiseLike<unknown> =>
    scope.register(rateLimit, { max, timeWindow: WINDOW_MS, keyGenerator, errorResponseBuilder: refuse });
  if (limits.globalRateLimit > 0) await register(limits.globalRateLimit, () => "all");
  if (limits.teamRateLimit > 0)
    await register(limits.teamRateLimit, (request) => String((request.params as { team?: string }).team));
}
