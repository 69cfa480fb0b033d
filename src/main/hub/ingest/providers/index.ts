import type { ProviderName } from "../../../../shared/provider-hints.ts";
import type { Provider } from "../provider.ts";
import { github } from "./github.ts";
import { linear } from "./linear.ts";
import { pagerduty } from "./pagerduty.ts";
import { shopify } from "./shopify.ts";
import { slack } from "./slack.ts";
import { stripe } from "./stripe.ts";
import { twilio } from "./twilio.ts";

const PROVIDERS: Readonly<Record<ProviderName, Provider>> = {
  github,
  stripe,
  slack,
  linear,
  shopify,
  twilio,
  pagerduty,
};

const bySource: ReadonlyMap<string, Provider> = new Map(Object.entries(PROVIDERS));

/** The provider an endpoint's source slug stands for; undefined for `http` and every other source. */
export function providerOf(source: string): Provider | undefined {
  return bySource.get(source);
}
