import { z } from "zod";
import { EvidenceShape } from "./evidence.ts";
import { type Explanation, ReasonShape } from "./explanation.ts";
import { isPush, nameOf, type TopologyMap } from "./map.ts";

/** What lies behind a link that a probe came to. `not_offered`: the peer does not answer probes, as hosted Kites do not. */
export const PROBE_ENDS = ["answered", "not_offered", "unreachable", "out_of_budget", "not_sent"] as const;

/**
 * One link that a probe has asked about: what the instance it leaves says, and what the one it leads to. Numbers tell the
 * way: 1.2.1 is the first link of the instance behind link 1.2.
 */
export const ProbeStep = z.object({
  number: z.string().regex(/^\d{1,4}(\.\d{1,4}){0,63}$/),
  from: z.string().max(128).describe("Instance id."),
  to: z.string().max(128).describe("Instance id; the peer's name as long as that is not known."),
  hops: z.int().describe("Of the copy that would go over the link."),
  forwards: z.boolean(),
  waits: z.boolean().describe("The peer is paused: a real event would wait."),
  admits: z
    .boolean()
    .nullable()
    .describe("Whether the receiver would let it in; null when it was not asked or did not say."),
  holds: z.boolean().nullable().describe("Whether the receiver has this very event already; null when it did not say."),
  reason: ReasonShape.nullable().describe("The first rule that stops it, at either end."),
  evidence: EvidenceShape.nullable(),
  sentence: z.string().max(2_000),
  beyond: z.enum(PROBE_ENDS),
});
export type ProbeStep = z.infer<typeof ProbeStep>;

/** What a probe has found, as a graph: each instance once, however many copies would come to it. */
export const ProbeGraph = z.object({
  instances: z.array(
    z.object({
      id: z.string(),
      hops: z.int().describe("Of the copy that it would keep: the one with the fewest."),
      copies: z.int().describe("How many would arrive."),
      known: z.boolean().describe("It has answered. Otherwise: unknown beyond here."),
    }),
  ),
  steps: z.array(ProbeStep),
});
export type ProbeGraph = z.infer<typeof ProbeGraph>;

/** Puts the steps together again: by numbers they are a tree, by instances a graph. */
export function probeGraph(self: string, hops: number, steps: readonly ProbeStep[]): ProbeGraph {
  const instances = new Map([[self, { id: self, hops, copies: 1, known: true }]]);
  for (const step of steps) {
    if (!step.forwards || step.admits === false) continue;
    const there = instances.get(step.to) ?? { id: step.to, hops: step.hops, copies: 0, known: false };
    there.hops = Math.min(there.hops, step.hops);
    there.copies++;
    there.known ||= step.beyond === "answered";
    instances.set(step.to, there);
  }
  return { instances: [...instances.values()], steps: [...steps] };
}

/**
 * In what the hubs say otherwise than the map predicts, a sentence each; none when they agree as far as they answered.
 * What waits behind a paused link is not asked for, and not compared.
 */
export function probeContradictions(
  map: TopologyMap,
  predicted: Explanation,
  { instances, steps }: ProbeGraph,
): string[] {
  const said = new Map(instances.map(({ id, hops }) => [id, hops]));
  // A hub that has not told its id goes by the name its sender has for it.
  const idOf = (key: string): string => {
    const instance = map.instances.find((one) => one.key === key);
    return instance === undefined ? key : said.has(instance.instanceId) ? instance.instanceId : instance.name;
  };
  const read = new Set(map.links.filter((link) => !isPush(link)).map(({ id }) => id));
  const complete = steps.every(({ beyond }) => beyond === "answered" || beyond === "not_sent");
  const foreseen = new Map(predicted.instances.map((one) => [idOf(one.key), one]));
  const expected = predicted.instances.flatMap(({ key, hops, waits, path }) => {
    const found = said.get(idOf(key));
    // A probe goes where events are sent, not where they are read.
    if (path.some((id) => read.has(id))) return [];
    if (waits || found === hops || (found === undefined && !complete)) return [];
    const now = found === undefined ? "it does not get there" : `it comes as hop ${found}`;
    return [`${nameOf(map, key)}: the map says hop ${hops}, and the hubs say ${now}.`];
  });
  const others = [...said].flatMap(([id, hops]) =>
    foreseen.has(id) ? [] : [`${id}: the map does not have it get there, and the hubs say it comes as hop ${hops}.`],
  );
  return [...expected, ...others];
}
