import { z } from "zod";
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
  lastEventAt: Time.nullable(),
  lastEventSeq: z.int().nullable(),
  lastRefusalAt: Time.nullable(),
  lastRefusalReason: z.string().nullable(),
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
  headers: Headers.nullable(),
  body: z.string().nullable(),
});
export type RefusalView = z.infer<typeof RefusalView>;

export const ApiKeyView = z.object({
  id: z.string(),
  name: z.string().nullable(),
  prefix: z.string(),
  permissions: z.array(z.enum(["read", "write", "admin"])),
  scopes: z.array(z.string()),
  expiresAt: Time.nullable(),
  revokedAt: Time.nullable(),
  createdAt: Time,
});
export type ApiKeyView = z.infer<typeof ApiKeyView>;

const One = z.object({ id: z.string() });

export const endpoints = {
  list: consoleCall.output(z.array(EndpointView)),
  create: consoleCall
    .input(z.object({ source: z.string(), webhookSecret: z.string().nullable().default(null) }))
    .output(EndpointSecrets),
  /** New token, and a new secret where one is wanted; the secret before stays good for ten minutes. */
  rotate: consoleCall.input(One.extend({ webhookSecret: z.string().nullable().default(null) })).output(EndpointSecrets),
  setActive: consoleCall.input(One.extend({ active: z.boolean() })).output(EndpointView),
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
};

export const keys = {
  list: consoleCall.output(z.array(ApiKeyView)),
  create: consoleCall
    .input(
      z.object({
        name: z.string().max(120).nullable(),
        permissions: z.array(z.enum(["read", "write", "admin"])).min(1),
        scopes: z.array(z.string()).default(["*"]),
        expiresAt: Time.nullable().default(null),
      }),
    )
    .output(z.object({ key: ApiKeyView, secret: z.string(), kite: z.string(), curl: z.string() })),
  revoke: consoleCall.input(One).output(ApiKeyView),
};
