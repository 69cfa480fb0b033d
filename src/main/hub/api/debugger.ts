import { z } from "zod";
import {
  ApiCall,
  Change,
  Difference,
  Explanation,
  Finding,
  LoopGroup,
  ManyDifferences,
  ProbeGraph,
  ProvenanceShape,
  TopologyMap,
} from "../../../shared/debugger/index.ts";
import { HubError } from "../errors.ts";
import { Moment } from "../moment.ts";
import { teamOf } from "./access.ts";
import { pageQuery, TeamQuery } from "./paging.ts";
import { type Api, about, answers, type RouteContext } from "./routes.ts";
import { fromWire, toWire, wireShape } from "./wire-names.ts";

const TAG = "Debugger";
const HOUR_MS = 3_600_000;
const LONGEST_MS = 31 * 24 * HOUR_MS;
const STEPS = 48;

const map = wireShape(TopologyMap).meta({ id: "TopologyMap" });
const explanation = wireShape(Explanation).meta({ id: "Explanation" });
const problems = z.array(z.string()).describe("What stood in the way of knowing more.");

const ProbeAnswers = z.strictObject({ answers: z.boolean() });

/** An event of the log, or one that is only described. */
const EventBody = z.union(
  [
    z.strictObject({ seq: z.int().min(1).describe("An event of this log.") }),
    z.strictObject({
      type: z.string().min(1).max(256),
      data_bytes: z.int().min(0).default(0),
      provenance: ProvenanceShape.optional().describe(
        "Of the copy that is held where the event is placed; by default first-hand.",
      ),
    }),
  ],
  'must be an event of this log, {"seq": 17}, or one that is described, {"type": "com.shop.order", "data_bytes": 200}',
);
const at = z
  .string()
  .max(256)
  .optional()
  .describe("Key of the instance where the event is placed; this one by default.");

const asQuestion = (event: z.infer<typeof EventBody>) =>
  "seq" in event ? event : { type: event.type, dataBytes: event.data_bytes, provenance: event.provenance };

/** `/api/federation/map`, `/explain`, `/what-if`, `/lint` and `/loops`: where events go, and why not there. */
export function debuggerRoutes(app: Api, { deps, needs }: RouteContext): void {
  const { federationDebugger, now } = deps;

  app.get(
    "/map",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(
          TAG,
          "getMap",
          "Show the map of the federation",
          "What this hub has settled, what its peers tell, and what the chains of past events prove, each with how it is known.",
        ),
        querystring: TeamQuery,
        response: answers(z.object({ map, problems })),
      },
    },
    async (request) => {
      const found = await federationDebugger.map(teamOf(request));
      return { map: toWire(found.map), problems: [...found.problems] };
    },
  );

  app.post(
    "/explain",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(
          TAG,
          "explainEvent",
          "Explain where an event goes",
          "By the rules that the forwarder itself calls: who gets it, at which hop and by which ways, and at each link that stops it the first rule with the values it compared.",
        ),
        querystring: TeamQuery,
        body: z.strictObject({ event: EventBody, at }),
        response: answers(z.object({ explanation }), 404),
      },
    },
    async (request) => {
      const { event, at: place } = request.body;
      const found = await federationDebugger.explain(teamOf(request), asQuestion(event), place);
      return { explanation: toWire(found.explanation) };
    },
  );

  app.post(
    "/probe",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(
          TAG,
          "probeEvent",
          "Ask the hubs themselves where an event would go",
          "A dry run from hub to hub: nothing is stored and nothing is delivered. Hubs that do not answer probes are unknown beyond.",
        ),
        querystring: TeamQuery,
        body: z.strictObject({ event: EventBody }),
        response: answers(wireShape(ProbeGraph), 404),
      },
    },
    async (request) => toWire(await federationDebugger.probe(teamOf(request), asQuestion(request.body.event))),
  );

  app.get(
    "/probes",
    {
      onRequest: needs("read"),
      schema: {
        ...about(TAG, "getProbes", "Show whether peers may ask about links"),
        querystring: TeamQuery,
        response: answers(ProbeAnswers),
      },
    },
    async () => ({ answers: await federationDebugger.questions.allowed() }),
  );

  app.put(
    "/probes",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(
          TAG,
          "setProbes",
          "Let peers ask about links, or not",
          "Peers then learn to whom this hub forwards, by which limits, and what would become of an event; and they may pass that on to their peers. Neither tokens nor addresses are told.",
        ),
        querystring: TeamQuery,
        body: ProbeAnswers,
        response: answers(ProbeAnswers),
      },
    },
    async (request) => {
      await federationDebugger.questions.allow(request.body.answers);
      return { answers: request.body.answers };
    },
  );

  app.post(
    "/what-if",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(
          TAG,
          "whatIf",
          "Try changes out",
          "Nothing is changed. Shows what would become of one event and of the newest ones of the log, and the calls that would make the changes.",
        ),
        querystring: TeamQuery,
        body: z.strictObject({
          changes: z.array(wireShape(Change)).min(1).max(50),
          event: EventBody.nullable().default(null),
          at,
          last: z.int().min(0).max(5_000).default(0).describe("How many of the newest events to compare."),
        }),
        response: answers(
          z.object({
            problems: z.array(z.object({ change: z.int(), problem: z.string() })),
            one: z.object({ before: explanation, after: explanation, difference: wireShape(Difference) }).nullable(),
            many: wireShape(ManyDifferences).nullable(),
            calls: z.array(wireShape(ApiCall)),
          }),
          404,
        ),
      },
    },
    async (request) => {
      const { event, last } = request.body;
      const changes = z.array(Change).parse(fromWire(request.body.changes));
      const question = event === null ? null : asQuestion(event);
      const answer = await federationDebugger.whatIf(teamOf(request), {
        changes,
        event: question,
        at: request.body.at,
        last,
      });
      return toWire(answer) as never;
    },
  );

  app.get(
    "/lint",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(
          TAG,
          "lintTopology",
          "Lint the topology",
          "Cycles and the rule that breaks each, instances out of reach, copies, cloned ids, ends that disagree: the gravest first.",
        ),
        querystring: TeamQuery,
        response: answers(z.object({ items: z.array(wireShape(Finding)) })),
      },
    },
    async (request) => {
      const { findings } = await federationDebugger.lint(teamOf(request));
      return { items: findings.map(toWire) };
    },
  );

  app.get(
    "/loops",
    {
      onRequest: needs("read"),
      schema: {
        ...about(
          TAG,
          "listLoops",
          "Group stopped events by cycle",
          "Events that were stopped by loop or hop limit, of the latest; by default those of a day.",
        ),
        querystring: z.strictObject({ team_id: pageQuery.team_id, since: Moment.optional() }),
        response: answers(z.object({ items: z.array(wireShape(LoopGroup)) })),
      },
    },
    async (request) => {
      const until = now();
      const since = request.query.since === undefined ? until - 24 * HOUR_MS : Date.parse(request.query.since);
      if (!(since < until) || until - since > LONGEST_MS)
        throw new HubError("bad_request", "query.since: must be in the past, and at most 31 days ago.");
      const stepMs = Math.max(60_000, Math.ceil((until - since) / STEPS));
      const groups = await federationDebugger.loops(teamOf(request), new Date(since), stepMs);
      return { items: groups.map(toWire) };
    },
  );
}
