import { lintClones } from "./clones.ts";
import { lintCopies } from "./copies.ts";
import { lintCycles } from "./cycles.ts";
import { lintEnds } from "./ends.ts";
import { type Finding, type LintInput, SEVERITIES } from "./finding.ts";
import { lintReach } from "./reach.ts";
import { lintReturns } from "./returns.ts";
import { lintScopes } from "./scopes.ts";

export { Finding, LINT_RULES, type LintInput, SEVERITIES, type SeenTypes, type Severity } from "./finding.ts";

const LINTS = [lintClones, lintEnds, lintReach, lintCycles, lintScopes, lintCopies, lintReturns];

/** Everything there is to say about a topology before any traffic, the gravest first. */
export function lint(input: LintInput): Finding[] {
  const findings = LINTS.flatMap((one) => one(input));
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}
