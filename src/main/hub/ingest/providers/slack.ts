import { z } from "zod";
import type { Provider, SignatureCheck } from "../provider.ts";
import { findSecret, hmacSha256, sha256Hex, timedCheck } from "./hmac.ts";
import { eventName, excerpt, usableId, words } from "./wording.ts";

const HEADER = "x-slack-signature";
const TIME_HEADER = "x-slack-request-timestamp";
/** Slack's challenges have about 50 characters. */
const MAX_CHALLENGE = 1_024;

const text = z.string().optional().catch(undefined);

/** As much of Slack's requests as a summary needs: events, interactions, and the fields of slash commands. */
const Payload = z.object({
  type: text,
  challenge: text,
  team_id: text,
  event_id: text,
  event: z
    .object({ type: text, subtype: text, user: text, bot_id: text, channel: text, text, reaction: text })
    .optional()
    .catch(undefined),
  team: z.object({ id: text }).optional().catch(undefined),
  user: z.object({ id: text, name: text, username: text }).optional().catch(undefined),
  actions: z
    .array(z.object({ action_id: text }))
    .optional()
    .catch(undefined),
  callback_id: text,
  command: text,
  text,
  user_name: text,
  channel_name: text,
});
type Payload = z.infer<typeof Payload>;

/** Slack: HMAC-SHA256 over version, time and raw body, the time in a header of its own (kite-wire.md 4.7). */
export const slack: Provider = {
  verify({ headers, body, now }, secrets): SignatureCheck {
    const header = headers[HEADER];
    if (header === undefined) return { ok: false, header: HEADER, problem: "missing" };
    const time = headers[TIME_HEADER]?.trim();
    if (time === undefined) return { ok: false, header: TIME_HEADER, problem: "missing" };
    if (!/^\d{1,12}$/.test(time)) return { ok: false, header: TIME_HEADER, problem: "malformed" };
    const signature = header.trim().startsWith("v0=") ? sha256Hex(header.trim().slice(3)) : null;
    if (signature === null) return { ok: false, header: HEADER, problem: "malformed" };
    const secret = findSecret([signature], secrets, (key) => [hmacSha256(key, `v0:${time}:`, body)]);
    return timedCheck(HEADER, secret, Number(time), now);
  },

  deliveryId: ({ payload }) => usableId(read(payload).event_id),

  describe({ payload }) {
    const request = read(payload);
    const team = request.team_id ?? request.team?.id;
    const source = team !== undefined && /^\w+$/.test(team) ? `https://slack.com/${team}` : "https://slack.com";
    const name = request.command === undefined ? eventName(request.event?.type ?? request.type) : "slash_command";
    return { type: `com.slack.${name}`, source, summary: summarize(name, request) };
  },

  challenge({ payload }) {
    const { type, challenge } = read(payload);
    if (type !== "url_verification" || challenge === undefined || challenge.length > MAX_CHALLENGE) return null;
    return { challenge };
  },
};

function read(payload: unknown): Payload {
  return Payload.safeParse(payload).data ?? {};
}

function summarize(name: string, request: Payload): string {
  const { event } = request;
  if (name === "slash_command") {
    const where = request.channel_name === undefined ? "" : ` in #${request.channel_name}`;
    return `${request.user_name ?? "someone"} ran ${excerpt(`${request.command ?? ""} ${request.text ?? ""}`)}${where}`;
  }
  if (event === undefined) {
    const who = request.user?.username ?? request.user?.name ?? request.user?.id ?? "someone";
    const what = request.actions?.[0]?.action_id ?? request.callback_id;
    return `${who}: ${words(name)}${what === undefined ? "" : ` ${what}`}`;
  }
  const who = event.user ?? (event.bot_id === undefined ? "someone" : `bot ${event.bot_id}`);
  const where = event.channel === undefined ? "" : ` in ${event.channel}`;
  const quote = event.text === undefined || event.text === "" ? "" : `: ${excerpt(event.text)}`;
  switch (name) {
    case "message":
      return event.subtype === undefined ? `${who} wrote${where}${quote}` : `${words(event.subtype)}${where}${quote}`;
    case "app_mention":
      return `${who} mentioned the app${where}${quote}`;
    case "reaction_added":
    case "reaction_removed":
      return `${who} ${name === "reaction_added" ? "added" : "took back"} the reaction :${event.reaction ?? "?"}:`;
    default:
      return `${words(name)} by ${who}${where}${quote}`;
  }
}
