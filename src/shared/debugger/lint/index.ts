import type { MapLink } from "../map.ts";
import { lintClones } from "./clones.ts";
import { lintCopies } from "./copies.ts";
import { lintCycles } from "./cycles.ts";
import { lintEnds } from "./ends.ts";
import { type Finding, type LintInput, SEVERITIES } from "./finding.ts";
import { lintReach } from "./reach.ts";
import { lintReturns } from "./returns.ts";
import { lintScopes } from "./scopes.ts";

export { cycleLengths } from "./cycles.ts";
export { Finding, LINT_RULES, type LintInput, SEVERITIES, type SeenTypes, type Severity } from "./finding.ts";

const LINTS = [lintClones, lintReach, lintCycles, lintScopes, lintCopies, lintReturns];

/** Everything there is to say about a topology before any traffic, the gravest first. */
export function lint(input: LintInput): Finding[] {
  // A peer that is only there so that it is let in carries nothing, and leads nowhere.
  const carrying = { ...input, map: { ...input.map, links: input.map.links.filter(carries) } };
  const findings = [...lintEnds(input), ...LINTS.flatMap((one) => one(carrying))];
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

function carries({ policy }: MapLink): boolean {
  return policy === null || (policy.scopes.length > 0 && !policy.receiveOnly);
}
