import type { Provider } from "../provider.ts";
import { github } from "./github.ts";
import { linear } from "./linear.ts";
import { pagerduty } from "./pagerduty.ts";
import { shopify } from "./shopify.ts";
import { slack } from "./slack.ts";
import { stripe } from "./stripe.ts";
import { twilio } from "./twilio.ts";

const PROVIDERS: ReadonlyMap<string, Provider> = new Map(
  [github, stripe, slack, linear, shopify, twilio, pagerduty].map((provider) => [provider.name, provider]),
);

/** The provider an endpoint's source slug stands for; undefined for `http` and every other source. */
export function providerOf(source: string): Provider | undefined {
  return PROVIDERS.get(source);
}
