import type { FastifyError, FastifyInstance } from "fastify";
import { MAX_BATCH_BYTES } from "./body.ts";
import type { Inbound } from "./inbound.ts";

/**
 * Mounts the inbound endpoint. Bodies reach it as the bytes that were signed: nothing parses them before.
 * Registered in a scope of its own, so that the content types of other routes stay as they are.
 */
export function inboundPlugin(
  app: FastifyInstance,
  { inbound }: { readonly inbound: Inbound },
  ready: (error?: Error) => void,
): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: MAX_BATCH_BYTES }, (_request, body, done) => {
    done(null, body);
  });
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(inbound.headers);
  });
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) {
      request.log.error({ err: error }, "the inbound endpoint failed");
      return reply.code(500).send({ error: "The hub failed to take this request; its log says why." });
    }
    if (status === 413)
      return reply.code(413).send({
        error: `The body is larger than ${MAX_BATCH_BYTES} bytes.`,
        max_bytes: MAX_BATCH_BYTES,
      });
    return reply.code(status).send({ error: error.message });
  });
  app.post<{ Params: { team: string }; Body: Buffer | undefined }>("/hooks/:team/kite", async (request, reply) => {
    const answer = await inbound.handle({
      team: request.params.team,
      headers: request.headers,
      rawBody: request.body ?? Buffer.alloc(0),
      path: request.url,
    });
    return reply.code(answer.status).headers(answer.headers).send(answer.body);
  });
  ready();
}
