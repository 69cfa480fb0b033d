import { z } from "zod";
import { LatencySummary } from "../measure/latency.ts";
import { defineCall } from "../processes/calls.ts";

/** A hub's stream, with the frames of its protocol; or a socket on which a server pushes each event as it is. */
export const ListenTarget = z.union([
  z.object({ kind: z.literal("hub"), url: z.string(), token: z.string(), team: z.string() }),
  z.object({ kind: z.literal("plain"), url: z.string() }),
]);
export type ListenTarget = z.infer<typeof ListenTarget>;

/** Connects so many listeners, each with a cursor of its own at a hub, named after `client`. */
export const CONNECT = defineCall(
  "connect",
  z.object({ target: ListenTarget, sockets: z.int().min(1), client: z.string() }),
  z.null(),
);

/** What the listeners got of a run. Times are on the clock of `now()`. */
const Heard = z.object({
  /** Events that arrived, each counted once for each listener. */
  received: z.int(),
  /** Arrivals of events that had been there already. */
  repeated: z.int(),
  firstAt: z.number(),
  lastAt: z.number(),
  /** From the event's stamp to its arrival. */
  latency: LatencySummary,
  /** Why sockets were closed that should not have been. */
  closed: z.array(z.string()),
});
export type Heard = z.infer<typeof Heard>;

/**
 * Waits for all events of a run on all sockets. The mark `listening` says that it counts from now on; the answer comes
 * with the last event, or when nothing came for `patienceMs`.
 */
export const LISTEN = defineCall(
  "listen",
  z.object({ run: z.string(), events: z.int(), patienceMs: z.number() }),
  Heard,
);
