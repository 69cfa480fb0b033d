import type { FastifyInstance } from "fastify";
import { HubError } from "../../errors.ts";
import { bodyRefusal } from "../../framework-refusals.ts";
import { type CallerLimits, limitCallers } from "../../rate-window.ts";
import type { Maker } from "./maker.ts";
import { MAX_MESSAGE_BYTES, PROOF_HEADER } from "./messages.ts";
import { proofOf } from "./secrets.ts";

const STEPS = new Set(["hello", "reveal", "settle"] as const);
type Step = typeof STEPS extends Set<infer T> ? T : never;

/** An opener asks every two seconds how its pairing stands: a dozen of them behind one address are no flood. */
const LIMITS: CallerLimits = { perAddress: 100, total: 400 };

/** Mounts the maker's endpoints: `POST /pair/{id}/{hello|reveal|settle}`. Their bodies are proved as the bytes they are. */
export function pairingPlugin(
  app: FastifyInstance,
  { maker, now }: { readonly maker: Maker; readonly now: () => number },
  ready: (error?: Error) => void,
): void {
  limitCallers(app, "messages of pairings", LIMITS, now);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string", bodyLimit: MAX_MESSAGE_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.setErrorHandler(async (error, request, reply) => {
    if (error instanceof HubError) return reply.code(error.status).send({ error: error.message, code: error.code });
    const refusal = bodyRefusal(error, { types: "application/json", bytes: MAX_MESSAGE_BYTES });
    if (refusal !== null) return reply.code(refusal.status).send(refusal.body);
    request.log.error({ err: error }, "a pairing failed");
    return reply.code(500).send({ error: "The hub failed; its log says why.", code: "internal" });
  });
  app.post<{ Params: { id: string; step: string }; Body: string | undefined }>(
    "/pair/:id/:step",
    async (request, reply) => {
      const { id, step } = request.params;
      if (!isStep(step) || !/^[0-9a-f-]{36}$/.test(id))
        throw new HubError("not_found", "This is no step of a pairing: open the whole link, or ask for a new one.");
      const proof = request.headers[PROOF_HEADER];
      const { secret, answer } = await maker.answer(
        id,
        step,
        request.body ?? "",
        typeof proof === "string" ? proof : null,
      );
      const body = JSON.stringify(answer);
      return reply
        .header("content-type", "application/json")
        .header(PROOF_HEADER, proofOf(secret, `answer ${step} ${id}`, body))
        .send(body);
    },
  );
  ready();
}

const isStep = (text: string): text is Step => (STEPS as Set<string>).has(text);
