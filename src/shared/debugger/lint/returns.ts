import { type MapLink, nameOf, type TopologyMap } from "../map.ts";
import type { Finding, LintInput } from "./finding.ts";

/** Links over which nothing can ever come back, by whatever way: no answer of an agent, no event of the other side. */
export function lintReturns({ map }: LintInput): Finding[] {
  const live = map.links.filter(({ policy }) => policy === null || policy.status !== "revoked");
  return live.flatMap((link): Finding[] => {
    if (link.policy === null || comesBack(map, live, link)) return [];
    const [from, to] = [nameOf(map, link.from), nameOf(map, link.to)];
    return [
      {
        id: `no_return:${link.id}`,
        rule: "no_return",
        severity: "info",
        sentence: `${from} forwards to ${to}, and no link leads back: nothing that ${to} receives or answers can ever come to ${from}.`,
        instances: [link.from, link.to],
        links: [link.id],
        values: {},
        fix: {
          sentence: `Let ${to} forward to ${from}, if answers are wanted.`,
          changes: [{ kind: "add", from: link.to, to: link.from, scopes: ["*"], maxHops: link.policy.maxHops }],
        },
      },
    ];
  });
}

/** Is there a way from the link's end to its beginning? Where the map ends, there may be. */
function comesBack(map: TopologyMap, live: readonly MapLink[], link: MapLink): boolean {
  const visited = new Set([link.to]);
  for (const key of visited) {
    if (key === link.from) return true;
    if (map.instances.find((instance) => instance.key === key)?.beyond !== "known") return true;
    for (const next of live) if (next.from === key) visited.add(next.to);
  }
  return false;
}
