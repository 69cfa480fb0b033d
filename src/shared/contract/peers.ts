import { z } from "zod";
import { MaskRules } from "../masking/index.ts";
import { consoleCall } from "./errors.ts";
import { Count, Duration, Time } from "./values.ts";

export const RetryView = z.object({
  ages: z.array(Duration),
  jitter: z.number(),
  minAttempts: z.int(),
  maxRetryAfter: Duration,
});

/** A peer and its settings; how its link fares is in `links`. Tokens are never shown again. */
export const PeerView = z.object({
  no: z.int(),
  id: z.string(),
  name: z.string(),
  status: z.enum(["active", "paused", "revoked"]),
  statusReason: z.string().nullable(),
  hookUrl: z.string(),
  scopes: z.array(z.string()),
  maxHops: z.int(),
  maxBytes: z.int(),
  instanceId: z.string().nullable(),
  instanceIdFrom: z.enum(["pairing", "health", "chain"]).nullable(),
  batches: z.boolean(),
  ordered: z.boolean(),
  allowPrivate: z.boolean(),
  retry: RetryView,
  /** What the peer is to its owner; production peers are marked everywhere. */
  environment: z.enum(["production", "staging", "other"]),
  /** How its environment is called, and its colour (#rrggbb); null: as the environment is by default. */
  label: z.string().nullable(),
  colour: z.string().nullable(),
  /** Nothing is sent to this peer. */
  receiveOnly: z.boolean(),
  /** A backlog is sent newest first. */
  newestFirst: z.boolean(),
  masks: MaskRules,
  /** While the peer's token is rotated: until when the one before is taken as well. */
  previousTokenUntil: Time.nullable(),
  /** Another instance answers in the peer's place: nothing is exchanged until it is accepted. */
  strangerId: z.string().nullable(),
  revision: z.int(),
  /** Stands for the settings as they are; to be given back with a change of them. */
  version: z.string(),
  createdAt: Time,
  updatedAt: Time,
});
export type PeerView = z.infer<typeof PeerView>;

export const PeerSettings = z.object({
  name: z.string().trim().min(1).max(128),
  hookUrl: z.string().min(1).max(2_048),
  scopes: z.array(z.string()),
  maxHops: z.int(),
  maxBytes: z.int(),
  ordered: z.boolean(),
  allowPrivate: z.boolean(),
  instanceId: z.string().nullable(),
  retry: RetryView.partial().nullable(),
  environment: z.enum(["production", "staging", "other"]),
  label: z.string().max(64).nullable(),
  colour: z.string().nullable(),
  receiveOnly: z.boolean(),
  newestFirst: z.boolean(),
  masks: MaskRules,
  /** The peer's name: needed before anything is sent to a production peer. */
  confirm: z.string(),
});

export const NewPeerInput = PeerSettings.partial()
  .required({ name: true, hookUrl: true })
  .extend({ outboundToken: z.string().min(1), inboundToken: z.string().min(1) });

export const PeerUpdateInput = PeerSettings.partial().extend({
  id: z.string(),
  /** The `version` that was edited: CONFLICT when the settings are others by now. */
  ifVersion: z.string().optional(),
  status: z.enum(["active", "paused", "revoked"]).optional(),
  outboundToken: z.string().min(1).optional(),
  inboundToken: z.string().min(1).optional(),
});

const One = z.object({ id: z.string() });

export const peers = {
  list: consoleCall.output(z.array(PeerView)),
  get: consoleCall.input(One).output(PeerView),
  create: consoleCall.input(NewPeerInput).output(PeerView),
  update: consoleCall.input(PeerUpdateInput).output(PeerView),
  /** How many owed entries revoking or removing the peer would cancel. */
  owed: consoleCall.input(One).output(Count),
  remove: consoleCall.input(One).output(Count),
  /** A random token that fits; nothing is stored. */
  newToken: consoleCall.output(z.object({ token: z.string() })),
};
