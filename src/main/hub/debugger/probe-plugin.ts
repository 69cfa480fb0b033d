import type { FastifyInstance } from "fastify";
import type { Probes } from "./probes.ts";

const MAX_BODY = 64 * 1024;

/** Mounts the endpoint at which peers probe: `POST /hooks/{team}/kite/probe`. The body stays the bytes that were signed. */
export function probePlugin(app: FastifyInstance, { probes }: { readonly probes: Probes }, ready: () => void): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: MAX_BODY }, (_request, body, done) => done(null, body));
  app.post<{ Params: { team: string }; Body: Buffer | undefined }>(
    "/hooks/:team/kite/probe",
    async (request, reply) => {
      const { status, body } = await probes.answer(
        request.params.team,
        request.headers,
        request.body ?? Buffer.alloc(0),
      );
      return reply.code(status).send(body);
    },
  );
  ready();
}
