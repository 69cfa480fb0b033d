import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { clipped } from "../../../shared/clipped.ts";
import { ERRORS, HubError } from "../errors.ts";
import { toHubError } from "../store/database.ts";

/** The body of every answer that is not a success. */
export const Problem = z
  .looseObject({
    error: z.string().describe("What is wrong, where, and how to mend it."),
    code: z.string().describe("The kind of error, for programs."),
  })
  .meta({ id: "Problem" });

const STREAM = /^\/+ws\/?$/;
const HOOK = /^\/+hooks\/+[^/]+\/+[^/]/;
const INTERNAL = "Something went wrong inside the hub. Its log has the details under request";

/** Turns whatever was thrown into the one shape of errors. Installed once, for every route of the server. */
export function replyWithError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toHubError(thrown);
  if (error instanceof HubError) return replyWithHubError(error, request, reply);
  const refusal = parserRefusal(error);
  if (refusal !== null)
    return reply.code(refusal.status).send({ error: refusal.sentence, code: refusal.code, ...refusal.details });
  request.log.error({ err: error, request: request.id }, "request failed");
  return reply.code(500).send({ error: `${INTERNAL} ${request.id}.`, code: "internal" });
}

function replyWithHubError(error: HubError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const wait = error.details["retry_after_secs"];
  if (typeof wait === "number") reply.header("retry-after", String(wait));
  else if (error.status === 503) reply.header("retry-after", "1");
  if (error.status === 401) reply.header("www-authenticate", "Bearer");
  if (ERRORS[error.code].retryable) request.log.warn({ err: error }, "request refused");
  return reply.code(error.status).send({ error: error.message, code: error.code, ...error.details });
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly sentence: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What Fastify's own body parsers refuse, in our words. */
function parserRefusal(error: unknown): Refusal | null {
  if (!isFastifyError(error)) return null;
  switch (error.code) {
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
      return { status: 400, code: "bad_request", sentence: "body: is missing; send a JSON object." };
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return { status: 415, code: "bad_request", sentence: "body: must be sent with Content-Type: application/json." };
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return { status: 413, code: "too_large", sentence: "body: is larger than this route takes." };
    default: {
      const status = error.statusCode ?? 500;
      return status >= 400 && status < 500 ? { status, code: "bad_request", sentence: error.message } : null;
    }
  }
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("FST_");
}

/** Answers a path that leads nowhere. */
export function replyNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { method } = request;
  const path = request.url.split("?", 1)[0] ?? "/";
  if (method === "GET" && STREAM.test(path))
    return reply.code(426).header("upgrade", "websocket").send({
      error:
        "The stream at /ws is a WebSocket, and this was a plain request. A proxy in front has to pass Upgrade and Connection on.",
      code: "bad_request",
    });
  const hint =
    method !== "POST" && HOOK.test(path)
      ? "Endpoints take POST."
      : path.length > 1 && path.endsWith("/")
        ? "Leave out the slash at its end; /docs lists what there is."
        : "/docs lists what there is.";
  return reply
    .code(404)
    .send({ error: `There is no ${method} ${clipped(path, 200)} here. ${hint}`, code: "not_found" });
}
