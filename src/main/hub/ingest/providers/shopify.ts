import { z } from "zod";
import type { Provider, SignatureCheck } from "../provider.ts";
import { findSecret, hmacSha256, plainCheck } from "./hmac.ts";
import { capital, eventName, usableId, words } from "./wording.ts";

const HEADER = "x-shopify-hmac-sha256";
const SIGNATURE = /^[A-Za-z0-9+/]{43}=$/;
const SHOP = /^[a-z0-9][a-z0-9.-]*$/i;

/** As much of Shopify's payloads as a summary needs; everything may be missing. */
const Payload = z.object({
  id: z.union([z.number(), z.string()]).optional().catch(undefined),
  name: z.string().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
  total_price: z.string().optional().catch(undefined),
  currency: z.string().optional().catch(undefined),
});
type Payload = z.infer<typeof Payload>;

/** Shopify: HMAC-SHA256 over the raw body in Base64; topic, shop and delivery are headers (kite-wire.md 4.7). */
export const shopify: Provider = {
  verify({ headers, body }, secrets): SignatureCheck {
    const header = headers[HEADER]?.trim();
    if (header === undefined) return { ok: false, header: HEADER, problem: "missing" };
    if (!SIGNATURE.test(header)) return { ok: false, header: HEADER, problem: "malformed" };
    return plainCheck(
      HEADER,
      findSecret([Buffer.from(header, "base64")], secrets, (key) => [hmacSha256(key, body)]),
    );
  },

  deliveryId: ({ headers }) => usableId(headers["x-shopify-webhook-id"]),

  describe({ headers, payload }) {
    const topic = eventName(headers["x-shopify-topic"]);
    const shop = headers["x-shopify-shop-domain"]?.trim() ?? "";
    return {
      type: `com.shopify.${topic}`,
      source: SHOP.test(shop) ? `https://${shop}` : "https://shopify.com",
      summary: summarize(topic, shop, Payload.safeParse(payload).data ?? {}),
    };
  },
};

/** Topics are plurals with what happened to one of them: `orders/create`. */
const DONE: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  edited: "edited",
};

function summarize(topic: string, shop: string, { id, name, title, total_price, currency }: Payload): string {
  const [things = "event", ...rest] = topic.split("/");
  const verb = rest.join(" ");
  const noun = capital(words(things).replace(/ies$/, "y").replace(/s$/, ""));
  const label = name ?? title ?? (id === undefined ? undefined : String(id));
  const sum = total_price === undefined || currency === undefined ? "" : ` for ${total_price} ${currency}`;
  const done = DONE[verb] ?? (verb === "" ? "changed" : words(verb));
  return `${noun}${label === undefined ? "" : ` ${label}`} ${done}${sum}${SHOP.test(shop) ? ` in ${shop}` : ""}`;
}
