import { type MapLink, nameOf, type TopologyMap } from "../map.ts";
import type { Finding, LintInput } from "./finding.ts";

/**
 * Links whose two ends disagree. A peer stands for both directions, so an instance that sends must be known at the other
 * end. Only ends that are known can be compared; of a drawn topology it is taken that the receivers let their senders in.
 */
export function lintEnds({ map }: LintInput): Finding[] {
  return [...map.links.flatMap((link) => refusedAtTheOtherEnd(map, link)), ...unequalDirections(map)];
}

function refusedAtTheOtherEnd(map: TopologyMap, link: MapLink): Finding[] {
  if (link.policy === null || link.policy.status === "revoked") return [];
  const receiver = map.instances.find(({ key }) => key === link.to);
  if (receiver === undefined || receiver.beyond !== "known") return [];
  const back = map.links.find(({ from, to, policy }) => from === link.to && to === link.from && policy !== null);
  const [from, to] = [nameOf(map, link.from), nameOf(map, link.to)];
  const shared = {
    id: `ends_disagree:${link.id}`,
    rule: "ends_disagree" as const,
    severity: "error" as const,
    instances: [link.from, link.to],
  };
  if (back === undefined) {
    if (map.self === null) return [];
    return [
      {
        ...shared,
        sentence: `${from} sends to ${to}, but ${to} has no peer that stands for ${from}: it refuses every event with 401.`,
        links: [link.id],
        values: { at_sender: link.policy.status, at_receiver: null },
        fix: null,
      },
    ];
  }
  if (back.policy?.status !== "revoked") return [];
  return [
    {
      ...shared,
      sentence: `${from} sends to ${to}, but ${to} has revoked ${from}: it refuses every event with 403.`,
      links: [link.id, back.id],
      values: { at_sender: link.policy.status, at_receiver: back.policy.status },
      fix: {
        sentence: `Revoke ${to} at ${from} as well, so that nothing is queued in vain; or make ${from} active again at ${to}.`,
        changes: [{ kind: "status", link: link.id, status: "revoked" }],
      },
    },
  ];
}

/** Two directions with different limits are allowed, and yet mostly an oversight. */
function unequalDirections(map: TopologyMap): Finding[] {
  return map.links.flatMap((link, index): Finding[] => {
    const other = map.links.findIndex(({ from, to }) => from === link.to && to === link.from);
    const back = map.links[other];
    if (other < index || back === undefined || !isLive(link) || !isLive(back)) return [];
    const [there, here] = [link.policy, back.policy];
    // A peer without scopes only receives: that is one direction, not a disagreement.
    if (there === null || here === null || there.scopes.length === 0 || here.scopes.length === 0) return [];
    const differing: string[] = [];
    if (there.maxHops !== here.maxHops) differing.push(`hop limit ${there.maxHops} there, ${here.maxHops} back`);
    if (there.maxBytes !== here.maxBytes) differing.push(`size limit ${there.maxBytes} there, ${here.maxBytes} back`);
    if (sorted(there.scopes) !== sorted(here.scopes))
      differing.push(`scopes ${there.scopes.join(", ")} there, ${here.scopes.join(", ")} back`);
    if (differing.length === 0) return [];
    return [
      {
        id: `ends_disagree:${link.id}:settings`,
        rule: "ends_disagree",
        severity: "info",
        sentence: `${nameOf(map, link.from)} and ${nameOf(map, link.to)} forward to each other by different rules: ${differing.join("; ")}.`,
        instances: [link.from, link.to],
        links: [link.id, back.id],
        values: { max_hops_there: there.maxHops, max_hops_back: here.maxHops },
        fix: null,
      },
    ];
  });
}

function isLive({ policy }: MapLink): boolean {
  return policy !== null && policy.status !== "revoked";
}

function sorted(scopes: readonly string[]): string {
  return [...scopes].sort().join("\n");
}
