import type { Provenance } from "./provenance.ts";

/**
 * What may be odd about a provenance that is kept all the same:
 * - `hops_mismatch`: the hop count is not the length of the chain
 * - `origin_mismatch`: the origin is not the first id of the chain
 * - `caller_mismatch`: the last id of the chain is not the peer that is calling
 * - `repeated_id`: an id stands in the chain twice
 * - `empty_id`: an id in the chain is the empty string
 * - `unparsable`: a value did not have the form the wire asks for; what could be read of it was kept
 */
export const INTEGRITY_ISSUES = [
  "hops_mismatch",
  "origin_mismatch",
  "caller_mismatch",
  "repeated_id",
  "empty_id",
  "unparsable",
] as const;
export type IntegrityIssue = (typeof INTEGRITY_ISSUES)[number];

/**
 * Do origin, chain, hops and caller agree? Empty when they do: then hops is the chain's length, the origin its first
 * id, and the caller its last.
 *
 * @param rawHops the hop count as it was sent, before the larger of the two was taken
 * @param callerId the instance id of the peer that pushed the event; null when it is not known or did not push
 */
export function checkIntegrity(
  provenance: Provenance,
  rawHops: number,
  callerId: string | null,
): readonly IntegrityIssue[] {
  const { chain, origin } = provenance;
  const issues: IntegrityIssue[] = [];
  if (rawHops !== chain.length) issues.push("hops_mismatch");
  if (origin !== (chain[0] ?? null)) issues.push("origin_mismatch");
  if (callerId !== null && chain.at(-1) !== callerId) issues.push("caller_mismatch");
  if (chain.length > 1 && new Set(chain).size !== chain.length) issues.push("repeated_id");
  if (chain.includes("")) issues.push("empty_id");
  return issues;
}

/** What an integrity mark means, as one plain sentence for people. */
export function explainIssue(issue: IntegrityIssue): string {
  return SENTENCES[issue];
}

const SENTENCES: Readonly<Record<IntegrityIssue, string>> = {
  hops_mismatch: "The hop count is not the number of instances in the chain; the larger of the two counts.",
  origin_mismatch: "The origin is not the first instance of the chain.",
  caller_mismatch: "The last instance of the chain is not the peer that sent the event.",
  repeated_id: "An instance stands in the chain more than once.",
  empty_id: "An instance in the chain has no id.",
  unparsable: "Origin, chain or hops did not have the form they should; what could be read was kept.",
};
