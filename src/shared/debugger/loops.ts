import { z } from "zod";
import type { Evidence } from "../rules/index.ts";

/** An event that was stopped because it had been there before, or had come too far. */
export interface StoppedEvent {
  readonly seq: number | null;
  readonly id: string | null;
  readonly type: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason: "loop" | "hop_limit" | "own_id_in_chain";
  readonly evidence: Evidence;
  /** The chain of the copy that this instance holds, where the rule's evidence has none. */
  readonly chain: readonly string[];
  /** The instance that was not sent it, by its id or its name. */
  readonly peer: string;
}

export const LoopGroup = z.object({
  id: z.string(),
  reason: z.enum(["loop", "hop_limit", "own_id_in_chain"]),
  cycle: z
    .array(z.string())
    .describe(
      "Instance ids, each once; from the last an event would come to the first. For a hop limit: the way it came.",
    ),
  sentence: z.string(),
  events: z.int(),
  firstAt: z.number(),
  lastAt: z.number(),
  counts: z.array(z.object({ at: z.number(), events: z.int() })).describe("Over time, in steps of equal length."),
  example: z
    .object({ seq: z.int().nullable(), id: z.string().nullable(), type: z.string().nullable(), at: z.number() })
    .describe("The event that shows it best: the latest that is in the log."),
});
export type LoopGroup = z.infer<typeof LoopGroup>;

interface Loop {
  readonly reason: StoppedEvent["reason"];
  readonly cycle: readonly string[];
}

/**
 * Groups events that were stopped by the cycle they went round, so that a thousand drops are one line; the most first.
 * @param self the id of the instance that stopped them
 * @param stepMs the length of the steps in which they are counted
 */
export function groupLoops(self: string, stopped: readonly StoppedEvent[], stepMs: number): LoopGroup[] {
  const groups = new Map<string, { loop: Loop; events: StoppedEvent[] }>();
  for (const event of stopped) {
    const loop = { reason: event.reason, cycle: cycleOf(self, event) };
    const id = `${loop.reason}:${loop.cycle.join(">")}`;
    const group = groups.get(id) ?? { loop, events: [] };
    group.events.push(event);
    groups.set(id, group);
  }
  return [...groups]
    .map(([id, { loop, events }]) => summary(id, loop, events, stepMs))
    .sort((a, b) => b.events - a.events);
}

function cycleOf(self: string, event: StoppedEvent): readonly string[] {
  const { reason, evidence, peer } = event;
  const chain = Array.isArray(evidence["chain"]) ? (evidence["chain"] as readonly string[]) : event.chain;
  if (reason === "hop_limit") return [...event.chain, self, peer];
  const instance = typeof evidence["instance"] === "string" ? evidence["instance"] : peer;
  // What came from there goes back there: the stretch of the chain since then is the cycle.
  const round = chain.slice(chain.lastIndexOf(instance));
  return canonical(round.length === 0 ? [instance] : round);
}

/** A cycle begins anywhere; to be the same for all who see it, it begins with the id that sorts first. */
function canonical(cycle: readonly string[]): string[] {
  const first = [...cycle].sort()[0] ?? "";
  const at = cycle.indexOf(first);
  return [...cycle.slice(at), ...cycle.slice(0, at)];
}

function summary(id: string, { reason, cycle }: Loop, events: readonly StoppedEvent[], stepMs: number): LoopGroup {
  const times = events.map(({ at }) => at);
  const counts = new Map<number, number>();
  for (const at of times) {
    const step = Math.floor(at / stepMs) * stepMs;
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  const latest = events.reduce((best, event) => (rank(event) > rank(best) ? event : best));
  return {
    id,
    reason,
    cycle: [...cycle],
    sentence: sentence(reason, cycle),
    events: events.length,
    firstAt: Math.min(...times),
    lastAt: Math.max(...times),
    counts: [...counts].sort(([a], [b]) => a - b).map(([at, n]) => ({ at, events: n })),
    example: { seq: latest.seq, id: latest.id, type: latest.type, at: latest.at },
  };
}

function rank({ seq, at }: StoppedEvent): number {
  return seq === null ? at - Number.MAX_SAFE_INTEGER / 2 : at;
}

function sentence(reason: StoppedEvent["reason"], cycle: readonly string[]): string {
  if (reason === "hop_limit") return `The way ${cycle.join(" → ")} is longer than the hop limit of its last link.`;
  const round = [...cycle, cycle[0] ?? ""].join(" → ");
  return reason === "loop"
    ? `Events went round ${round} and were not sent on: the receiver stands in their chain already.`
    : `Events came back round ${round} and were refused: this instance stands in their chain already.`;
}
