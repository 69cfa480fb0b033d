import { z } from "zod";
import { renderEvent } from "../../../shared/event/index.ts";
import { invalidScope } from "../../../shared/rules/index.ts";
import { HubError } from "../errors.ts";
import type { LogEvent } from "../model.ts";
import { Moment } from "../moment.ts";
import { readChain } from "../read-chain.ts";
import { type ArrivalRecord, readArrivals, readEvent, searchEvents } from "../store/ledger.ts";
import { teamOf } from "./access.ts";
import { cursorsOf, pageQuery, TeamQuery } from "./paging.ts";
import type { ApiDeps } from "./ports.ts";
import { type Api, about, answers, type RouteContext } from "./routes.ts";

const TAG = "Events";
const MOST_ARRIVALS = 100;

const CopyObject = z
  .object({ origin: z.string().nullable(), chain: z.array(z.string()), hops: z.int() })
  .describe("The provenance of the copy that is held: the one with the fewest hops that came.");

const EventSummary = z
  .object({
    seq: z.int(),
    id: z.string(),
    source: z.string(),
    type: z.string(),
    summary: z.string().nullable(),
    received_at: z.iso.datetime(),
    hook: z.string().nullable().describe("The endpoint it came in by; null for events from peers and agents."),
    via_peer_id: z.uuid().nullable().describe("The peer that delivered it; null for a local event."),
    verified: z.boolean().describe("A signature was checked and fits."),
    integrity: z.array(z.string()).describe("What was odd about its provenance; empty when nothing was."),
    copy: CopyObject,
    agent_to: z.string().nullable(),
    replay_of: z.int().nullable().describe("The seq of the event that this row shows to listeners again."),
    data_bytes: z.int(),
  })
  .meta({ id: "EventSummary" });

const ArrivalObject = z
  .object({
    at: z.iso.datetime(),
    kind: z.string(),
    via_peer_id: z.uuid().nullable(),
    origin: z.string().nullable(),
    chain: z.array(z.string()),
    hops: z.int(),
  })
  .meta({
    id: "Arrival",
    description: "The event came once more: by another path, or from a sender that tried again.",
  });

const EventDetail = EventSummary.extend({
  arrivals: z.array(ArrivalObject).describe(`The latest ${MOST_ARRIVALS} of its other arrivals.`),
  event: z.unknown().meta({ type: "object", description: "The CloudEvent as listeners get it." }),
}).meta({ id: "Event" });

const EventPage = z.object({
  items: z.array(EventSummary),
  next_cursor: z.string().nullable().describe("Where to go on; null when there is nothing older to look at."),
  searched_to: z.int().describe("Every event from this seq on was looked at for this page."),
});

const cursors = cursorsOf(z.int().min(0));

/** `/api/federation/events`: the log. */
export function eventRoutes(app: Api, { deps, needs }: RouteContext): void {
  app.get(
    "/events",
    {
      onRequest: needs("read"),
      schema: {
        ...about(
          TAG,
          "listEvents",
          "Search the log",
          "Newest first. A page looks at a bounded stretch of the log, so that a search for something seldom may return " +
            "short or even empty pages on its way: go on with `next_cursor` until it is null. By `id` the whole log is " +
            "searched at once.",
        ),
        querystring: z.strictObject({
          ...pageQuery,
          id: z.string().max(1_024).optional(),
          source: z.string().max(2_048).optional(),
          type: z
            .string()
            .refine((glob) => invalidScope(glob) === null, "must be a glob on the event type, such as com.stripe.*")
            .optional(),
          hook: z.string().max(64).optional().describe("The endpoint it came in by."),
          agent_to: z.string().max(256).optional(),
          peer_id: z.uuid().optional().describe("The peer that delivered it."),
          since: Moment.optional(),
          until: Moment.optional(),
        }),
        response: answers(EventPage),
      },
    },
    async (request) => {
      const { id, source, type, hook, agent_to, peer_id, since, until, limit, cursor } = request.query;
      const found = await searchEvents(deps.db, {
        team: teamOf(request),
        id: id ?? null,
        source: source ?? null,
        type: type ?? null,
        hook: hook ?? null,
        agentTo: agent_to ?? null,
        peerId: peer_id ?? null,
        since: since === undefined ? null : new Date(since),
        until: until === undefined ? null : new Date(until),
        before: cursors.read(cursor),
        limit,
      });
      const last = found.events.at(-1);
      const next = found.events.length === limit && last !== undefined ? last.seq : found.searchedTo;
      return {
        items: found.events.map((event) => showSummary(event, deps)),
        next_cursor: found.exhausted ? null : cursors.write(next),
        searched_to: next,
      };
    },
  );

  app.get(
    "/events/:seq",
    {
      onRequest: needs("read"),
      schema: {
        ...about(TAG, "getEvent", "Show an event", "Whole, with the copy that is held and every other arrival."),
        params: z.strictObject({ seq: z.coerce.number().int().min(1) }),
        querystring: TeamQuery,
        response: answers(EventDetail, 404),
      },
    },
    async (request, reply) => {
      const { seq } = request.params;
      const event = await readEvent(deps.db, teamOf(request), seq);
      if (event === null) throw new HubError("not_found", `There is no event ${seq}; retention may have taken it.`);
      const arrivals = await readArrivals(deps.db, seq, event.segment, MOST_ARRIVALS);
      const shown = { ...showSummary(event, deps), arrivals: arrivals.map((arrival) => showArrival(arrival, deps)) };
      // The event goes out as the text it is stored as: through a JSON parser, large numbers would lose digits.
      const text = renderEvent(event, { ...event.copy, seq });
      reply.header("content-type", "application/json; charset=utf-8");
      reply.serializer(() => `${JSON.stringify(shown).slice(0, -1)},"event":${text}}`);
      return { ...shown, event: text };
    },
  );
}

function showSummary(event: LogEvent, { registry }: Pick<ApiDeps, "registry">): z.infer<typeof EventSummary> {
  const { origin, chain, hops } = event.copy;
  return {
    seq: event.seq,
    id: event.id,
    source: event.source,
    type: event.type,
    summary: event.summary,
    received_at: new Date(event.receivedAt).toISOString(),
    hook: event.hook,
    via_peer_id: event.via === null ? null : (registry.peerByNo(event.via)?.id ?? null),
    verified: event.verified,
    integrity: event.integrity?.split(",") ?? [],
    copy: { origin, chain: readChain(chain), hops },
    agent_to: event.agentTo,
    replay_of: event.replayOf,
    data_bytes: event.dataBytes,
  };
}

function showArrival(arrival: ArrivalRecord, { registry }: Pick<ApiDeps, "registry">): z.infer<typeof ArrivalObject> {
  return {
    at: arrival.at.toISOString(),
    kind: arrival.kind,
    via_peer_id: arrival.via === null ? null : (registry.peerByNo(arrival.via)?.id ?? null),
    origin: arrival.origin,
    chain: readChain(arrival.chain),
    hops: arrival.hops,
  };
}
