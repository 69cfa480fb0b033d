const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** When an entry whose attempt failed is tried again, and when no more. Times are milliseconds. */
export interface RetryPolicy {
  /** The ages at which retries are due, counted from the first attempt. The last one is the horizon. */
  readonly ages: readonly number[];
  /** By how much of itself a wait may be longer or shorter: 0.2 is up to a fifth, 0.5 the most. */
  readonly jitter: number;
  /** An entry is not given up before it had this many attempts, however old it is: the hub may have been asleep. */
  readonly minAttempts: number;
  /** The longest wait that a peer may ask for with Retry-After. */
  readonly maxRetryAfterMs: number;
}

/** 5 s, 30 s, 2 min, 10 min, 30 min, hourly to 6 h, then every 2, 4 and 6 hours to 72 h: 26 attempts with the first. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  ages: [
    ...[5, 30].map((seconds) => seconds * SECOND),
    ...[2, 10, 30].map((minutes) => minutes * MINUTE),
    ...[1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 30, 36, 42, 48, 54, 60, 66, 72].map((hours) => hours * HOUR),
  ],
  jitter: 0.2,
  minAttempts: 6,
  maxRetryAfterMs: 24 * HOUR,
};

/** Why an entry waits; a screen shows it beside the countdown. */
export const WAIT_CAUSES = ["schedule", "retry_after", "breaker_open", "peer_paused", "offline", "ordered"] as const;
export type WaitCause = (typeof WAIT_CAUSES)[number];

/** What is done about a failed attempt. */
export type NextAttempt =
  | { readonly outcome: "retry"; readonly delayMs: number; readonly cause: "schedule" | "retry_after" }
  | { readonly outcome: "give_up"; readonly ageMs: number; readonly horizonMs: number; readonly attempts: number };

/** One planned attempt: its number (the first is 1), the age it is due at, and the wait before it. */
export interface PlannedAttempt {
  readonly attempt: number;
  readonly ageMs: number;
  readonly delayMs: number;
}

/** The whole schedule, for display: when attempts are made if each fails at once and nobody asks for another time. */
export function planSchedule(policy: RetryPolicy): readonly PlannedAttempt[] {
  const ages = [0, ...retryAges(policy)];
  return ages.map((ageMs, index) => ({ attempt: index + 1, ageMs, delayMs: ageMs - (ages[index - 1] ?? 0) }));
}

/**
 * The wait after a failed attempt, or the end.
 *
 * The wait is the one that the schedule has for the entry's age, or for its number of attempts if that is shorter: an
 * entry that slept with the laptop for six hours is not made to wait for an hour because of a Wi-Fi that woke up late.
 * Retry-After can only lengthen a wait.
 *
 * @param entry age: time since the first attempt, without the time in which the peer was paused; attempts: how many
 *   were made, the failed one included
 * @param rand a random number from 0 up to 1
 * @param retryAfterMs what the peer asked for; null if it asked for nothing
 */
export function nextAttempt(
  policy: RetryPolicy,
  entry: { readonly ageMs: number; readonly attempts: number },
  rand: number,
  retryAfterMs: number | null = null,
): NextAttempt {
  const ages = retryAges(policy);
  const horizonMs = ages.at(-1) ?? 0;
  const first = ages[0];
  const { ageMs, attempts } = entry;
  const old = !(ageMs < horizonMs);
  if (first === undefined || (old && !(attempts < policy.minAttempts))) {
    return { outcome: "give_up", ageMs, horizonMs, attempts };
  }

  const jitter = clamp(policy.jitter, 0, 0.5);
  const luck = clamp(rand, 0, 1);
  const passed = ages.filter((age) => age <= ageMs).length;
  const step = clamp(Math.min(passed, attempts - 1), 0, ages.length - 1);
  const planned = ((ages[step] ?? first) - (ages[step - 1] ?? 0)) * (1 + jitter * (2 * luck - 1));
  // The last attempt falls on the horizon, not beyond it; but never so close that two attempts are one.
  const wait = old ? planned : Math.max(Math.min(planned, horizonMs - ageMs), Math.min(planned, first));

  // Jitter on what the peer asked for only adds, for it asked not to be called before.
  const asked = clamp(retryAfterMs ?? 0, 0, Math.max(policy.maxRetryAfterMs, 0)) * (1 + jitter * luck);
  if (asked > wait) return { outcome: "retry", delayMs: Math.round(asked), cause: "retry_after" };
  return { outcome: "retry", delayMs: Math.round(wait), cause: "schedule" };
}

/**
 * Reads a Retry-After header: seconds, or an HTTP date, which needs the time of now (milliseconds since 1970). Null if
 * absent or unreadable; a time that has passed is 0.
 */
export function parseRetryAfter(header: string | null | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * SECOND;
  // All forms of an HTTP date begin with a day. Date.parse alone would take "-1" or "May be 5" for a date.
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return null;
  const wait = Date.parse(text) - nowMs;
  return Number.isNaN(wait) ? null : Math.max(wait, 0);
}

function retryAges(policy: RetryPolicy): readonly number[] {
  const ages = policy.ages.filter((age) => Number.isFinite(age) && age > 0);
  return [...new Set(ages)].sort((a, b) => a - b);
}

function clamp(value: number, low: number, high: number): number {
  return value > low ? Math.min(value, high) : low;
}
