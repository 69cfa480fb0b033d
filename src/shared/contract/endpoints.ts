import { z } from "zod";
import { consoleCall } from "./errors.ts";
import { Time } from "./values.ts";

/** An inbound endpoint of the team: one for each source. */
export const EndpointView = z.object({
  id: z.string(),
  source: z.string(),
  /** The provider whose signatures are understood; `http` for any other. */
  provider: z.string(),
  active: z.boolean(),
  url: z.string(),
  tokenPrefix: z.string(),
  secretConfigured: z.boolean(),
  /** Until when the secret before this one is accepted too. */
  previousSecretUntil: Time.nullable(),
  createdAt: Time,
  /** Events accepted so far. */
  events: z.int(),
  lastEventAt: Time.nullable(),
  lastEventSeq: z.int().nullable(),
  lastRefusal: z.object({ id: z.string(), at: Time, reason: z.string(), sentence: z.string() }).nullable(),
  /** Lines for a terminal, with words in the place of the secrets. */
  curl: z.string(),
  kite: z.string(),
});
export type EndpointView = z.infer<typeof EndpointView>;

/** What is shown once, when an endpoint is made or its secrets are changed. */
export const EndpointSecrets = z.object({
  endpoint: EndpointView,
  token: z.string(),
  urlWithToken: z.string(),
  webhookSecret: z.string().nullable(),
  curl: z.string(),
  kite: z.string(),
});
export type EndpointSecrets = z.infer<typeof EndpointSecrets>;

const One = z.object({ id: z.string() });

export const endpoints = {
  list: consoleCall.output(z.array(EndpointView)),
  create: consoleCall
    .input(z.object({ source: z.string(), webhookSecret: z.string().nullable().default(null) }))
    .output(EndpointSecrets),
  /** A new token; the old one is void at once. */
  rotateToken: consoleCall.input(One).output(EndpointSecrets),
  /** A new provider secret; the one before is good for ten minutes more. Null: the hub makes one, where the provider takes any. */
  rotateSecret: consoleCall
    .input(One.extend({ webhookSecret: z.string().nullable().default(null) }))
    .output(z.object({ made: z.string().nullable() })),
  /** No more requests are accepted, until the endpoint is created again. */
  deactivate: consoleCall.input(One).output(EndpointView),
};
