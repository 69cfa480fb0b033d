import { lowerFirst } from "./lower-first.ts";
import { PROVIDER_HINTS, type ProviderHint } from "./provider-hints.ts";
import { type Evidence, explainReason, INBOUND_REASONS } from "./rules/index.ts";

/** Why a request to an endpoint is turned away before it becomes an event, besides the rules for copies. */
export const HOOK_REASONS = [
  "unknown_team",
  "unknown_endpoint",
  "inactive_endpoint",
  "bad_token",
  "bad_signature",
  "too_large",
  "body_limit",
  "invalid",
  "rate_limited",
] as const;
export type HookReason = (typeof HOOK_REASONS)[number];

/**
 * A refusal as one plain sentence for people: what is wrong, where, and how to mend it. Reasons that nobody knows here
 * are said by their name.
 */
export function explainRefusal(reason: string, evidence: Evidence): string {
  const text = (key: string): string => shown(evidence[key]);
  switch (reason) {
    case "unknown_team":
      return "There is no such team here. Check the team id in the URL.";
    case "unknown_endpoint":
      return "This team has no endpoint for that source. Check the last part of the URL, or create the endpoint.";
    case "inactive_endpoint":
      return "This endpoint is deactivated. Create it again, and give the sender the new URL.";
    case "bad_token":
      return tokenSentence(evidence);
    case "unauthorized":
      if (evidence["bearer"] === "absent")
        return "No token was presented. A peer sends its outbound token as Authorization: Bearer, and signs the body with it.";
      return "No peer of this team has the token that was presented. Compare the outbound token over there with the inbound one here.";
    case "peer_revoked":
      return "The peer is revoked here: nothing is accepted from it. Make it active again if that is not meant.";
    case "bad_signature":
      return evidence["provider"] === undefined ? explainReason(reason, evidence) : signatureSentence(evidence);
    case "rate_limited":
      return `More came than the limit of ${text("limit")} requests a second lets in. Send more slowly, or several events in one batch.`;
    case "body_limit":
      return `The body was not read to its end: it has more than ${text("limit")} bytes. Send less in one request.`;
    case "too_large":
    case "invalid":
    case "unstorable":
      return evidence["problem"] === undefined ? `The request was refused: ${reason}.` : text("problem");
    default: {
      const known = INBOUND_REASONS.find((inbound) => inbound === reason);
      if (known !== undefined) return explainReason(known, evidence);
      return reason === "internal_event"
        ? explainReason(reason, evidence)
        : `The request was refused: ${reason.replaceAll("_", " ")}.`;
    }
  }
}

function tokenSentence(evidence: Evidence): string {
  if (evidence["presented"] === "none")
    return "There is no token: neither at the end of the URL nor as Authorization: Bearer. Give the sender the URL with the token.";
  const where = evidence["presented"] === "path" ? "The token in the URL" : "The bearer token";
  const { token_of: owner, presented_prefix: given, expected_prefix: expected } = evidence;
  if (owner !== undefined)
    return `${where} is the one of the endpoint ${shown(owner)}, not of this one. Give the sender the URL of this endpoint.`;
  const which = given === undefined ? "is no hook token" : `begins khk_${shown(given)}`;
  return `${where} ${which}; this endpoint's begins khk_${shown(expected)}. It may have been rotated: give the sender the present URL, or rotate the token to see it once more.`;
}

function signatureSentence(evidence: Evidence): string {
  const { header, problem } = evidence;
  const provider = shown(evidence["provider"]);
  const hint = PROVIDER_HINTS.find(({ source }) => source === provider);
  const sender = hint?.label ?? provider;
  const what = `The ${sender} signature`;
  const unlessSent = `See that the request comes from ${sender}, and that nothing on the way changes its headers.`;
  switch (problem) {
    case "missing":
      // Who takes the hub's secret signs nothing until it has one.
      return `${what} is missing: there is no header ${shown(header)}. ${hint?.secretFrom === "hub" ? secretHint(hint) : unlessSent}`;
    case "malformed":
      return `${what} cannot be read: the header ${shown(header)} does not look as ${sender} writes it. ${unlessSent}`;
    case "stale":
      return `${what} fits, but its time is off by ${duration(evidence["off_by_s"])}; ${shown(evidence["tolerance_s"])} s are allowed. Check the clocks, and send it anew instead of repeating it.`;
    case "expired_secret":
      return `${what} was made with the secret before the present one, which was good until ${shown(evidence["expired_at"])}. ${secretHint(hint)}`;
    default:
      return `${what} in ${shown(header)} does not match the body${urlHint(evidence)}. The secrets differ, or something on the way changes the body. ${secretHint(hint)}`;
  }
}

/** How the two sides come to have one secret again. */
function secretHint(hint: ProviderHint | undefined): string {
  if (hint === undefined) return "Compare the secret on both sides.";
  const { label, secret, secretFrom, secretAt } = hint;
  const name = lowerFirst(secret.label);
  return secretFrom === "hub"
    ? `Rotate this endpoint's secret, and paste the new one at ${label}, under ${secretAt}.`
    : `Copy the ${name} from ${label}, under ${secretAt}, and set it at this endpoint.`;
}

function urlHint({ urls, part }: Evidence): string {
  if (part !== undefined) return ` (${shown(part)})`;
  return urls === undefined
    ? ""
    : ` and the URL (tried ${shown(urls)}; set the public URL if a proxy stands before the hub)`;
}

/** How far a time is off, in words: `7 min 3 s in the future`. */
function duration(offBy: Evidence[string] | undefined): string {
  if (typeof offBy !== "number") return "?";
  const seconds = Math.abs(offBy);
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3_600)];
  const text =
    seconds < 120
      ? `${seconds} s`
      : hours < 2
        ? `${minutes} min ${seconds % 60} s`
        : hours < 48
          ? `${hours} h ${minutes % 60} min`
          : `${Math.floor(hours / 24)} days`;
  return offBy < 0 ? `${text} in the future` : text;
}

function shown(value: Evidence[string] | undefined): string {
  if (value === undefined || value === null) return "?";
  return typeof value === "object" ? value.join(", ") : String(value);
}
