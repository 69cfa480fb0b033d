import { z } from "zod";
import { MaskRules } from "../../../shared/masking/index.ts";
import {
  DEFAULT_MAX_BYTES,
  DEFAULT_MAX_HOPS,
  invalidInstanceId,
  invalidScope,
  MAX_CHAIN_LENGTH,
  type RetryPolicy,
} from "../../../shared/rules/index.ts";
import { HubError } from "../errors.ts";
import { readPeerUrl } from "../federation/outbound/index.ts";
import type { Peer } from "../model.ts";
import type { NewPeer, PeerUpdate } from "../registry/index.ts";

const MAX_INT4 = 2_147_483_647;
const DAY_MS = 86_400_000;

/** Tells the sentence of a rule as zod's issue. */
function byRule(rule: (text: string) => string | null) {
  return (context: z.core.ParsePayload<string>): void => {
    const problem = rule(context.value);
    if (problem !== null) context.issues.push({ code: "custom", message: problem, input: context.value });
  };
}

const name = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .check(byRule(invalidInstanceId))
  .describe("Unique in the team. Stands in for the peer's instance id in chains until that is known.");
const url = z
  .string()
  .max(2_048)
  .describe("Where the peer takes events, such as https://b.example.com/hooks/team/kite.");
const token = z
  .string()
  .min(1)
  .max(1_024)
  .regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces, for it is sent as a header");
const scopes = z
  .array(z.string().check(byRule(invalidScope)))
  .max(1_000)
  .describe("Globs on the event type. `stripe.*` matches com.stripe.… too; an empty list forwards nothing.");
const maxHops = z.int().min(1).max(MAX_CHAIN_LENGTH).describe("A copy that has made so many hops is not forwarded.");
const maxBytes = z.int().min(1).max(MAX_INT4).describe("The most bytes of data that are forwarded.");
const ordered = z.boolean().describe("One request in flight, and later entries wait behind a failure.");
const allowPrivate = z
  .boolean()
  .describe("May be at an address of your own network, and be reached by plain http there.");
const instanceId = z.string().check(byRule(invalidInstanceId)).nullable().describe("The peer's instance id, if known.");
const retry = z
  .strictObject({
    ages_ms: z
      .array(
        z
          .int()
          .min(1)
          .max(30 * DAY_MS),
      )
      .min(1)
      .max(100)
      .optional()
      .describe("The ages, from the first attempt on, at which retries are due. The last one is the end."),
    jitter: z.number().min(0).max(1).optional(),
    min_attempts: z.int().min(1).max(100).optional(),
    max_retry_after_ms: z
      .int()
      .min(0)
      .max(30 * DAY_MS)
      .optional(),
  })
  .describe("What differs from the default retry policy.");

const marks = {
  environment: z.enum(["production", "staging", "other"]).optional(),
  label: z.string().max(64).nullable().optional().describe("How the environment is called on screens."),
  colour: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, "must be a colour such as #cc0000")
    .nullable()
    .optional(),
  receive_only: z.boolean().optional().describe("Nothing is sent to this peer. Production peers are so by default."),
  newest_first: z.boolean().optional().describe("A backlog is sent newest first instead of oldest first."),
  masks: MaskRules.optional().describe("What of an event's data this peer does not get to see."),
  confirm: z.string().optional().describe("The peer's name: needed before anything is sent to a production peer."),
};

/** The body of POST /api/federation/peers (kite-wire.md 11.5), and what is ours. */
export const NewPeerBody = z.strictObject({
  name,
  peer_hook_url: url,
  outbound_token: token.describe("Keys what is sent to the peer; the peer's inbound token for this hub."),
  inbound_token: token.describe("Keys what the peer sends; the peer's outbound token for this hub."),
  scopes: scopes.default(["*"]),
  max_hops: maxHops.default(DEFAULT_MAX_HOPS),
  max_bytes: maxBytes.default(DEFAULT_MAX_BYTES),
  ordered: ordered.default(false),
  allow_private: allowPrivate.default(false),
  retry: retry.optional(),
  instance_id: instanceId.optional(),
  ...marks,
});

/** The body of PATCH /api/federation/peers/:id: what is absent stays as it is. */
export const PeerPatchBody = z.strictObject({
  status: z.enum(["active", "paused", "revoked"]).optional(),
  name: name.optional(),
  peer_hook_url: url.optional(),
  outbound_token: token.optional(),
  inbound_token: token.optional(),
  scopes: scopes.optional(),
  max_hops: maxHops.optional(),
  max_bytes: maxBytes.optional(),
  ordered: ordered.optional(),
  allow_private: allowPrivate.optional(),
  retry: retry.optional(),
  instance_id: instanceId.optional(),
  ...marks,
});

