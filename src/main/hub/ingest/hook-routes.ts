import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { HubError } from "../errors.ts";
import { bodyRefusal } from "../framework-refusals.ts";
import { MAX_BATCH_BYTES, TAKEN_TYPES } from "./body.ts";
import { type Outcome, type ReceiveDeps, type Received, receive } from "./receive.ts";

interface Params {
  readonly team: string;
  readonly source: string;
  readonly token?: string;
}

/** Without billing there is no limit; clients read an unsigned integer all the same (kite-wire.md 4.4). */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** The `usage` member that the SDKs expect in every answer to an accepted event. */
export function usageJson(eventsUsed: number): string {
  return `{"events_used":${eventsUsed},"events_limit":${UNLIMITED},"amount_charged_atomic":0,"amount_charged_sats":0}`;
}

/** The events of a commit came at one time, whose text (0.4 µs) is written once. */
let written = { at: Number.NaN, text: "" };

function timeText(at: number): string {
  if (at !== written.at) written = { at, text: new Date(at).toISOString() };
  return written.text;
}

function outcomeJson(outcome: Outcome): string {
  switch (outcome.status) {
    case "accepted":
      return `{"status":"accepted","id":${JSON.stringify(outcome.id)},"created_at":"${timeText(outcome.receivedAt)}","usage":${usageJson(outcome.seq)}}`;
    case "duplicate_ignored":
      return `{"status":"duplicate_ignored","id":${JSON.stringify(outcome.id)}${outcome.conflict ? ',"conflict":true' : ""}}`;
    default:
      return JSON.stringify(outcome);
  }
}

function send(reply: FastifyReply, received: Received): FastifyReply {
  reply.header("content-type", "application/json; charset=utf-8");
  if (received.kind === "batch") {
    reply.code(200);
    return reply.send(`{"results":[${received.outcomes.map(outcomeJson).join(",")}]}`);
  }
  if (received.kind === "challenge") return reply.code(200).send(JSON.stringify(received.answer));
  const { outcome } = received;
  if (outcome.status === "invalid") throw new HubError("bad_request", outcome.error);
  return reply.code(outcome.status === "accepted" ? 202 : 200).send(outcomeJson(outcome));
}

/**
 * `POST /hooks/{team}/{source}` and `/hooks/{team}/{source}/{token}`. Bodies arrive as bytes: signatures are over them.
 * The instance must parse every content type to a Buffer (see http-server.ts).
 */
export function registerHookRoutes(app: FastifyInstance, deps: ReceiveDeps): void {
  const handler = async (request: FastifyRequest<{ Params: Params }>, reply: FastifyReply): Promise<FastifyReply> => {
    const { team, source, token } = request.params;
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const target = request.raw.url ?? "";
    const hook = { team, source, token: token ?? null, target, headers: request.headers, body };
    const received = await receive(hook, deps);
    return send(reply, received);
  };
  // What is not read to its end never comes to the handler; whoever sent it wants to know all the same.
  app.addHook<{ Params: Params }>("onError", async ({ params, headers, raw }, _reply, error) => {
    const refusal = bodyRefusal(error, { types: TAKEN_TYPES });
    if (refusal === null) return;
    const { team, source, token = null } = params;
    const request = { team, source, token, target: raw.url ?? "", headers, body: Buffer.alloc(0) };
    const why =
      refusal.status === 413
        ? { reason: "body_limit", evidence: { limit: MAX_BATCH_BYTES } }
        : { reason: "invalid", evidence: { problem: refusal.body.error } };
    deps.onRefusal({ request, event: null, unread: true, ...why });
  });
  const options = { bodyLimit: MAX_BATCH_BYTES, schema: { hide: true } };
  app.post<{ Params: Params }>("/hooks/:team/:source", options, handler);
  app.post<{ Params: Params }>("/hooks/:team/:source/:token", options, handler);
}
