import { z } from "zod";
import { usageJson } from "../ingest/index.ts";
import { teamOf } from "./access.ts";
import { TeamQuery } from "./paging.ts";
import { type Api, about, problemsOf, type RouteContext } from "./routes.ts";

const Usage = z.object({
  events_used: z.int(),
  events_limit: z.int(),
  amount_charged_atomic: z.int(),
  amount_charged_sats: z.int(),
});

const Accepted = z
  .object({ id: z.string().describe("The event's id."), created_at: z.iso.datetime(), usage: Usage })
  .meta({ id: "AcceptedMessage" });

const text = { type: "string" } as const;
// The body stays the text it is until the message is read, so that a payload travels as it was sent.
const Body = z.unknown().meta({
  description: "A message to an agent of this team, or to the URL of an agent on another instance.",
  oneOf: [
    {
      type: "object",
      required: ["from", "to", "body"],
      properties: { from: text, to: text, body: text, thread_id: text, reply_to_id: text },
    },
    {
      type: "object",
      required: ["from", "to", "payload"],
      properties: { from: text, to: { ...text, format: "uri" }, payload: { type: "object" } },
    },
  ],
});

/** `POST /api/v1/agents/messages` (kite-wire.md 8 and 10). */
export function agentMessageRoutes(app: Api, { deps, needs }: RouteContext): void {
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.post(
    "/agents/messages",
    {
      onRequest: needs("write"),
      validatorCompiler: () => (body) => ({ value: body }),
      schema: {
        ...about("Agent messages", "sendAgentMessage", "Send a message to an agent"),
        querystring: TeamQuery,
        body: Body,
        response: { 202: Accepted, ...problemsOf([400, 401, 403, 413, 500, 503]) },
      },
    },
    async (request, reply) => {
      const body = typeof request.body === "string" ? request.body : "";
      const result = await deps.acceptor.accept(deps.agentMessages.candidate(teamOf(request), body));
      const receivedAt = result.status === "accepted" ? result.receivedAt : deps.now();
      return reply.code(202).send({
        id: result.id,
        created_at: new Date(receivedAt).toISOString(),
        usage: Usage.parse(JSON.parse(usageJson(result.seq))),
      });
    },
  );
}
