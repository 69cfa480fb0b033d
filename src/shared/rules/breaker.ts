/** When a lane stops sending to a peer that fails, and how it finds out that the peer is back. Times: milliseconds. */
export interface BreakerPolicy {
  /** So many failures in a row open the breaker. */
  readonly failureThreshold: number;
  /** The wait before the first probe; it doubles with each probe that fails … */
  readonly probeDelayMs: number;
  /** … up to this. */
  readonly maxProbeDelayMs: number;
  /** A probe that has not answered after this time counts for nothing, and another may go. */
  readonly probeTimeoutMs: number;
}

export const DEFAULT_BREAKER_POLICY: BreakerPolicy = {
  failureThreshold: 5,
  probeDelayMs: 5_000,
  maxProbeDelayMs: 300_000,
  probeTimeoutMs: 60_000,
};

/**
 * The breaker of one lane: one peer, one direction. `closed` sends freely; `open` sends nothing; `half_open` waits for
 * the answer of the one probe it let through.
 */
export interface BreakerState {
  readonly phase: "closed" | "open" | "half_open";
  /** Failures since the last success. */
  readonly failures: number;
  /** How often it opened since the last success: the wait before a probe grows with it. */
  readonly trips: number;
  /** When this phase began. */
  readonly since: number;
  /** When the next probe may go; null when closed. */
  readonly probeAt: number | null;
  /** The failure that opened it, for people; null when closed. */
  readonly cause: string | null;
}

export type BreakerOutcome =
  | { readonly kind: "success" }
  /** `retryAfterMs`: the peer asked to be left alone so long. */
  | { readonly kind: "failure"; readonly cause: string; readonly retryAfterMs?: number | null }
  /** The lane lets a probe through; only when {@link permits} said `probe`. */
  | { readonly kind: "probe" }
  /** The peer was away, and is seen to be there again. */
  | { readonly kind: "sighted" };

/** A breaker that has seen nothing yet. */
export function closedBreaker(now: number): BreakerState {
  return { phase: "closed", failures: 0, trips: 0, since: now, probeAt: null, cause: null };
}

/** May the lane send: freely, one probe (tell the breaker so), or nothing? */
export function permits(state: BreakerState, now: number): "send" | "probe" | "wait" {
  if (state.phase === "closed") return "send";
  // A clock that was set back would make the wait as long as the step; better one probe too many.
  const due = state.probeAt === null || now >= state.probeAt || now < state.since;
  return due ? "probe" : "wait";
}

/**
 * The breaker after an outcome. Any success closes it, also one of a request that was under way when it opened: the
 * peer answers. Failures of such requests do not put off the probe.
 */
export function breaker(
  state: BreakerState,
  outcome: BreakerOutcome,
  now: number,
  policy: BreakerPolicy,
): BreakerState {
  switch (outcome.kind) {
    case "success":
      return state.phase === "closed" && state.failures === 0 ? state : closedBreaker(now);
    case "probe":
      if (permits(state, now) !== "probe") return state;
      return { ...state, phase: "half_open", since: now, probeAt: now + policy.probeTimeoutMs };
    case "sighted":
      // A probe that is under way will tell more.
      return state.phase === "open" ? { ...state, probeAt: Math.min(state.probeAt ?? now, now) } : state;
    case "failure": {
      const failures = state.failures + 1;
      if (state.phase === "open") return { ...state, failures };
      if (state.phase === "closed" && failures < policy.failureThreshold) return { ...state, failures };
      const trips = state.trips + 1;
      const probeAt = now + probeDelay(trips, outcome.retryAfterMs ?? 0, policy);
      return { phase: "open", failures, trips, since: now, probeAt, cause: outcome.cause };
    }
  }
}

function probeDelay(trips: number, retryAfterMs: number, policy: BreakerPolicy): number {
  const doubled = policy.probeDelayMs * 2 ** Math.min(trips - 1, 30);
  return Math.min(Math.max(doubled, retryAfterMs), policy.maxProbeDelayMs);
}
