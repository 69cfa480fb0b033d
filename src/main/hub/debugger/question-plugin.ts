import type { FastifyInstance } from "fastify";
import { type CallerLimits, limitCallers } from "../rate-window.ts";
import type { QuestionReply, RequestHeaders, Subject } from "./peer-question.ts";

const MAX_BODY = 64 * 1024;
/** A probe asks at most 64 hubs in all: two whole ones that end here are let through from one address. */
const LIMITS: CallerLimits = { perAddress: 128, total: 512 };

interface Answering {
  answer(team: string, headers: RequestHeaders, rawBody: Buffer): Promise<QuestionReply>;
}

/**
 * Mounts the endpoints at which peers ask: `POST /hooks/{team}/kite/probe` and `/links`. Bodies stay the bytes that were
 * signed.
 */
export function questionPlugin(
  app: FastifyInstance,
  { now, ...answering }: Readonly<Record<Subject, Answering>> & { readonly now: () => number },
  ready: () => void,
): void {
  limitCallers(app, "questions of peers", LIMITS, now);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: MAX_BODY }, (_request, body, done) => done(null, body));
  for (const subject of ["probe", "links"] as const)
    app.post<{ Params: { team: string }; Body: Buffer | undefined }>(
      `/hooks/:team/kite/${subject}`,
      async ({ params, headers, body }, reply) => {
        const answered = await answering[subject].answer(params.team, headers, body ?? Buffer.alloc(0));
        return reply.code(answered.status).send(answered.body);
      },
    );
  ready();
}
