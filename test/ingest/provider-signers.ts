import { createHmac } from "node:crypto";
import { LinearWebhookClient } from "@linear/sdk/webhooks";
import { sign } from "@octokit/webhooks-methods";
import "@shopify/shopify-api/adapters/node";
import { createSHA256HMAC, HashFormat } from "@shopify/shopify-api/runtime";
import { verifySlackRequest } from "@slack/bolt";
import Stripe from "stripe";
import twilio from "twilio";
import type { Sample } from "./provider-samples.ts";

export const SECRETS: Readonly<Record<Sample["provider"], string>> = {
  github: "It's a Secret to Everybody",
  stripe: "whsec_7f3cA0b1C2d3E4f5",
  slack: "8f742231b10e8888abcd99yyyzzz85a5",
  linear: "lin_wh_K2xQbB3n",
  shopify: "hush-shopify",
  twilio: "12345twilioauthtoken",
  pagerduty: "Pd0secret",
};

export interface ToSign {
  readonly body: string;
  readonly secret: string;
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The signature headers of a webhook, by the provider's own code: it signs, or, where it only checks, it has checked
 * what is returned. PagerDuty publishes no such code for Node: its scheme is GitHub's with another header.
 */
export const SIGNERS: Readonly<Record<Sample["provider"], (to: ToSign) => Promise<Record<string, string>>>> = {
  github: async ({ body, secret }) => ({ "x-hub-signature-256": await sign(secret, body) }),

  stripe: async ({ body, secret, now }) => ({
    "stripe-signature": new Stripe("sk_test_none").webhooks.generateTestHeaderString({
      payload: body,
      secret,
      timestamp: Math.floor(now / 1000),
    }),
  }),

  slack: async ({ body, secret, now }) => {
    const timestamp = Math.floor(now / 1000);
    const signature = `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
    const headers = { "x-slack-signature": signature, "x-slack-request-timestamp": timestamp };
    verifySlackRequest({ signingSecret: secret, body, headers, nowMilliseconds: now });
    return { "x-slack-signature": signature, "x-slack-request-timestamp": String(timestamp) };
  },

  linear: async ({ body, secret }) => {
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    new LinearWebhookClient(secret).verify(Buffer.from(body), signature);
    return { "linear-signature": signature };
  },

  shopify: async ({ body, secret }) => ({
    "x-shopify-hmac-sha256": await createSHA256HMAC(secret, body, HashFormat.Base64),
  }),

  twilio: async ({ body, secret, url }) => {
    const params: Record<string, string | string[]> = {};
    for (const [name, value] of new URLSearchParams(body)) {
      const earlier = params[name];
      params[name] = earlier === undefined ? value : [earlier, value].flat();
    }
    return { "x-twilio-signature": twilio.getExpectedTwilioSignature(secret, url, params) };
  },

  pagerduty: async ({ body, secret }) => {
    const other = (await sign("another active secret", body)).replace("sha256=", "v1=");
    return { "x-pagerduty-signature": `${other},${(await sign(secret, body)).replace("sha256=", "v1=")}` };
  },
};
