import { type Evidence, explainReason, INBOUND_REASONS } from "./reasons.ts";

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
      return "This team has no endpoint for that source. Create it with `kite endpoints create`.";
    case "inactive_endpoint":
      return "This endpoint is deactivated. Create it again to get a new URL.";
    case "bad_token":
      return tokenSentence(evidence);
    case "unauthorized":
      if (evidence["bearer"] === "absent")
        return "No token was presented. A peer sends its outbound token as Authorization: Bearer, and signs the body with it.";
      return "No peer of this team has the token that was presented. Compare the outbound token over there with the inbound one here.";
    case "peer_revoked":
      return "The peer is revoked here: nothing is accepted from it.";
    case "bad_signature":
      return evidence["provider"] === undefined ? explainReason(reason, evidence) : signatureSentence(evidence);
    case "rate_limited":
      return `More came than the limit of ${text("limit")} requests a second lets in.`;
    case "body_limit":
      return `The body was not read to its end: it has more than ${text("limit")} bytes.`;
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
    return "There is no token: neither at the end of the URL nor as Authorization: Bearer.";
  const where = evidence["presented"] === "path" ? "The token in the URL" : "The bearer token";
  const { token_of: owner, presented_prefix: given, expected_prefix: expected } = evidence;
  if (owner !== undefined) return `${where} is the one of the endpoint ${shown(owner)}, not of this one.`;
  const which = given === undefined ? "is no hook token" : `begins khk_${shown(given)}`;
  return `${where} ${which}; this endpoint's begins khk_${shown(expected)}. It may have been rotated.`;
}

function signatureSentence(evidence: Evidence): string {
  const { provider, header, problem } = evidence;
  const what = `invalid ${shown(provider)} signature: `;
  switch (problem) {
    case "missing":
      return `${what}${shown(header)} is missing. Set the webhook secret at the sender, or send it there directly.`;
    case "malformed":
      return `${what}${shown(header)} is malformed.`;
    case "stale":
      return `${what}it fits, but its time is off by ${duration(evidence["off_by_s"])}; ${shown(evidence["tolerance_s"])} s are allowed. Check the clocks, and send it anew instead of repeating it.`;
    case "expired_secret":
      return `${what}it was made with the secret before the present one, which was good until ${shown(evidence["expired_at"])}. Give the sender the new secret.`;
    default:
      return `${what}${shown(header)} does not match the body${urlHint(evidence)}; compare the webhook secret on both sides, and see that nothing on the way changes the body.`;
  }
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
  const text = seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return offBy < 0 ? `${text} in the future` : text;
}

function shown(value: Evidence[string] | undefined): string {
  if (value === undefined || value === null) return "?";
  return typeof value === "object" ? value.join(", ") : String(value);
}
