import { z } from "zod";
import { LatencySummary } from "../measure/latency.ts";
import { defineCall } from "../processes/calls.ts";

/** Where events are posted. */
const Target = z.object({
  url: z.string(),
  /** The content type of one event; batches have their own. */
  contentType: z.string(),
});
export type Target = z.infer<typeof Target>;

const Events = {
  target: Target,
  run: z.string(),
  ids: z.enum(["random", "sorted"]),
  /** Events of a request; above one, as a CloudEvents batch. */
  batch: z.int().min(1),
};

/** What came of a run. Times are on the clock of `now()`. */
const Sent = z.object({
  /** Events that were posted in the whole run, the warm-up included. */
  posted: z.int(),
  /** Of these, the events that were answered as accepted. */
  accepted: z.int(),
  /** Events that were accepted in the measured part. */
  measured: z.int(),
  /** How long the measured part took, in seconds. */
  seconds: z.number(),
  firstSentAt: z.number(),
  /** Requests by status, and what went wrong without one. */
  answers: z.record(z.string(), z.int()),
  /** From sending (or the time for it, where there is a schedule) to the answer, in the measured part. */
  latency: LatencySummary,
  /** How far behind its schedule the sender was; without a schedule there is none. */
  late: LatencySummary.optional(),
});
export type Sent = z.infer<typeof Sent>;

/** Posts as fast as the answers come, with a fixed number of requests in flight, each on a connection of its own. */
export const SEND_CLOSED = defineCall(
  "send with a fixed number in flight",
  z.object({
    ...Events,
    inFlight: z.int().min(1),
    /** How long to send before the measured part begins. The marks `begin` and `end` enclose that. */
    warmupMs: z.number().min(0),
    until: z.union([z.object({ ms: z.number() }), z.object({ events: z.int() })]),
  }),
  Sent,
);
export type ClosedRun = z.infer<typeof SEND_CLOSED.input>;

/** Posts at a fixed rate, however the answers come: a slow answer delays no other event, and hides no waiting. */
export const SEND_OPEN = defineCall(
  "send at a rate",
  z.object({ ...Events, perSecond: z.number(), events: z.int(), connections: z.int() }),
  Sent,
);
export type OpenRun = z.infer<typeof SEND_OPEN.input>;
