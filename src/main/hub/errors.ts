/**
 * Every error a caller of the hub can meet, in one table: its HTTP status, whether trying again can help, and the
 * sentence that says what is wrong and how to mend it. Reasons for which an event is dropped are not errors; they are
 * in shared/rules.
 */
export const ERRORS = {
  unavailable: { status: 503, retryable: true, message: "The database cannot commit right now; try again shortly." },
  overloaded: {
    status: 503,
    retryable: true,
    message: "Too many events are waiting to be committed; try again shortly.",
  },
  stopping: { status: 503, retryable: true, message: "The hub is stopping; try again when it is back." },
  rate_limited: { status: 429, retryable: true, message: "rate limit exceeded" },
  too_large: { status: 413, retryable: false, message: "The body is larger than 262144 bytes." },
  bad_request: { status: 400, retryable: false, message: "The request is malformed." },
  unauthorized: { status: 401, retryable: false, message: "The token is missing or wrong." },
  forbidden: { status: 403, retryable: false, message: "This key may not do that." },
  unreachable: { status: 502, retryable: true, message: "The other side cannot be reached." },
  method_not_allowed: { status: 405, retryable: false, message: "This path takes other methods." },
  not_found: { status: 404, retryable: false, message: "There is nothing here by that name." },
  conflict: { status: 409, retryable: false, message: "That is not possible in the present state." },
  changed: {
    status: 412,
    retryable: false,
    message: "It was changed meanwhile by somebody else: read it again, and repeat your change on top of that.",
  },
  unsupported: { status: 501, retryable: false, message: "This hub does not offer that." },
  unstorable: { status: 400, retryable: false, message: "The database refused this event's content." },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** An error with a code of the table, a sentence for the person who reads it, and facts for programs. */
export class HubError extends Error {
  readonly code: ErrorCode;
  /** Members added to the JSON body next to `error`, such as `max_bytes`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message?: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message ?? ERRORS[code].message, cause === undefined ? undefined : { cause });
    this.name = "HubError";
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}
