import { type RequestListener, STATUS_CODES } from "node:http";
import { createServer as createSecureServer, Server as SecureServer } from "node:https";
import type { Socket } from "node:net";
import type {} from "@fastify/swagger";
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { HubError } from "./errors.ts";
import { bodyRefusal, MAX_PATH_PART, pathRefusal } from "./framework-refusals.ts";
import { MAX_BODY_BYTES, TAKEN_TYPES } from "./ingest/index.ts";
import type { TlsPair } from "./tls-files.ts";

/** Headers of one request, all together: enough for every provider, too few to be a weapon. */
const MAX_HEADER_BYTES = 32 * 1024;
/** For a whole request, its body included. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * The HTTP server of the hub, without routes. JSON of the API is parsed; everything under /hooks stays bytes, because
 * signatures are over bytes (see `rawBodies`).
 * @param trustedProxies whose X-Forwarded-For says who calls (`request.ip`); everybody else's is ignored
 */
export function createHttpServer(
  log: FastifyBaseLogger,
  tls: TlsPair | null = null,
  trustedProxies: readonly string[] = [],
): FastifyInstance {
  const limits = { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 75_000 };
  const app = fastify({
    loggerInstance: log,
    // A child logger for each request compiles the redaction anew, which costs more than the request.
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Clients concatenate paths to base URLs that end in a slash (kite-wire.md 9).
    routerOptions: { ignoreDuplicateSlashes: true, maxParamLength: MAX_PATH_PART },
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    http: { maxHeaderSize: limits.maxHeaderSize },
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    ...(tls === null
      ? {}
      : { serverFactory: (handler: RequestListener) => createSecureServer({ ...tls, ...limits }, handler) }),
    frameworkErrors: refusePath,
    clientErrorHandler: refuseUnreadable,
    return503OnClosing: true,
    forceCloseConnections: "idle",
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  return app;
}

function refusePath(error: FastifyError, { url }: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = pathRefusal(error, url.split("?", 1)[0] ?? url);
  void reply.code(status).send(body);
}

/** Answers what cannot be read as HTTP, and so comes to no route. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.writable && error.code !== "ECONNRESET") {
    const [status, sentence] =
      error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? [408, `request: did not come to its end in ${REQUEST_TIMEOUT_MS / 1_000} s; send it again.`]
        : error.code === "HPE_HEADER_OVERFLOW"
          ? [
              431,
              `headers: have more than ${MAX_HEADER_BYTES} bytes together, the URL included; send fewer or shorter ones.`,
            ]
          : [
              400,
              "request: cannot be read as HTTP/1.1; see that it is meant for this port, and is neither https nor HTTP/2.",
            ];
    const body = JSON.stringify({ error: sentence, code: "bad_request" });
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy(error);
}

/** Shows another certificate to whoever connects from now on. */
export function renewCertificate(app: FastifyInstance, pair: TlsPair): void {
  if (app.server instanceof SecureServer) app.server.setSecureContext(pair);
}

/** Makes the routes that `register` adds take every body as bytes. */
export async function rawBodies(app: FastifyInstance, register: (scope: FastifyInstance) => void): Promise<void> {
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.setErrorHandler((error, request, reply) => {
      const problem = hookError(error);
      if (problem.status >= 500 && !(error instanceof HubError)) request.log.error({ err: error }, "request failed");
      const retry = problem.body["retry_after_secs"];
      if (typeof retry === "number") void reply.header("retry-after", String(retry));
      return reply.code(problem.status).send(problem.body);
    });
    register(scope);
    done();
  });
}

/** Errors of the endpoints as the SDKs read them: `{error}`, and `max_bytes` or `retry_after_secs` next to it. */
function hookError(error: unknown): { status: number; body: Record<string, unknown> } {
  if (error instanceof HubError)
    return {
      status: error.status,
      body: {
        error: error.message,
        code: error.code,
        ...(error.status === 503 ? { retry_after_secs: 1 } : {}),
        ...error.details,
      },
    };
  const refusal = bodyRefusal(error, { types: TAKEN_TYPES });
  // Said as of one event, whatever was sent: the SDKs read `max_bytes`, and send no batches.
  if (refusal?.status === 413) return hookError(new HubError("too_large", undefined, { max_bytes: MAX_BODY_BYTES }));
  if (refusal !== null) return { status: refusal.status, body: { ...refusal.body } };
  return { status: 500, body: { error: "The hub failed to handle this request; its log says why.", code: "internal" } };
}
