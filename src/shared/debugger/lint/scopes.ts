import { matchScope } from "../../rules/index.ts";
import { nameOf } from "../map.ts";
import type { Finding, LintInput } from "./finding.ts";

/** Scopes that none of the event types match which their instance has received of late. */
export function lintScopes({ map, seen }: LintInput): Finding[] {
  return map.links.flatMap(({ id, from, to, policy }): Finding[] => {
    const types = seen.find(({ instance }) => instance === from)?.types ?? [];
    if (policy === null || policy.status === "revoked" || types.length === 0) return [];
    const idle = policy.scopes.filter((scope) => !types.some(({ type }) => matchScope(scope, type)));
    if (idle.length === 0) return [];
    const left = policy.scopes.filter((scope) => !idle.includes(scope));
    const some = idle.length > 1 ? "none of them matches" : "it matches none";
    return [
      {
        id: `unseen_scope:${id}`,
        rule: "unseen_scope",
        severity: left.length === 0 ? "warning" : "info",
        sentence:
          `${nameOf(map, from)} → ${nameOf(map, to)} has ${idle.length > 1 ? "scopes" : "the scope"} ${idle.join(", ")}, and ` +
          `${some} of the ${types.length} event types received within a week: look for a spelling mistake.`,
        instances: [from, to],
        links: [id],
        values: { scopes: idle, types: types.length },
        fix:
          left.length === 0
            ? null
            : { sentence: `Forward ${left.join(", ")} only.`, changes: [{ kind: "scopes", link: id, scopes: left }] },
      },
    ];
  });
}
