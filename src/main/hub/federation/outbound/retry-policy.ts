import { z } from "zod";
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from "../../../../shared/rules/index.ts";

const Overrides = z.object({
  ages: z.array(z.number().positive()).min(1).optional(),
  jitter: z.number().min(0).max(1).optional(),
  minAttempts: z.int().min(1).optional(),
  maxRetryAfterMs: z.number().min(0).optional(),
});

/** The retry policy of a peer: the default, with the peer's own settings laid over it as far as they can be read. */
export function retryPolicyOf(peer: { readonly retry: Readonly<Record<string, unknown>> }): RetryPolicy {
  const read = Overrides.safeParse(peer.retry);
  if (!read.success) return DEFAULT_RETRY_POLICY;
  const { ages, jitter, minAttempts, maxRetryAfterMs } = read.data;
  return {
    ages: ages ?? DEFAULT_RETRY_POLICY.ages,
    jitter: jitter ?? DEFAULT_RETRY_POLICY.jitter,
    minAttempts: minAttempts ?? DEFAULT_RETRY_POLICY.minAttempts,
    maxRetryAfterMs: maxRetryAfterMs ?? DEFAULT_RETRY_POLICY.maxRetryAfterMs,
  };
}
