import { z } from "zod";
import { PERMISSIONS } from "../permissions.ts";
import { consoleCall } from "./errors.ts";
import { EventLabel, EvidenceValue, Headers, PageInput, PeerRef, pageOf, Time } from "./values.ts";

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

/** A request that was turned away before it became an event. */
export const RefusalView = z.object({
  id: z.string(),
  at: Time,
  route: z.string(),
  reason: z.string(),
  /** What was wrong and how to mend it. */
  sentence: z.string(),
  peer: PeerRef.nullable(),
  event: EventLabel.nullable(),
  evidence: EvidenceValue,
  /** The source of the endpoint that the request was for. */
  source: z.string().nullable(),
  bodyBytes: z.int().nullable(),
});
export type RefusalView = z.infer<typeof RefusalView>;

/** The same with what was kept of the request: secrets masked, and no more of the body than the setting allows. */
export const RefusalDetailView = RefusalView.extend({
  headers: Headers.nullable(),
  body: z.object({ text: z.string().nullable(), base64: z.string().nullable(), truncated: z.boolean() }).nullable(),
});
export type RefusalDetailView = z.infer<typeof RefusalDetailView>;

export const ApiKeyView = z.object({
  id: z.string(),
  name: z.string().nullable(),
  prefix: z.string(),
  permissions: z.array(z.enum(PERMISSIONS)),
  scopes: z.array(z.string()),
  expiresAt: Time.nullable(),
  revokedAt: Time.nullable(),
  createdAt: Time,
  state: z.enum(["active", "expired", "revoked"]),
  /** True for the keys that the hub made for itself: they cannot be revoked here. */
  own: z.boolean(),
});
export type ApiKeyView = z.infer<typeof ApiKeyView>;

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

export const refusals = {
  list: consoleCall
    .input(
      PageInput.extend({
        reason: z.string().nullable().default(null),
        peerId: z.string().nullable().default(null),
        source: z.string().nullable().default(null),
      }),
    )
    .output(pageOf(RefusalView)),
  get: consoleCall.input(One).output(RefusalDetailView),
};

export const keys = {
  list: consoleCall.output(z.array(ApiKeyView)),
  create: consoleCall
    .input(
      z.object({
        name: z.string().max(120).nullable(),
        permissions: z.array(z.enum(PERMISSIONS)).min(1),
        scopes: z.array(z.string()).default(["*"]),
        expiresAt: Time.nullable().default(null),
      }),
    )
    .output(z.object({ key: ApiKeyView, secret: z.string(), kite: z.string(), curl: z.string() })),
  revoke: consoleCall.input(One).output(ApiKeyView),
};
