import { ORPCError, ValidationError } from "@orpc/server";
import type { Logger } from "pino";
import { type ErrorCode, HubError, toHubError } from "../hub/index.ts";

type Code = "BAD_REQUEST" | "FORBIDDEN" | "NOT_FOUND" | "CONFLICT" | "UNAVAILABLE";

const CODES: Readonly<Record<ErrorCode, Code>> = {
  unavailable: "UNAVAILABLE",
  unreachable: "UNAVAILABLE",
  overloaded: "UNAVAILABLE",
  stopping: "UNAVAILABLE",
  rate_limited: "UNAVAILABLE",
  unsupported: "UNAVAILABLE",
  too_large: "BAD_REQUEST",
  bad_request: "BAD_REQUEST",
  unstorable: "BAD_REQUEST",
  unauthorized: "FORBIDDEN",
  forbidden: "FORBIDDEN",
  method_not_allowed: "NOT_FOUND",
  not_found: "NOT_FOUND",
  conflict: "CONFLICT",
  changed: "CONFLICT",
};
const STATUS: Readonly<Record<Code, number>> = {
  BAD_REQUEST: 400,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  UNAVAILABLE: 503,
};

/**
 * Whatever was thrown as an error of the contract: a sentence for the person, and nothing of our insides. What is no
 * error of the contract is a fault of ours: it is logged, and answered with a plain sentence.
 */
export function contractError(thrown: unknown, log: Logger, call: string): ORPCError<string, unknown> {
  const error = toHubError(thrown);
  if (error instanceof HubError) {
    const code = CODES[error.code];
    const { field } = error.details;
    return defined(
      code,
      error.message,
      code === "BAD_REQUEST" ? { field: typeof field === "string" ? field : null } : undefined,
    );
  }
  if (error instanceof ORPCError) {
    if (error.defined) return error;
    if (error.code === "BAD_REQUEST" && error.cause instanceof ValidationError) {
      const [issue] = error.cause.issues;
      const field = issue?.path?.map((part) => String(typeof part === "object" ? part.key : part)).join(".") ?? "";
      return defined("BAD_REQUEST", `${field === "" ? "The input" : field}: ${issue?.message ?? "is malformed"}`, {
        field: field === "" ? null : field,
      });
    }
    if (error.status < 500) return new ORPCError(error.code, { status: error.status, message: error.message });
  }
  log.error({ err: error instanceof ORPCError ? (error.cause ?? error) : error, call }, "a call of the console failed");
  return new ORPCError("INTERNAL_SERVER_ERROR", {
    message: "Something went wrong inside the hub. Its log has the details.",
  });
}

const defined = (code: Code, message: string, data: unknown): ORPCError<string, unknown> =>
  new ORPCError(code, { defined: true, status: STATUS[code], message, data });

/** A feed whose failures are errors of the contract, too. */
export async function* mappedErrors<T>(feed: AsyncIterable<T>, map: (thrown: unknown) => unknown): AsyncGenerator<T> {
  try {
    yield* feed;
  } catch (error) {
    throw map(error);
  }
}
