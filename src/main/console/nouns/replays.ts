import { z } from "zod";
import type { ReplayJobView, ReplayRequest } from "../../../shared/contract/index.ts";
import { cursorsOf, HubError, type HubInside } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";
import { page } from "../show/page.ts";

type HubRequest = Parameters<HubInside["replays"]["create"]>[1];
type HubJob = Awaited<ReturnType<HubInside["replays"]["create"]>>;

const cursors = cursorsOf(z.strictObject({ at: z.iso.datetime(), id: z.uuid() }));

export function replayCalls({ inside: { replays, news } }: Services) {
  const checkId = (id: string): string => {
    if (!z.uuid().safeParse(id).success) throw new HubError("not_found", `There is no replay job ${id}.`);
    return id;
  };
  return {
    count: os.replays.count.handler(async ({ input, context: { team } }) => {
      const wanted = toHub(input);
      const count = await replays.count(team, wanted);
      return { count, production: (await replays.production(team, wanted)).map(({ name }) => name) };
    }),
    create: os.replays.create.handler(async ({ input, context }) => {
      const { confirm, ...wanted } = input;
      const job = await replays.create(context.team, toHub(wanted), confirm);
      news.replays.emit();
      return show(job);
    }),
    list: os.replays.list.handler(async ({ input, context }) => {
      const { cursor, limit } = input;
      const key = cursors.read(cursor ?? undefined);
      const before = key === null ? null : { createdAt: new Date(key.at), id: key.id };
      const found = await replays.list(context.team, { before, limit: limit + 1 });
      return page(cursors, found, limit, ({ createdAt, id }) => ({ at: createdAt.toISOString(), id }), show);
    }),
    get: os.replays.get.handler(async ({ input, context }) => {
      const job = await replays.get(context.team, checkId(input.id));
      if (job === null) throw new HubError("not_found", `There is no replay job ${input.id}.`);
      return show(job);
    }),
    cancel: os.replays.cancel.handler(async ({ input, context }) => {
      const job = await replays.cancel(context.team, checkId(input.id));
      news.replays.emit();
      return show(job);
    }),
  };
}

const iso = (time: number): string => new Date(time).toISOString();

function toHub({ filter, ...rest }: ReplayRequest): HubRequest {
  const { peerId, state, cause, reason, type, since, until, entryIds, seqs } = filter;
  if (Object.values(filter).every((value) => value === null))
    throw new HubError(
      "bad_request",
      "filter: must say what to replay; for everything, give since with a time long ago.",
      {
        field: "filter",
      },
    );
  return {
    ...rest,
    filter: {
      ...(peerId === null ? {} : { peer_id: peerId }),
      ...(state === null ? {} : { state }),
      ...(cause === null ? {} : { cause }),
      ...(reason === null ? {} : { reason }),
      ...(type === null ? {} : { type }),
      ...(since === null ? {} : { since: iso(since) }),
      ...(until === null ? {} : { until: iso(until) }),
      ...(entryIds === null ? {} : { entry_ids: entryIds }),
      ...(seqs === null ? {} : { seqs }),
    },
  };
}

function show(job: HubJob): ReplayJobView {
  const { filter, ...rest } = job.request;
  const time = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text));
  return {
    id: job.id,
    state: job.state,
    request: {
      ...rest,
      filter: {
        peerId: filter.peer_id ?? null,
        state: filter.state ?? null,
        cause: filter.cause ?? null,
        reason: filter.reason ?? null,
        type: filter.type ?? null,
        since: time(filter.since),
        until: time(filter.until),
        entryIds: filter.entry_ids === undefined ? null : [...filter.entry_ids],
        seqs: filter.seqs === undefined ? null : [...filter.seqs],
      },
    },
    total: job.total,
    done: job.done,
    skipped: job.skipped,
    error: job.error,
    createdAt: job.createdAt.getTime(),
    finishedAt: job.finishedAt?.getTime() ?? null,
  };
}
