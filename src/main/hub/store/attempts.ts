import { boolArray, int4Array, int8Array, textArray } from "./binary-arrays.ts";

/** One HTTP request to a peer, and what came of it. It never holds a secret. */
export interface Attempt {
  /** A UUID of version 7: ids sort by time. */
  readonly id: string;
  readonly segment: number;
  readonly peer: number;
  /** When it began; milliseconds since the epoch. */
  readonly at: number;
  readonly durationMs: number;
  /** `delivered`, `partial` (of a batch), `retry`, `split`, `dead` or `pause`. */
  readonly outcome: string;
  /** What the outcome rests on, for counting: `http_503`, `timeout`, `redirect` … */
  readonly reason: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly batch: boolean;
  readonly entries: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly url: string;
  readonly requestHeaders: string;
  readonly requestBytes: number;
  readonly responseHeaders: string | null;
  readonly responseBody: string | null;
}

/** The columns of {@link attemptArrays}, as the alias of an unnest with `count` parameters from `$first` on. */
export function attemptUnnest(first: number): string {
  const types = "text int int bigint int text text int text bool int bigint bigint text text int text text".split(" ");
  const parameters = types.map((type, index) => `$${first + index}::${type}[]`);
  return `unnest(${parameters.join(", ")}) AS a (id, segment, peer, at, duration_us, outcome, reason, status, error,
    batch, entries, first_seq, last_seq, url, request_headers, request_bytes, response_headers, response_body)`;
}

/** Attempts as array parameters, in the order of {@link attemptUnnest}. */
export function attemptArrays(attempts: readonly Attempt[]): Buffer[] {
  return [
    textArray(attempts, (a) => a.id),
    int4Array(attempts, (a) => a.segment),
    int4Array(attempts, (a) => a.peer),
    int8Array(attempts, (a) => a.at),
    int4Array(attempts, (a) => Math.min(Math.round(a.durationMs * 1000), 2_147_483_647)),
    textArray(attempts, (a) => a.outcome),
    textArray(attempts, (a) => a.reason),
    int4Array(attempts, (a) => a.status),
    textArray(attempts, (a) => a.error),
    boolArray(attempts, (a) => a.batch),
    int4Array(attempts, (a) => a.entries),
    int8Array(attempts, (a) => a.firstSeq),
    int8Array(attempts, (a) => a.lastSeq),
    textArray(attempts, (a) => a.url),
    textArray(attempts, (a) => a.requestHeaders),
    int4Array(attempts, (a) => a.requestBytes),
    textArray(attempts, (a) => a.responseHeaders),
    textArray(attempts, (a) => a.responseBody),
  ];
}

/**
 * Writes the rows of {@link attemptUnnest} that are named `from` in the statement around it. A statement may be sent
 * again when its answer was lost, so rows that are there already are passed over.
 */
export function insertAttempts(from: string): string {
  return `
  INSERT INTO attempts (id, segment, peer, at, duration_ms, outcome, status, error, batch, entries, first_seq, last_seq,
                        url, request_headers, request_bytes, response_headers, response_body)
  SELECT id::uuid, segment, peer, to_timestamp(at / 1000.0), duration_us / 1000.0, outcome, status, error, batch, entries,
         first_seq, last_seq, url, request_headers, request_bytes, response_headers, response_body
  FROM ${from} ON CONFLICT (id, segment) DO NOTHING`;
}
