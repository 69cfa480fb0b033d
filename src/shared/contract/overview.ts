import { z } from "zod";
import { consoleCall } from "./errors.ts";
import { Time } from "./values.ts";

/** Something that needs a hand. `to` is the screen that helps: its path behind `/<hub>/`, as in `outbox?state=dead`. */
export const Attention = z.object({
  id: z.string(),
  severity: z.enum(["error", "warning", "info"]),
  title: z.string(),
  detail: z.string(),
  to: z.string(),
  since: Time.nullable(),
  count: z.int().nullable(),
});
export type Attention = z.infer<typeof Attention>;

/** Counts of one step, from the rollups: never estimated. */
export const RatePoint = z.object({
  at: Time,
  received: z.int(),
  fromPeers: z.int(),
  delivered: z.int(),
  failed: z.int(),
  dropped: z.int(),
  refused: z.int(),
});
export type RatePoint = z.infer<typeof RatePoint>;

export const OverviewView = z.object({
  attention: z.array(Attention),
  totals: z.object({
    events: z.int(),
    eventsToday: z.int(),
    owed: z.int(),
    dead: z.int(),
    peers: z.int(),
    listeners: z.int(),
    endpoints: z.int(),
  }),
  /** True as long as no event has come and no peer was added: the screen is the introduction then. */
  fresh: z.boolean(),
});
export type OverviewView = z.infer<typeof OverviewView>;

export const overview = {
  get: consoleCall.output(OverviewView),
  rates: consoleCall
    .input(
      z.object({
        minutes: z.int().min(5).max(44_640),
        step: z.int().min(60).max(86_400),
        peerId: z.string().nullable().default(null),
      }),
    )
    .output(z.array(RatePoint)),
};
