import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { explainRefusal } from "../../../shared/refusals.ts";
import { HubError } from "../errors.ts";
import { pageRefusals, type RefusalDetail, type RefusalRecord, readRefusal } from "../store/ledger.ts";
import { teamOf } from "./access.ts";
import { EvidenceObject } from "./decisions.ts";
import { EventLabelObject } from "./entry-object.ts";
import { cursorsOf, pageOf, pageQuery, TeamQuery } from "./paging.ts";
import { type Api, about, answers, type RouteContext } from "./routes.ts";

const RefusalObject = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    route: z.string(),
    reason: z.string(),
    sentence: z.string().describe("The reason in words: what is wrong, and how to mend it."),
    endpoint: z.string().nullable().describe("The source of the endpoint it was for; null when there is none."),
    body_bytes: z.int().nullable().describe("How many bytes the body had, where that is known."),
    peer_id: z.uuid().nullable().describe("Who called, if that is known."),
    peer_name: z.string().nullable(),
    event: EventLabelObject.nullable().describe("The event that was refused, if it could be read."),
    evidence: EvidenceObject,
  })
  .meta({ id: "Refusal" });

const RefusalDetailObject = RefusalObject.extend({
  headers: z.record(z.string(), z.string()).nullable().describe("The request's headers; secrets are masked."),
  body: z
    .object({
      text: z.string().nullable().describe("Null when it is not UTF-8."),
      base64: z.string().nullable(),
      truncated: z.boolean(),
    })
    .nullable()
    .describe("As much as the setting refusal_body_bytes keeps; null when it keeps none."),
}).meta({ id: "RefusalDetail" });

const cursors = cursorsOf(z.uuid());

/** `/api/federation/refusals`: what was turned away before it became an event. */
export function refusalRoutes(app: Api, { deps: { db }, needs }: RouteContext): void {
  app.get(
    "/refusals",
    {
      onRequest: needs("read"),
      schema: {
        ...about(
          "Refusals",
          "listRefusals",
          "List refused requests",
          "Newest first. The place to look when nothing arrives.",
        ),
        querystring: z.strictObject({
          ...pageQuery,
          peer_id: z.uuid().optional(),
          reason: z.string().max(64).optional(),
          endpoint: z.string().max(64).optional().describe("Only of the endpoint with this source."),
        }),
        response: answers(pageOf(RefusalObject)),
      },
    },
    async (request) => {
      const { peer_id, reason, endpoint, limit, cursor } = request.query;
      const found = await pageRefusals(db, {
        team: teamOf(request),
        peerId: peer_id ?? null,
        reason: reason ?? null,
        hook: endpoint ?? null,
        before: cursors.read(cursor),
        limit: limit + 1,
      });
      return cursors.page(found, limit, (refusal) => refusal.id, showRefusal);
    },
  );

  app.get(
    "/refusals/:id",
    {
      onRequest: needs("read"),
      schema: {
        ...about("Refusals", "getRefusal", "Show one refused request"),
        params: z.strictObject({ id: z.uuid() }),
        querystring: TeamQuery,
        response: answers(RefusalDetailObject, 404),
      },
    },
    async (request) => {
      const { id } = request.params;
      const found = await readRefusal(db, teamOf(request), id);
      if (found === null) throw new HubError("not_found", `There is no refused request with id ${id}.`);
      return showDetail(found);
    },
  );
}

function showRefusal(refusal: RefusalRecord): z.infer<typeof RefusalObject> {
  const evidence = EvidenceObject.parse(JSON.parse(refusal.evidence));
  return {
    id: refusal.id,
    at: refusal.at.toISOString(),
    route: refusal.route,
    reason: refusal.reason,
    sentence: explainRefusal(refusal.reason, evidence),
    endpoint: refusal.hook,
    body_bytes: refusal.bodyBytes,
    peer_id: refusal.peerId,
    peer_name: refusal.peerName,
    event: refusal.event,
    evidence,
  };
}

const Headers = z.record(z.string(), z.string());

function showDetail(refusal: RefusalDetail): z.infer<typeof RefusalDetailObject> {
  const { headers, body, bodyBytes } = refusal;
  return {
    ...showRefusal(refusal),
    headers: headers === null ? null : Headers.parse(JSON.parse(headers)),
    body:
      body === null
        ? null
        : {
            text: isUtf8(body) ? body.toString("utf8") : null,
            base64: isUtf8(body) ? null : body.toString("base64"),
            truncated: body.length < (bodyBytes ?? 0),
          },
  };
}
