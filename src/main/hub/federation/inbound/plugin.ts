import type { FastifyInstance } from "fastify";
import { bodyRefusal } from "../../framework-refusals.ts";
import { MAX_BATCH_BYTES } from "../batch-limits.ts";
import { TAKEN_TYPES } from "./body.ts";
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
  app.setErrorHandler(async (error, request, reply) => {
    const refusal = bodyRefusal(error, { types: TAKEN_TYPES, bytes: MAX_BATCH_BYTES });
    if (refusal !== null) return reply.code(refusal.status).send(refusal.body);
    request.log.error({ err: error }, "the inbound endpoint failed");
    return reply.code(500).send({ error: "The hub failed to take this request; its log says why.", code: "internal" });
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
