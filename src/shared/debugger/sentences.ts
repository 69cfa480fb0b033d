import { countOf } from "../count-of.ts";
import { lowerFirst } from "../lower-first.ts";
import { explainReason, type LinkOutcome } from "../rules/index.ts";
import { copyEvidence } from "./evidence.ts";
import type { LinkSaying } from "./explanation.ts";

interface Names {
  readonly from: string;
  readonly to: string;
}

/** What becomes of an event on a link, with one plain sentence. Reasons have theirs in the rules' own table. */
export function sayOutcome(
  outcome: LinkOutcome,
  { from, to, limit, waits }: Names & { readonly limit: number; readonly waits: boolean },
): LinkSaying {
  if (outcome.outcome === "drop") {
    const { reason, evidence } = outcome;
    const refused = reason === "own_id_in_chain";
    const sentence = refused
      ? `${from} sends it, for it does not know ${to}'s instance id, and ${to} refuses it: ${lowerFirst(explainReason(reason, evidence))}`
      : explainReason(reason, evidence);
    return { outcome: refused ? "refused" : "stopped", reason, evidence: copyEvidence(evidence), sentence };
  }
  const { hops } = outcome.provenance;
  const paused = `${to} is paused at ${from}`;
  if (outcome.outcome === "delivered") {
    const sent = waits ? `${paused}: the event waits there until it is resumed` : `${from} sends it to ${to}`;
    return forward("delivered", `${sent}, as hop ${hops} of at most ${limit}.`);
  }
  const sent = waits ? `${paused}: once it is resumed, a` : "A";
  return forward(
    "duplicate",
    `${sent} copy with ${countOf(hops, "hop")} arrives, which ${to} records as a duplicate: it has the event by another way.`,
  );
}

export function sayUnknownLink({ from, to }: Names): LinkSaying {
  const sentence =
    `Unknown beyond here: that ${from} forwards to ${to} is known from chains of past events only, ` +
    "and nobody told its scopes and limits.";
  return { outcome: "unknown", reason: null, evidence: null, sentence };
}

/** Why an instance does not get the event. */
export function sayMissed(name: string, stops: readonly { readonly sentence: string }[], perhaps: boolean): string {
  const [first] = stops;
  if (first === undefined) return perhaps ? `Whether ${name} gets it is not known here.` : `No link leads to ${name}.`;
  const more =
    stops.length > 1
      ? ` ${stops.length === 2 ? "One more link on the way there stops" : `${stops.length - 1} more links on the way there stop`} it too.`
      : "";
  return perhaps
    ? `No link that is known here brings it to ${name}, but others may. ${first.sentence}${more}`
    : `${name} does not get it. ${first.sentence}${more}`;
}

function forward(outcome: "delivered" | "duplicate", sentence: string): LinkSaying {
  return { outcome, reason: null, evidence: null, sentence };
}
