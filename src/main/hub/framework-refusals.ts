import type { FastifyError } from "fastify";
import { clipped } from "../../shared/clipped.ts";
import type { ErrorCode } from "./errors.ts";

/** The longest part of a path that a route takes as a parameter, in characters. */
export const MAX_PATH_PART = 512;

/** What the routes of a scope take as a body. */
export interface BodyLimits {
  /** Content types, as they stand in a sentence. */
  readonly types: string;
  /** Bytes; absent where each route has a limit of its own. */
  readonly bytes?: number;
}

/** The answer to a request that Fastify itself refuses, before a route sees it: what is wrong, where, how to mend it. */
export interface FrameworkRefusal {
  readonly status: number;
  readonly body: { readonly error: string; readonly code: ErrorCode; readonly max_bytes?: number };
}

/** Why a path leads to no route, and not to the answer to unknown ones either. @param path as it came, without its query */
export function pathRefusal(error: FastifyError, path: string): FrameworkRefusal {
  if (error.code === "FST_ERR_MAX_PARAM_LENGTH")
    return refused(
      414,
      `path: a part of it has more than ${MAX_PATH_PART} characters; nothing here has such a long name.`,
    );
  return refused(400, undecodable(path));
}

/** Why a body was not read. @returns null for an error that is no such refusal, but a failure, or one of our own */
export function bodyRefusal(error: unknown, { types, bytes }: BodyLimits): FrameworkRefusal | null {
  if (!isRefusal(error)) return null;
  switch (error.code) {
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return refused(415, `body: must be sent with Content-Type: ${types}.`);
    case "FST_ERR_CTP_BODY_TOO_LARGE": {
      const { status, body } = refused(
        413,
        bytes === undefined
          ? "body: is larger than this route takes."
          : `body: is larger than ${bytes} bytes; send less in one request.`,
        "too_large",
      );
      return { status, body: bytes === undefined ? body : { ...body, max_bytes: bytes } };
    }
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return refused(400, "body: is not as long as Content-Length says; send as many bytes as that.");
    case "ECONNRESET":
      return refused(400, "body: broke off before its end; send it again.");
    default:
      return refused(error.statusCode, error.message);
  }
}

const refused = (status: number, error: string, code: ErrorCode = "bad_request"): FrameworkRefusal => ({
  status,
  body: { error, code },
});

function isRefusal(error: unknown): error is Error & { readonly code?: unknown; readonly statusCode: number } {
  if (!(error instanceof Error && "statusCode" in error)) return false;
  const { statusCode } = error;
  return typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
}

/** Only the escapes are shown: what else stands in a path may be a token. */
function undecodable(path: string): string {
  const escapes = (path.match(/(?:%[0-9a-f]{0,2})+/gi) ?? []).find((run) => !decodes(run)) ?? "%";
  return `path: "${clipped(escapes, 40)}" in it stands for no text. Write each byte of UTF-8 as % and two hex digits, and % itself as %25.`;
}

function decodes(run: string): boolean {
  try {
    decodeURIComponent(run);
    return true;
  } catch {
    return false;
  }
}
