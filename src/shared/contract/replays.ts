import { z } from "zod";
import { DROP_REASONS } from "../rules/index.ts";
import { consoleCall } from "./errors.ts";
import { Count, PageInput, pageOf, Time } from "./values.ts";

/** What a replay acts on: everything that matches all that is given. */
export const ReplayFilter = z.object({
  peerId: z.string().nullable().default(null),
  state: z.enum(["dead", "delivered", "cancelled"]).nullable().default(null),
  cause: z.string().nullable().default(null),
  reason: z.enum(DROP_REASONS).nullable().default(null),
  type: z.string().nullable().default(null),
  since: Time.nullable().default(null),
  until: Time.nullable().default(null),
  entryIds: z.array(z.string()).max(1_000).nullable().default(null),
  seqs: z.array(z.int()).max(1_000).nullable().default(null),
});

export const ReplayRequest = z.object({
  filter: ReplayFilter,
  targets: z.enum(["listeners", "peers", "both"]),
  /** By the decisions of then, or decided anew by the settings of now. */
  routing: z.enum(["then", "now"]),
  /** Keep the event's id, which peers may call a duplicate, or give it a new one. */
  id: z.enum(["same", "new"]),
});
export type ReplayRequest = z.infer<typeof ReplayRequest>;

export const ReplayJobView = z.object({
  id: z.string(),
  state: z.enum(["queued", "running", "done", "cancelled", "failed"]),
  request: ReplayRequest,
  total: z.int(),
  done: z.int(),
  skipped: z.int(),
  error: z.string().nullable(),
  createdAt: Time,
  finishedAt: Time.nullable(),
});
export type ReplayJobView = z.infer<typeof ReplayJobView>;

const One = z.object({ id: z.string() });

export const replays = {
  /** `production`: the names of the production peers that this may go to. */
  count: consoleCall.input(ReplayRequest).output(Count.extend({ production: z.array(z.string()) })),
  /** `confirm`: the names that `count` told as `production`; without them it is refused with a conflict. */
  create: consoleCall.input(ReplayRequest.extend({ confirm: z.array(z.string()).default([]) })).output(ReplayJobView),
  list: consoleCall.input(PageInput).output(pageOf(ReplayJobView)),
  get: consoleCall.input(One).output(ReplayJobView),
  cancel: consoleCall.input(One).output(ReplayJobView),
};
