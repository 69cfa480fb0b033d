import { z } from "zod";
import type { Provider, SignatureCheck } from "../provider.ts";
import { findSecret, hmacSha256, sha256Hex, timedCheck } from "./hmac.ts";
import { capital, eventName, money, usableId, words } from "./wording.ts";

const HEADER = "stripe-signature";

/** As much of Stripe's events as a summary needs; everything may be missing. */
const Payload = z.object({
  id: z.string().optional().catch(undefined),
  type: z.string().optional().catch(undefined),
  data: z
    .object({
      object: z
        .object({
          id: z.string().optional().catch(undefined),
          number: z.string().optional().catch(undefined),
          status: z.string().optional().catch(undefined),
          currency: z.string().optional().catch(undefined),
          amount: z.number().optional().catch(undefined),
          amount_total: z.number().optional().catch(undefined),
          amount_due: z.number().optional().catch(undefined),
          amount_refunded: z.number().optional().catch(undefined),
        })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});
type Payload = z.infer<typeof Payload>;

/** Stripe: HMAC-SHA256 over the time and the raw body; the body names the event and its id (kite-wire.md 4.7). */
export const stripe: Provider = {
  verify({ headers, body, now }, secrets): SignatureCheck {
    const header = headers[HEADER];
    if (header === undefined) return { ok: false, header: HEADER, problem: "missing" };
    const pairs = header.split(",").map((part) => part.trim().split("=", 2));
    const time = pairs.find(([key]) => key === "t")?.[1] ?? "";
    const given = pairs.flatMap(([key, value]) => (key === "v1" ? [sha256Hex(value ?? "")] : []));
    const usable = given.filter((signature) => signature !== null);
    if (!/^\d{1,12}$/.test(time) || usable.length === 0) return { ok: false, header: HEADER, problem: "malformed" };
    const secret = findSecret(usable, secrets, (key) => [hmacSha256(key, `${time}.`, body)]);
    return timedCheck(HEADER, secret, Number(time), now);
  },

  deliveryId: ({ payload }) => usableId(read(payload).id),

  describe({ payload }) {
    const event = read(payload);
    const name = eventName(event.type);
    return { type: `com.stripe.${name}`, source: "https://api.stripe.com", summary: summarize(name, event) };
  },
};

function read(payload: unknown): Payload {
  return Payload.safeParse(payload).data ?? {};
}

/** The thing of a type, where Stripe's name for it is not how people call it. */
const NOUNS: Readonly<Record<string, string>> = {
  payment_intent: "Payment",
  "checkout.session": "Checkout",
  "customer.subscription": "Subscription",
};

function summarize(type: string, { data }: Payload): string {
  const object = data?.object;
  const cut = type.lastIndexOf(".");
  const kind = cut < 0 ? type : type.slice(0, cut);
  const verb = cut < 0 ? "changed" : words(type.slice(cut + 1));
  const noun = NOUNS[kind] ?? capital(words(kind));
  const amount =
    verb === "refunded" ? object?.amount_refunded : (object?.amount_total ?? object?.amount_due ?? object?.amount);
  const sum = amount === undefined || object?.currency === undefined ? "" : ` of ${money(amount, object.currency)}`;
  const name = object?.number ?? object?.id;
  const done = verb === "payment failed" && noun === "Payment" ? "failed" : verb;
  return `${noun}${sum} ${done}${name === undefined ? "" : ` (${name})`}`;
}
