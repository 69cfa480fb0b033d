/**
 * What an attempt's answer means for the entry.
 * - `delivered`: the peer has the event
 * - `retry`: try again later
 * - `split`: the batch was refused; halve it, so that only the event at fault is refused in the end
 * - `dead`: the peer refuses this event for good
 * - `pause`: the peer is gone (410): pause it and say so; the entry stays pending
 */
export type Verdict = "delivered" | "retry" | "split" | "dead" | "pause";

/** The verdict, and what it rests on: `http_503`, `redirect`, `no_answer`, … */
export interface ResponseClass {
  readonly verdict: Verdict;
  readonly reason: string;
}

const REFUSALS: ReadonlySet<number> = new Set([400, 413, 422]);
const GONE = 410;

/**
 * Classifies the answer to one request. A redirect is never followed, and retried: whoever moved the peer may move it
 * back, or its address here may be corrected.
 *
 * @param status the HTTP status; null if there was no answer
 * @param batchSize how many events the request carried
 */
export function classifyResponse(status: number | null, batchSize = 1): ResponseClass {
  if (status === null) return { verdict: "retry", reason: "no_answer" };
  if (!Number.isInteger(status) || status < 200 || status > 599) return { verdict: "retry", reason: "not_http" };
  if (status < 300) return { verdict: "delivered", reason: `http_${status}` };
  if (status < 400) return { verdict: "retry", reason: "redirect" };
  const reason = `http_${status}`;
  if (status === GONE) return { verdict: "pause", reason };
  if (REFUSALS.has(status)) return { verdict: batchSize > 1 ? "split" : "dead", reason };
  return { verdict: "retry", reason };
}

/** Does the answer show that the peer works, even if it refused this event? Only what does not trips its breaker. */
export function showsHealth(verdict: Verdict): boolean {
  return verdict === "delivered" || verdict === "split" || verdict === "dead";
}