type Marks = Pick<z.infer<typeof PeerPatchBody>, keyof typeof marks>;

/**
 * How a peer is marked. A production peer is set to receive only, unless whoever wants to send there names it.
 * @throws HubError `conflict` when the name is missing or another
 */
function marksOf(body: Marks, peer: Pick<Peer, "name" | "environment" | "receiveOnly"> | null, name: string) {
  const environment = body.environment ?? peer?.environment ?? "other";
  const becomes = environment === "production" && peer?.environment !== "production";
  const receiveOnly = body.receive_only ?? (becomes ? true : undefined);
  const opens = receiveOnly === false && (peer === null || peer.receiveOnly || becomes);
  if (environment === "production" && opens && body.confirm !== name)
    throw new HubError("conflict", `"${name}" is a production peer: to send events there, set confirm to its name.`);
  return {
    ...(body.environment === undefined ? {} : { environment: body.environment }),
    ...(body.label === undefined ? {} : { label: body.label }),
    ...(body.colour === undefined ? {} : { colour: body.colour }),
    ...(receiveOnly === undefined ? {} : { receiveOnly }),
    ...(body.newest_first === undefined ? {} : { newestFirst: body.newest_first }),
    ...(body.masks === undefined ? {} : { masks: body.masks }),
  };
}

/** @throws HubError `bad_request` when the URL cannot be a peer's */
export function newPeer(body: z.infer<typeof NewPeerBody>): NewPeer {
  return {
    name: body.name,
    hookUrl: hookUrl(body.peer_hook_url, body.allow_private),
    outboundToken: body.outbound_token,
    inboundToken: body.inbound_token,
    scopes: body.scopes,
    maxHops: body.max_hops,
    maxBytes: body.max_bytes,
    ordered: body.ordered,
    allowPrivate: body.allow_private,
    ...(body.retry === undefined ? {} : { retry: toOverrides(body.retry) }),
    ...(body.instance_id === undefined ? {} : { instanceId: body.instance_id }),
    ...marksOf(body, null, body.name),
  };
}

/** @throws HubError `bad_request` when the URL cannot be a peer's */
export function peerUpdate(body: z.infer<typeof PeerPatchBody>, peer: Peer): PeerUpdate {
  const allowPrivate = body.allow_private ?? peer.allowPrivate;
  return {
    ...(body.peer_hook_url === undefined && body.allow_private === undefined
      ? {}
      : { hookUrl: hookUrl(body.peer_hook_url ?? peer.hookUrl, allowPrivate), allowPrivate }),
    // A person who sets the status takes back what the hub said about an earlier one.
    ...(body.status === undefined ? {} : { status: body.status, statusReason: null }),
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.outbound_token === undefined ? {} : { outboundToken: body.outbound_token }),
    ...(body.inbound_token === undefined ? {} : { inboundToken: body.inbound_token }),
    ...(body.scopes === undefined ? {} : { scopes: body.scopes }),
    ...(body.max_hops === undefined ? {} : { maxHops: body.max_hops }),
    ...(body.max_bytes === undefined ? {} : { maxBytes: body.max_bytes }),
    ...(body.ordered === undefined ? {} : { ordered: body.ordered }),
    ...(body.retry === undefined ? {} : { retry: toOverrides(body.retry) }),
    ...(body.instance_id === undefined
      ? {}
      : {
          instanceId: body.instance_id,
          instanceIdFrom: body.instance_id === null ? null : "pairing",
          strangerId: null,
        }),
    ...marksOf(body, peer, peer.name),
  };
}

/** A peer's retry settings as they are shown and set: the names of the wire. */
export const RetryOverrides = retry;

function toOverrides(retry: z.infer<typeof RetryOverrides>): Partial<RetryPolicy> {
  return {
    ...(retry.ages_ms === undefined ? {} : { ages: retry.ages_ms }),
    ...(retry.jitter === undefined ? {} : { jitter: retry.jitter }),
    ...(retry.min_attempts === undefined ? {} : { minAttempts: retry.min_attempts }),
    ...(retry.max_retry_after_ms === undefined ? {} : { maxRetryAfterMs: retry.max_retry_after_ms }),
  };
}

/** @throws HubError `bad_request` when the URL cannot be a peer's */
function hookUrl(text: string, allowPrivate: boolean): string {
  const read = readPeerUrl(text, allowPrivate);
  if (!read.ok) throw new HubError("bad_request", `body.peer_hook_url: ${read.problem}`);
  return text;
}
