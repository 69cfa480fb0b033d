import { z } from "zod";
import { HubError } from "../errors.ts";
import { type AttemptRecord, listAttempts, readAttempts } from "../store/ledger.ts";
import { teamOf } from "./access.ts";
import { cursorsOf, pageOf, pageQuery, TeamQuery } from "./paging.ts";
import { type Api, about, answers, type RouteContext } from "./routes.ts";

const TAG = "Attempts";

const AttemptLabel = z
  .object({
    id: z.uuid(),
    peer_id: z.uuid(),
    peer_name: z.string(),
    at: z.iso.datetime(),
    duration_ms: z.number(),
    outcome: z.string().describe("delivered, partial (of a batch), retry, split, dead or pause."),
    status: z.int().nullable().describe("The HTTP status; null when there was no answer."),
    error: z.string().nullable(),
    batch: z.boolean(),
    entries: z.int().describe("How many entries the request carried."),
    first_seq: z.int(),
    last_seq: z.int(),
  })
  .meta({ id: "AttemptLabel" });

const Headers = z.record(z.string(), z.unknown());

export const AttemptObject = AttemptLabel.extend({
  url: z.string(),
  request_headers: Headers.describe("Secrets are masked."),
  request_bytes: z.int(),
  response_headers: Headers.nullable(),
  response_body: z.string().nullable().describe("The beginning of it."),
}).meta({ id: "Attempt" });

const cursors = cursorsOf(z.uuid());

/** `/api/federation/attempts`: the requests that were made to peers. */
export function attemptRoutes(app: Api, { deps: { db }, needs }: RouteContext): void {
  app.get(
    "/attempts",
    {
      onRequest: needs("read"),
      schema: {
        ...about(TAG, "listAttempts", "List attempts", "Newest first. A batch is one attempt of many entries."),
        querystring: z.strictObject({
          ...pageQuery,
          peer_id: z.uuid().optional(),
          outcome: z.string().max(32).optional(),
        }),
        response: answers(pageOf(AttemptLabel)),
      },
    },
    async (request) => {
      const { peer_id, outcome, limit, cursor } = request.query;
      const found = await listAttempts(db, {
        team: teamOf(request),
        peerId: peer_id ?? null,
        outcome: outcome ?? null,
        before: cursors.read(cursor),
        limit: limit + 1,
      });
      return cursors.page(found, limit, (attempt) => attempt.id, showLabel);
    },
  );

  app.get(
    "/attempts/:id",
    {
      onRequest: needs("read"),
      schema: {
        ...about(TAG, "getAttempt", "Show an attempt", "What was sent, what came back, and how long it took."),
        params: z.strictObject({ id: z.uuid() }),
        querystring: TeamQuery,
        response: answers(AttemptObject, 404),
      },
    },
    async (request) => {
      const { id } = request.params;
      const [attempt] = await readAttempts(db, teamOf(request), [id]);
      if (attempt !== undefined) return showAttempt(attempt);
      throw new HubError("not_found", `There is no attempt ${id}; retention may have taken it.`);
    },
  );
}

function showLabel(attempt: AttemptRecord): z.infer<typeof AttemptLabel> {
  return {
    id: attempt.id,
    peer_id: attempt.peerId,
    peer_name: attempt.peerName,
    at: attempt.at.toISOString(),
    duration_ms: attempt.durationMs,
    outcome: attempt.outcome,
    status: attempt.status,
    error: attempt.error,
    batch: attempt.batch,
    entries: attempt.entries,
    first_seq: attempt.firstSeq,
    last_seq: attempt.lastSeq,
  };
}

export function showAttempt(attempt: AttemptRecord): z.infer<typeof AttemptObject> {
  return {
    ...showLabel(attempt),
    url: attempt.url,
    request_headers: readHeaders(attempt.requestHeaders),
    request_bytes: attempt.requestBytes,
    response_headers: attempt.responseHeaders === null ? null : readHeaders(attempt.responseHeaders),
    response_body: attempt.responseBody,
  };
}

function readHeaders(text: string): Record<string, unknown> {
  return Headers.parse(JSON.parse(text));
}
