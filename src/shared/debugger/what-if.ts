import { z } from "zod";
import type { RoutableEvent } from "../rules/index.ts";
import { explain } from "./explain.ts";
import { type ExplainedInstance, type ExplainedLink, type Explanation, LinkSaying } from "./explanation.ts";
import { nameOf, type TopologyMap } from "./map.ts";

const Standing = z.object({ hops: z.int(), received: z.int(), waits: z.boolean() });

/** How one event would fare otherwise. */
export const Difference = z.object({
  instances: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      change: z
        .enum(["gained", "lost", "moved"])
        .describe("Gets it now; gets it no more; gets it another way or more often."),
      before: Standing.nullable(),
      after: Standing.nullable(),
    }),
  ),
  links: z.array(
    z.object({
      id: z.string(),
      from: z.string(),
      to: z.string(),
      before: LinkSaying.nullable().describe("Null when nothing came to its sender, or there was no such link."),
      after: LinkSaying.nullable(),
    }),
  ),
});
export type Difference = z.infer<typeof Difference>;

/** What differs between two explanations of one event. */
export function differenceOf(before: Explanation, after: Explanation): Difference {
  return { instances: changedInstances(before, after), links: changedLinks(before, after) };
}

/** One of many events whose outcome would be another. */
export const ChangedEvent = z.object({
  seq: z.int(),
  id: z.string(),
  type: z.string(),
  gained: z.array(z.string()).describe("Keys of instances that would get it."),
  lost: z.array(z.string()).describe("Keys of instances that would not get it any more."),
  moved: z.array(z.string()).describe("Keys of instances that would get it another way or more often."),
});
export type ChangedEvent = z.infer<typeof ChangedEvent>;

export const ManyDifferences = z.object({
  events: z.int().describe("How many were compared."),
  changed: z.int().describe("How many of them would have another outcome."),
  totals: z
    .array(z.object({ key: z.string(), name: z.string(), gained: z.int(), lost: z.int(), moved: z.int() }))
    .describe("For each instance that something changes for."),
  examples: z.array(ChangedEvent).describe("The first ones that differ."),
});
export type ManyDifferences = z.infer<typeof ManyDifferences>;

export interface StoredEvent extends RoutableEvent {
  readonly seq: number;
  readonly id: string;
}

/**
 * How many events would have fared otherwise. Events that routing cannot tell apart are walked once, so that a thousand
 * events of a dozen types cost a dozen walks.
 * @param at key of the instance that holds them
 */
export function compareMany(
  before: TopologyMap,
  after: TopologyMap,
  events: readonly StoredEvent[],
  at: string,
  mostExamples: number,
): ManyDifferences {
  const known = new Map<string, Difference>();
  const totals = new Map<string, { gained: number; lost: number; moved: number }>();
  const examples: ChangedEvent[] = [];
  let changed = 0;
  for (const event of events) {
    const kind = JSON.stringify([event.type, event.dataBytes, event.provenance]);
    const difference = known.get(kind) ?? differenceOf(explain(before, event, at), explain(after, event, at));
    known.set(kind, difference);
    if (difference.instances.length + difference.links.length === 0) continue;
    changed++;
    const keys = (change: string): string[] =>
      difference.instances.filter((one) => one.change === change).map(({ key }) => key);
    const outcome = { gained: keys("gained"), lost: keys("lost"), moved: keys("moved") };
    for (const { key, change } of difference.instances) {
      const total = totals.get(key) ?? { gained: 0, lost: 0, moved: 0 };
      total[change]++;
      totals.set(key, total);
    }
    if (examples.length < mostExamples) examples.push({ seq: event.seq, id: event.id, type: event.type, ...outcome });
  }
  return {
    events: events.length,
    changed,
    totals: [...totals].map(([key, counts]) => ({ key, name: nameOf(after, key), ...counts })),
    examples,
  };
}

function changedInstances(before: Explanation, after: Explanation): Difference["instances"] {
  const then = new Map(before.instances.map((instance) => [instance.key, instance]));
  const now = new Map(after.instances.map((instance) => [instance.key, instance]));
  return [...new Set([...then.keys(), ...now.keys()])].flatMap((key): Difference["instances"] => {
    const [a, b] = [standing(then.get(key)), standing(now.get(key))];
    if (JSON.stringify(a) === JSON.stringify(b)) return [];
    const change = a === null || (a.waits && b?.waits === false) ? "gained" : lost(a, b) ? "lost" : "moved";
    return [{ key, name: now.get(key)?.name ?? then.get(key)?.name ?? key, change, before: a, after: b }];
  });
}

type Standing = z.infer<typeof Standing>;

/** What waits behind a paused link has not been got. */
function lost(before: Standing, after: Standing | null): boolean {
  return after === null || (after.waits && !before.waits);
}

function standing(instance: ExplainedInstance | undefined): Standing | null {
  if (instance === undefined) return null;
  const { hops, received, waits } = instance;
  return { hops, received, waits };
}

function changedLinks(before: Explanation, after: Explanation): Difference["links"] {
  const then = new Map(before.links.map((link) => [link.id, link]));
  const now = new Map(after.links.map((link) => [link.id, link]));
  return [...new Set([...then.keys(), ...now.keys()])].flatMap((id): Difference["links"] => {
    const [a, b] = [then.get(id), now.get(id)];
    const link = b ?? a;
    if (link === undefined || (a?.outcome === b?.outcome && a?.reason === b?.reason && a?.waits === b?.waits))
      return [];
    return [{ id, from: link.from, to: link.to, before: saying(a), after: saying(b) }];
  });
}

function saying(link: ExplainedLink | undefined): LinkSaying | null {
  if (link === undefined) return null;
  const { outcome, reason, evidence, sentence } = link;
  return { outcome, reason, evidence, sentence };
}
