import type { RequestListener } from "node:http";
import { createServer as createSecureServer, Server as SecureServer } from "node:https";
import type {} from "@fastify/swagger";
import fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, LogController } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { HubError } from "./errors.ts";
import type { TlsPair } from "./tls-files.ts";

/** Headers of one request, all together: enough for every provider, too few to be a weapon. */
const MAX_HEADER_BYTES = 32 * 1024;

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
  const limits = { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: 30_000, keepAliveTimeout: 75_000 };
  const app = fastify({
    loggerInstance: log,
    // A child logger for each request compiles the redaction anew, which costs more than the request.
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Clients concatenate paths to base URLs that end in a slash (kite-wire.md 9).
    routerOptions: { ignoreDuplicateSlashes: true, maxParamLength: 512 },
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    http: { maxHeaderSize: limits.maxHeaderSize },
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    ...(tls === null
      ? {}
      : { serverFactory: (handler: RequestListener) => createSecureServer({ ...tls, ...limits }, handler) }),
    return503OnClosing: true,
    forceCloseConnections: "idle",
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  return app;
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
    scope.setErrorHandler((error: FastifyError | HubError, request, reply) => {
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
export function hookError(error: FastifyError | HubError): { status: number; body: Record<string, unknown> } {
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
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    const tooLarge = new HubError("too_large");
    return { status: 413, body: { error: tooLarge.message, code: tooLarge.code, max_bytes: 262_144 } };
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return { status, body: { error: error.message, code: "bad_request" } };
  return { status: 500, body: { error: "The hub failed to handle this request; its log says why.", code: "internal" } };
}
