import { z } from "zod";
import { explainReason, INBOUND_REASONS } from "../../../shared/rules/index.ts";
import { pageRefusals, type RefusalRecord } from "../store/ledger.ts";
import { teamOf } from "./access.ts";
import { EvidenceObject } from "./decisions.ts";
import { EventLabelObject } from "./entry-object.ts";
import { cursorsOf, pageOf, pageQuery } from "./paging.ts";
import { type Api, about, answers, type RouteContext } from "./routes.ts";

const RefusalObject = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    route: z.string(),
    reason: z.string(),
    sentence: z.string().nullable().describe("The reason in words, where it is one of the rules."),
    peer_id: z.uuid().nullable().describe("Who called, if that is known."),
    peer_name: z.string().nullable(),
    event: EventLabelObject.nullable().describe("The event that was refused, if it could be read."),
    evidence: EvidenceObject,
  })
  .meta({ id: "Refusal" });

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
        }),
        response: answers(pageOf(RefusalObject)),
      },
    },
    async (request) => {
      const { peer_id, reason, limit, cursor } = request.query;
      const found = await pageRefusals(db, {
        team: teamOf(request),
        peerId: peer_id ?? null,
        reason: reason ?? null,
        before: cursors.read(cursor),
        limit: limit + 1,
      });
      return cursors.page(found, limit, (refusal) => refusal.id, showRefusal);
    },
  );
}

function showRefusal(refusal: RefusalRecord): z.infer<typeof RefusalObject> {
  const evidence = EvidenceObject.parse(JSON.parse(refusal.evidence));
  const known = INBOUND_REASONS.find((reason) => reason === refusal.reason);
  return {
    id: refusal.id,
    at: refusal.at.toISOString(),
    route: refusal.route,
    reason: refusal.reason,
    sentence: known === undefined ? null : explainReason(known, evidence),
    peer_id: refusal.peerId,
    peer_name: refusal.peerName,
    event: refusal.event,
    evidence,
  };
}
