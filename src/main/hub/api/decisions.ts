import { z } from "zod";
import { DROP_REASONS, explainReason } from "../../../shared/rules/index.ts";
import { EntryKeyShape, entryId } from "../entry-id.ts";
import { type DecisionKey, type DecisionRecord, listDecisions, seqsOfId } from "../store/ledger.ts";
import { teamOf } from "./access.ts";
import { EventLabelObject } from "./entry-object.ts";
import { cursorsOf, type Page, pageOf, pageQuery } from "./paging.ts";
import { type Api, about, answers, type RouteContext } from "./routes.ts";

const TAG = "Decisions";

/** Two events with one id have different sources; nobody has that many. */
const MOST_EVENTS_OF_AN_ID = 20;

export const EvidenceObject = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]),
);

const DecisionObject = z
  .object({
    seq: z.int(),
    event: EventLabelObject.nullable().describe("Null when retention has taken the event."),
    peer_id: z.uuid(),
    peer_name: z.string(),
    outcome: z.enum(["forward", "drop"]),
    reason: z.enum(DROP_REASONS).nullable().describe("The first rule that stopped it; null when it is forwarded."),
    sentence: z.string().describe("The decision in words."),
    evidence: EvidenceObject.nullable().describe("The values that the rule compared."),
    revision: z.int().describe("Revision of the peer's settings by which it was decided."),
    at: z.iso.datetime(),
    entry_id: z.string().nullable().describe("The outbox entry, which a decision to forward is."),
  })
  .meta({ id: "Decision" });

const cursors = cursorsOf<DecisionKey>(EntryKeyShape.omit({ gen: true }));

/** `/api/federation/decisions`: what routing said about each event and each peer, and why. */
export function decisionRoutes(app: Api, { deps: { db }, needs }: RouteContext): void {
  app.get(
    "/decisions",
    {
      onRequest: needs("read"),
      schema: {
        ...about(
          TAG,
          "listDecisions",
          "List decisions",
          "Newest event first. With `seq` or `event_id`: everything that was decided about one event. An event is " +
            "decided again when a copy comes by a shorter way.",
        ),
        querystring: z.strictObject({
          ...pageQuery,
          seq: z.coerce.number().int().min(1).optional(),
          event_id: z.string().max(1_024).optional(),
          peer_id: z.uuid().optional(),
          outcome: z.enum(["forward", "drop"]).optional(),
          reason: z.enum(DROP_REASONS).optional(),
        }),
        response: answers(pageOf(DecisionObject)),
      },
    },
    async (request) => {
      const { seq, event_id, peer_id, outcome, reason, limit, cursor } = request.query;
      const team = teamOf(request);
      const ofId = event_id === undefined ? null : await seqsOfId(db, team, event_id, MOST_EVENTS_OF_AN_ID);
      const found = await listDecisions(db, {
        team,
        seqs: seq === undefined ? ofId : (ofId ?? [seq]).filter((one) => one === seq),
        peerId: peer_id ?? null,
        outcome: outcome ?? null,
        reason: reason ?? null,
        before: cursors.read(cursor),
        limit: limit + 1,
      });
      return pageOfDecisions(found, limit);
    },
  );
}

/** Cuts between two events, or two peers of one: what was decided about an event and a peer stays on one page. */
function pageOfDecisions(found: readonly DecisionRecord[], limit: number): Page<z.infer<typeof DecisionObject>> {
  const last = found[limit - 1];
  if (last === undefined || found.length <= limit) return { items: found.map(showDecision), next_cursor: null };
  const end = found.findIndex(({ seq, peer }) => seq < last.seq || (seq === last.seq && peer < last.peer));
  const items = (end < 0 ? found : found.slice(0, end)).map(showDecision);
  return { items, next_cursor: cursors.write({ seq: last.seq, peer: last.peer }) };
}

function showDecision(decision: DecisionRecord): z.infer<typeof DecisionObject> {
  const { seq, peer, drop, forward } = decision;
  const shared = {
    seq,
    event: decision.event,
    peer_id: decision.peerId,
    peer_name: decision.peerName,
    revision: decision.revision,
    at: decision.at.toISOString(),
  };
  if (drop !== null) {
    const evidence = EvidenceObject.parse(JSON.parse(drop.evidence));
    const reason = z.enum(DROP_REASONS).parse(drop.reason);
    return { ...shared, outcome: "drop", reason, sentence: explainReason(reason, evidence), evidence, entry_id: null };
  }
  return {
    ...shared,
    outcome: "forward",
    reason: null,
    sentence: `The event is forwarded; its outbox entry is ${forward?.state ?? "gone"}.`,
    evidence: null,
    entry_id: forward === null ? null : entryId({ seq, peer, gen: forward.gen }),
  };
}
