import { z } from "zod";
import { HubError } from "../errors.ts";
import { Moment } from "../moment.ts";
import { type CountRecord, sumCounts } from "../store/ledger.ts";
import { teamOf } from "./access.ts";
import { pageQuery } from "./paging.ts";
import { type Api, about, answers, type RouteContext } from "./routes.ts";

const HOUR_MS = 3_600_000;
const LONGEST_MS = 31 * 24 * HOUR_MS;
const MOST_STEPS = 1_500;

const CountObject = z
  .object({
    at: z.iso.datetime().nullable().describe("Begin of the step; null without `step`."),
    peer_id: z.uuid().nullable().describe("Null for what concerns this hub itself."),
    peer_name: z.string().nullable(),
    kind: z
      .string()
      .describe(
        "accepted, duplicate, refused, forward, drop, attempt_ok, attempt_failed, delivered, dead, cancelled …",
      ),
    reason: z.string().describe("The rule or cause; empty when there is none."),
    count: z.int(),
  })
  .meta({ id: "Count" });

const StatsObject = z.object({ since: z.iso.datetime(), until: z.iso.datetime(), items: z.array(CountObject) });

/** `/api/federation/stats`: counts, kept in the same transactions as what they count. */
export function statsRoutes(app: Api, { deps: { db, now }, needs }: RouteContext): void {
  app.get(
    "/stats",
    {
      onRequest: needs("read"),
      schema: {
        ...about(
          "Stats",
          "getStats",
          "Count decisions, attempts and deliveries",
          "Over a window (by default the last hour), in full minutes, by peer, kind and reason. Counts are kept in the " +
            "transactions that do what they count. What concerns the hub itself is counted over all of its teams.",
        ),
        querystring: z.strictObject({
          team_id: pageQuery.team_id,
          peer_id: z.uuid().optional(),
          since: Moment.optional(),
          until: Moment.optional(),
          step: z.coerce.number().int().min(60).optional().describe("Seconds into which the window is divided."),
        }),
        response: answers(StatsObject),
      },
    },
    async (request) => {
      const { peer_id, step } = request.query;
      const until = request.query.until === undefined ? new Date(now()) : new Date(request.query.until);
      const since =
        request.query.since === undefined ? new Date(until.getTime() - HOUR_MS) : new Date(request.query.since);
      checkWindow(since, until, step ?? null);
      const counts = await sumCounts(db, {
        team: teamOf(request),
        peerId: peer_id ?? null,
        since,
        until,
        stepSeconds: step ?? null,
      });
      return { since: since.toISOString(), until: until.toISOString(), items: counts.map(showCount) };
    },
  );
}

function checkWindow(since: Date, until: Date, step: number | null): void {
  const ms = until.getTime() - since.getTime();
  if (ms <= 0) throw new HubError("bad_request", "query.since: must be before until.");
  if (ms > LONGEST_MS) throw new HubError("bad_request", "query.since: must be at most 31 days before until.");
  if (step !== null && ms / (step * 1_000) > MOST_STEPS)
    throw new HubError(
      "bad_request",
      `query.step: must be larger: the window would have more than ${MOST_STEPS} steps.`,
    );
}

function showCount(count: CountRecord): z.infer<typeof CountObject> {
  return {
    at: count.at?.toISOString() ?? null,
    peer_id: count.peerId,
    peer_name: count.peerName,
    kind: count.kind,
    reason: count.reason,
    count: count.n,
  };
}
