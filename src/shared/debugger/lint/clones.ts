import type { Finding, LintInput } from "./finding.ts";

/** Hubs that claim one instance id, as copies of one data folder do: each takes the other's events for its own. */
export function lintClones({ map }: LintInput): Finding[] {
  const byId = new Map<string, { key: string; name: string }[]>();
  for (const { key, name, instanceId } of map.instances)
    byId.set(instanceId, [...(byId.get(instanceId) ?? []), { key, name }]);
  return [...byId].flatMap(([instanceId, instances]): Finding[] => {
    if (instances.length < 2) return [];
    const keys = instances.map(({ key }) => key);
    const named = instances.map(({ name }) => name).join(" and ");
    return [
      {
        id: `cloned_id:${instanceId}`,
        rule: "cloned_id",
        severity: "error",
        sentence:
          `${named} have one instance id, ${instanceId}: an event that has been at one of them is taken for a loop at ` +
          "the other, and never gets there. Give one of them an id of its own with KITE_INSTANCE_ID.",
        instances: keys,
        links: map.links.filter(({ from, to }) => keys.includes(from) || keys.includes(to)).map(({ id }) => id),
        values: { instance_id: instanceId, instances: instances.length },
        fix: null,
      },
    ];
  });
}
