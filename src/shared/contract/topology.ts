import { z } from "zod";
import { consoleCall } from "./errors.ts";
import { EvidenceValue, Time } from "./values.ts";

/** An instance of the federation, as far as it is known here. */
export const TopologyNode = z.object({
  /** Its instance id, or a peer's name as long as the id is not known. */
  key: z.string(),
  kind: z.enum(["self", "peer", "inferred"]),
  name: z.string(),
  peerId: z.string().nullable(),
  /** When an event last came by it. */
  seenAt: Time.nullable(),
});
export type TopologyNode = z.infer<typeof TopologyNode>;

/** Counts of decisions and attempts on one edge, over the window that was asked for. */
export const EdgeCounts = z.object({
  delivered: z.int(),
  duplicate: z.int(),
  retrying: z.int(),
  dead: z.int(),
  dropped: z.array(z.object({ reason: z.string(), count: z.int() })),
  received: z.int(),
});

/** One direction of one link. */
export const TopologyEdge = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  kind: z.enum(["push", "pull", "inbound", "inferred"]),
  /** From this hub's own settings, told by the peer, or proven by the chains of events that came. */
  known: z.enum(["own", "told", "proven"]),
  peerId: z.string().nullable(),
  state: z.enum(["active", "paused", "revoked", "failing", "waiting", "unknown"]),
  scopes: z.array(z.string()).nullable(),
  maxHops: z.int().nullable(),
  counts: EdgeCounts.nullable(),
  seenAt: Time.nullable(),
});
export type TopologyEdge = z.infer<typeof TopologyEdge>;

/** A cycle among the edges, and the rule that ends an event that goes round. */
export const TopologyCycle = z.object({ nodes: z.array(z.string()), edges: z.array(z.string()), sentence: z.string() });

export const TopologyView = z.object({
  nodes: z.array(TopologyNode),
  edges: z.array(TopologyEdge),
  cycles: z.array(TopologyCycle),
  at: Time,
});
export type TopologyView = z.infer<typeof TopologyView>;

export const topology = {
  get: consoleCall.input(z.object({ windowMinutes: z.int().min(1).max(44_640).default(60) })).output(TopologyView),
  /** The way of one event over the edges of the map: which it took, and what stopped it at the others. */
  path: consoleCall.input(z.object({ seq: z.int() })).output(
    z.array(
      z.object({
        edge: z.string(),
        outcome: z.enum(["came", "forwarded", "dropped"]),
        reason: z.string().nullable(),
        evidence: EvidenceValue.nullable(),
        sentence: z.string(),
      }),
    ),
  ),
};
