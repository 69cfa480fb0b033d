import { z } from "zod";
import { Knowledge } from "../debugger/index.ts";
import { consoleCall } from "./errors.ts";
import { EvidenceValue, Time } from "./values.ts";

/** An instance of the federation, as far as it is known here. Keys are those of the debugger's map. */
export const TopologyNode = z.object({
  key: z.string(),
  kind: z.enum(["self", "peer", "inferred"]),
  name: z.string(),
  /** What stands in for it while it is not known: its hub's address. */
  instanceId: z.string(),
  url: z.string().nullable(),
  peerId: z.string().nullable(),
  /** Are the links that leave it known in full? Otherwise the map ends here: unknown beyond. */
  beyond: z.enum(["known", "unknown"]),
  known: z.array(Knowledge),
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
export type EdgeCounts = z.infer<typeof EdgeCounts>;

/** One direction of one link. Ids are those of the debugger's map: what explains, lints and changes names them too. */
export const TopologyEdge = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  /** `read`: nothing is sent over it, the peer reads this hub's stream. */
  kind: z.enum(["push", "pull", "inbound", "read", "inferred"]),
  /** From this hub's own settings, told by a peer, or proven by the chains of events that came. */
  known: z.enum(["own", "told", "proven"]),
  knowledge: z.array(Knowledge),
  peerId: z.string().nullable(),
  state: z.enum(["active", "paused", "revoked", "failing", "waiting", "unknown"]),
  /** Null where nobody told them. */
  scopes: z.array(z.string()).nullable(),
  maxHops: z.int().nullable(),
  maxBytes: z.int().nullable(),
  /** Null where this hub does not see what goes over the link, or does not count it by peer. */
  counts: EdgeCounts.nullable(),
  seenAt: Time.nullable(),
});
export type TopologyEdge = z.infer<typeof TopologyEdge>;

export const TopologyView = z.object({
  nodes: z.array(TopologyNode),
  edges: z.array(TopologyEdge),
  /** What stood in the way of knowing more. */
  problems: z.array(z.string()),
  at: Time,
});
export type TopologyView = z.infer<typeof TopologyView>;

/** What became of one event on one edge. */
export const TopologyStep = z.object({
  edge: z.string(),
  outcome: z.enum(["came", "forwarded", "dropped"]),
  reason: z.string().nullable(),
  evidence: EvidenceValue.nullable(),
  sentence: z.string(),
});
export type TopologyStep = z.infer<typeof TopologyStep>;

export const topology = {
  get: consoleCall.input(z.object({ windowMinutes: z.int().min(1).max(44_640).default(60) })).output(TopologyView),
  /** The way of one event over the edges of the map: which it took, and what stopped it at the others. */
  path: consoleCall.input(z.object({ seq: z.int() })).output(z.array(TopologyStep)),
};
