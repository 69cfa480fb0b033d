import { z } from "zod";
import { DROP_REASONS, invalidScope } from "../../../shared/rules/index.ts";
import { EntryId } from "../entry-id.ts";
import { HubError } from "../errors.ts";
import { Moment } from "../moment.ts";
import { teamOf } from "./access.ts";
import { cursorsOf, pageOf, pageQuery, TeamQuery } from "./paging.ts";
import type { ReplayJob } from "./ports.ts";
import { type Api, about, answers, type RouteContext } from "./routes.ts";

const TAG = "Replays";
const MOST_NAMED = 1_000;

const Filter = z
  .strictObject({
    peer_id: z.uuid().optional(),
    state: z.enum(["dead", "delivered", "cancelled"]).optional(),
    cause: z.string().min(1).max(200).optional().describe("What ended the entry."),
    reason: z
      .enum(DROP_REASONS)
      .optional()
      .describe("The rule by which it was not forwarded; with the routing of now."),
    type: z
      .string()
      .refine((glob) => invalidScope(glob) === null, "must be a glob on the event type, such as com.stripe.*")
      .optional(),
    since: Moment.optional().describe("Received at this time or later."),
    until: Moment.optional().describe("Received before this time."),
    entry_ids: z.array(EntryId).min(1).max(MOST_NAMED).optional(),
    seqs: z.array(z.int().min(1)).min(1).max(MOST_NAMED).optional().describe("Events, by their place in the log."),
  })
  .refine((filter) => Object.values(filter).some((value) => value !== undefined), {
    message: "must say what to replay; for everything, give since with a time long ago",
  })
  .meta({ id: "ReplayFilter", description: "Everything that matches all that is given." });

const RequestObject = z.object({
  filter: Filter,
  targets: z.enum(["listeners", "peers", "both"]).describe("Who is to get the events again."),
  routing: z
    .enum(["then", "now"])
    .default("then")
    .describe("To the peers that were decided on then, or decided anew by the settings of now."),
  id: z
    .enum(["same", "new"])
    .default("same")
    .describe("Peers may call an event with the same id a duplicate; with a new one it is a new event."),
});

const RequestBody = z.strictObject({
  ...RequestObject.shape,
  confirm: z
    .array(z.string())
    .default([])
    .describe(
      "The names of the production peers that this goes to: of named events those they go to, else all that the filter " +
        "lets in. Without them it is refused; a peer that was not named is sent nothing, whatever changes meanwhile.",
    ),
  dry_run: z.boolean().default(false).describe("Only count what would be replayed."),
});

const JobObject = z
  .object({
    id: z.uuid(),
    state: z.enum(["queued", "running", "done", "cancelled", "failed"]),
    request: RequestObject,
    total: z.int().describe("What the filter matched when the job was made."),
    done: z.int(),
    skipped: z.int().describe("What had changed its state, or was gone, when its turn came."),
    error: z.string().nullable(),
    created_at: z.iso.datetime(),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: "ReplayJob" });

const CountObject = z.object({
  count: z.int().describe("How much the filter matches now."),
  production: z.array(z.string()).describe("The names of the production peers that it would go to, for `confirm`."),
});

interface JobKey {
  readonly createdAt: Date;
  readonly id: string;
}

const cursors = cursorsOf(z.strictObject({ at: z.iso.datetime(), id: z.uuid() }));
const Params = z.strictObject({ id: z.uuid() });

/** `/api/federation/replays`: jobs that replay everything a filter matches. */
export function replayRoutes(app: Api, { deps: { replays }, needs }: RouteContext): void {
  app.post(
    "/replays",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(
          TAG,
          "createReplay",
          "Replay everything that a filter matches",
          "With `dry_run` it only counts (200). Otherwise it makes a job (202), which can be watched and cancelled. An " +
            "entry is never replayed twice by one job, and a replay takes the place of a scheduled retry.",
        ),
        querystring: TeamQuery,
        body: RequestBody,
        response: { ...answers(CountObject, 409), 202: JobObject },
      },
    },
    async (request, reply) => {
      const { dry_run, confirm, ...wanted } = request.body;
      const team = teamOf(request);
      if (dry_run) {
        const production = (await replays.production(team, wanted)).map(({ name }) => name);
        return reply.code(200).send({ count: await replays.count(team, wanted), production });
      }
      return reply.code(202).send(showJob(await replays.create(team, wanted, confirm)));
    },
  );

  app.get(
    "/replays",
    {
      onRequest: needs("read"),
      schema: {
        ...about(TAG, "listReplays", "List replay jobs", "Newest first."),
        querystring: z.strictObject(pageQuery),
        response: answers(pageOf(JobObject)),
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const key = cursors.read(cursor);
      const before: JobKey | null = key === null ? null : { createdAt: new Date(key.at), id: key.id };
      const found = await replays.list(teamOf(request), { before, limit: limit + 1 });
      return cursors.page(found, limit, ({ createdAt, id }) => ({ at: createdAt.toISOString(), id }), showJob);
    },
  );

  app.get(
    "/replays/:id",
    {
      onRequest: needs("read"),
      schema: {
        ...about(TAG, "getReplay", "Show a replay job", "With its progress."),
        params: Params,
        querystring: TeamQuery,
        response: answers(JobObject, 404),
      },
    },
    async (request) => {
      const job = await replays.get(teamOf(request), request.params.id);
      if (job === null) throw new HubError("not_found", `There is no replay job ${request.params.id}.`);
      return showJob(job);
    },
  );

  app.post(
    "/replays/:id/cancel",
    {
      onRequest: needs("admin"),
      schema: {
        ...about(TAG, "cancelReplay", "Cancel a replay job", "What it has replayed already stays replayed."),
        params: Params,
        querystring: TeamQuery,
        response: answers(JobObject, 404, 409),
      },
    },
    async (request) => showJob(await replays.cancel(teamOf(request), request.params.id)),
  );
}

function showJob(job: ReplayJob): z.infer<typeof JobObject> {
  const { filter, ...rest } = job.request;
  const { entry_ids, seqs, ...criteria } = filter;
  const named = {
    ...(entry_ids === undefined ? {} : { entry_ids: [...entry_ids] }),
    ...(seqs === undefined ? {} : { seqs: [...seqs] }),
  };
  return {
    id: job.id,
    state: job.state,
    request: { ...rest, filter: { ...criteria, ...named } },
    total: job.total,
    done: job.done,
    skipped: job.skipped,
    error: job.error,
    created_at: job.createdAt.toISOString(),
    finished_at: job.finishedAt?.toISOString() ?? null,
  };
}
