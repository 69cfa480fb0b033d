import { type RoutableEvent, reach } from "../../rules/index.ts";
import { type MapLink, nameOf, topologyOf } from "../map.ts";
import type { Finding, LintInput } from "./finding.ts";
import { sampleEvents } from "./sample-events.ts";

/** From so many copies of each event on, the topology costs more than it is likely to be worth. */
const MANY_COPIES = 4;

interface Worst {
  readonly origin: string;
  readonly type: string;
  readonly by: readonly MapLink[];
}

/** Instances that receive more than one copy of an event: of the worst one, where it is published and how they come. */
export function lintCopies({ map, seen }: LintInput): Finding[] {
  const topology = topologyOf(map);
  const samples = sampleEvents(topology, seen);
  const worst = new Map<string, Worst>();
  for (const { key: origin } of map.instances) {
    for (const event of samples) noteCopies(map.links, origin, event, worst, reach(topology, event, origin));
  }
  return map.instances.flatMap(({ key, name }): Finding[] => {
    const found = worst.get(key);
    if (found === undefined) return [];
    const copies = found.by.length;
    const senders = found.by.map(({ from }) => nameOf(map, from));
    return [
      {
        id: `copies:${key}`,
        rule: "copies",
        severity: copies >= MANY_COPIES ? "warning" : "info",
        sentence:
          `${name} receives ${copies} copies of an event published at ${nameOf(map, found.origin)}: by ${list(senders)}. ` +
          "It keeps one and records the others as duplicates.",
        instances: [key, found.origin, ...found.by.map(({ from }) => from)],
        links: found.by.map(({ id }) => id),
        values: { copies, type: found.type },
        fix: null,
      },
    ];
  });
}

function noteCopies(
  links: readonly MapLink[],
  origin: string,
  event: RoutableEvent,
  worst: Map<string, Worst>,
  found: ReturnType<typeof reach>,
): void {
  const arriving = new Map<string, MapLink[]>();
  for (const link of links) {
    const outcome = found.links.get(link.id)?.outcome;
    if (outcome !== "delivered" && outcome !== "duplicate") continue;
    arriving.set(link.to, [...(arriving.get(link.to) ?? []), link]);
  }
  for (const [key, by] of arriving) {
    if (by.length > Math.max(1, worst.get(key)?.by.length ?? 0)) worst.set(key, { origin, type: event.type, by });
  }
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
