import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { clipped } from "../../../shared/clipped.ts";
import { ERRORS, HubError } from "../errors.ts";
import { bodyRefusal } from "../framework-refusals.ts";
import { toHubError } from "../store/database.ts";
import type { PathMethods } from "./path-methods.ts";

/** The body of every answer that is not a success. */
export const Problem = z
  .looseObject({
    error: z.string().describe("What is wrong, where, and how to mend it."),
    code: z.string().describe("The kind of error, for programs."),
  })
  .meta({ id: "Problem" });

const STREAM = /^\/+ws\/?$/;
const HOLE = /[^/]\/{2,}[^/]/;
const TAKES = { types: "application/json" };
const INTERNAL = "Something went wrong inside the hub. Its log has the details under request";

/** Turns whatever was thrown into the one shape of errors. Installed once, for every route of the server. */
export function replyWithError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toHubError(thrown);
  if (error instanceof HubError) return replyWithHubError(error, request, reply);
  const refusal = bodyRefusal(error, TAKES);
  if (refusal !== null) return reply.code(refusal.status).send(refusal.body);
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

const pathOf = (request: FastifyRequest): string => request.url.split("?", 1)[0] ?? "/";

/** Answers a path that leads nowhere, or nowhere with this method. */
export function replyNotFound(methods: PathMethods, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { method } = request;
  const path = pathOf(request);
  const known = methods.of(path);
  const missing = HOLE.test(path) ? " Two slashes count as one: is a part of the path missing between them?" : "";
  // A route that takes the method may say itself that it has nothing there.
  if (known !== null && !known.methods.includes(method)) {
    const takes = known.methods.join(", ");
    return reply
      .code(ERRORS.method_not_allowed.status)
      .header("allow", takes)
      .send({
        error: `There is no ${method} ${known.route} here: it takes ${takes}.${missing}`,
        code: "method_not_allowed",
      });
  }
  if (method === "GET" && STREAM.test(path))
    return reply.code(426).header("upgrade", "websocket").send({
      error:
        "The stream at /ws is a WebSocket, and this was a plain request. A proxy in front has to pass Upgrade and Connection on.",
      code: "bad_request",
    });
  const hint =
    path.length > 1 && path.endsWith("/")
      ? "Leave out the slash at its end; /docs lists what there is."
      : "/docs lists what there is.";
  return reply
    .code(404)
    .send({ error: `There is no ${method} ${clipped(path, 200)} here. ${hint}${missing}`, code: "not_found" });
}
