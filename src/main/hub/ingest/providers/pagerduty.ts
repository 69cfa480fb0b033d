import { z } from "zod";
import type { Provider, SignatureCheck } from "../provider.ts";
import { findSecret, hmacSha256, plainCheck, sha256Hex } from "./hmac.ts";
import { eventName, usableId, words } from "./wording.ts";

const HEADER = "x-pagerduty-signature";

const text = z.string().optional().catch(undefined);
const reference = z.object({ summary: text }).optional().catch(undefined);

/** As much of PagerDuty's V3 webhooks as a summary needs; everything may be missing. */
const Payload = z.object({
  event: z
    .object({
      id: text,
      event_type: text,
      agent: reference,
      data: z
        .object({
          number: z.number().optional().catch(undefined),
          title: text,
          html_url: text,
          service: reference,
          incident: reference,
        })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});
type Event = NonNullable<z.infer<typeof Payload>["event"]>;

/**
 * PagerDuty: HMAC-SHA256 over the raw body, one signature for each of its active secrets. There is no time in what is
 * signed (kite-wire.md 4.7), so its event id alone keeps a delivery from counting twice.
 */
export const pagerduty: Provider = {
  verify({ headers, body }, secrets): SignatureCheck {
    const header = headers[HEADER];
    if (header === undefined) return { ok: false, header: HEADER, problem: "missing" };
    const given = header
      .split(",")
      .map((part) => part.trim())
      .map((part) => (part.startsWith("v1=") ? sha256Hex(part.slice(3)) : null))
      .filter((signature) => signature !== null);
    if (given.length === 0) return { ok: false, header: HEADER, problem: "malformed" };
    return plainCheck(
      HEADER,
      findSecret(given, secrets, (key) => [hmacSha256(key, body)]),
    );
  },

  deliveryId: ({ payload }) => usableId(read(payload).id),

  describe({ payload }) {
    const event = read(payload);
    const name = eventName(event.event_type);
    return { type: `com.pagerduty.${name}`, source: sourceOf(event), summary: summarize(name, event) };
  },
};

function read(payload: unknown): Event {
  return Payload.safeParse(payload).data?.event ?? {};
}

function sourceOf({ data }: Event): string {
  return /^https:\/\/[\w-]+(\.eu)?\.pagerduty\.com/.exec(data?.html_url ?? "")?.[0] ?? "https://pagerduty.com";
}

function summarize(name: string, { agent, data }: Event): string {
  const cut = name.indexOf(".");
  const [noun, verb] = cut < 0 ? [name, "changed"] : [name.slice(0, cut), words(name.slice(cut + 1))];
  const which = data?.number === undefined ? "" : ` #${data.number}`;
  const title = data?.title ?? data?.incident?.summary;
  const where = data?.service?.summary === undefined ? "" : ` on ${data.service.summary}`;
  const who = agent?.summary === undefined ? "" : ` by ${agent.summary}`;
  const head = `${noun.charAt(0).toUpperCase()}${noun.slice(1)}${which} ${verb}${who}${where}`;
  return title === undefined ? head : `${head}: ${title}`;
}
