import { z } from "zod";
import type { Delivery, Provider, SignatureCheck } from "../provider.ts";
import { findSecret, hmacSha256, plainCheck, sha256Hex } from "./hmac.ts";
import { eventName, excerpt, usableId, words } from "./wording.ts";

const HEADER = "linear-signature";
const ACTIONS: Readonly<Record<string, string>> = { create: "created", update: "updated", remove: "removed" };

const text = z.string().optional().catch(undefined);

/** As much of Linear's payloads as a summary needs; everything may be missing. */
const Payload = z.object({
  action: text,
  type: text,
  url: text,
  actor: z.object({ name: text }).optional().catch(undefined),
  data: z
    .object({
      identifier: text,
      title: text,
      name: text,
      body: text,
      issue: z.object({ identifier: text, title: text }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});
type Payload = z.infer<typeof Payload>;

/** Linear: HMAC-SHA256 over the raw body in bare hex; event and delivery are named in headers (kite-wire.md 4.7). */
export const linear: Provider = {
  verify({ headers, body }, secrets): SignatureCheck {
    const header = headers[HEADER];
    if (header === undefined) return { ok: false, header: HEADER, problem: "missing" };
    const signature = sha256Hex(header.trim());
    if (signature === null) return { ok: false, header: HEADER, problem: "malformed" };
    return plainCheck(
      HEADER,
      findSecret([signature], secrets, (key) => [hmacSha256(key, body)]),
    );
  },

  deliveryId: ({ headers }) => usableId(headers["linear-delivery"]),

  describe(delivery) {
    const payload = Payload.safeParse(delivery.payload).data ?? {};
    const name = nameOf(delivery, payload);
    return { type: `com.linear.${name}`, source: sourceOf(payload), summary: summarize(name, payload) };
  },
};

function nameOf({ headers }: Delivery, { type }: Payload): string {
  return eventName(headers["linear-event"] ?? type);
}

/** The workspace, which is the first part of every link into it. */
function sourceOf({ url }: Payload): string {
  const workspace = /^https:\/\/linear\.app\/([\w-]+)/.exec(url ?? "")?.[1];
  return workspace === undefined ? "https://linear.app" : `https://linear.app/${workspace}`;
}

function summarize(name: string, { action = "changed", actor, data }: Payload): string {
  const who = actor?.name ?? "someone";
  const did = ACTIONS[action] ?? words(action);
  if (name === "Comment") {
    const where = data?.issue?.identifier ?? data?.issue?.title;
    const on = where === undefined ? "" : ` on ${where}`;
    const quote = data?.body === undefined ? "" : `: ${excerpt(data.body)}`;
    return action === "create" ? `${who} commented${on}${quote}` : `${who} ${did} a comment${on}${quote}`;
  }
  const title = data?.title ?? data?.name;
  const label = [data?.identifier, title].filter((part) => part !== undefined).join(": ");
  return `${who} ${did} ${words(name).toLowerCase()}${label === "" ? "" : ` ${label}`}`;
}
