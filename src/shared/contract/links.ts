import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import { LINK_DIRECTIONS, LINK_STATES, LINK_TEST_STEPS } from "../links/index.ts";
import { consoleCall } from "./errors.ts";
import { Duration, PeerRef, Time } from "./values.ts";

export const LinkStateValue = z.enum(LINK_STATES);

/** One direction of a link with a peer. The directions are never mixed: a peer may send well and take nothing. */
export const LinkDirectionView = z.object({
  direction: z.enum(LINK_DIRECTIONS),
  state: LinkStateValue,
  /** Why the state is what it is, as a sentence. */
  why: z.string(),
  lastSuccessAt: Time.nullable(),
  lastFailureAt: Time.nullable(),
  lastFailure: z.string().nullable(),
  failingSince: Time.nullable(),
  breaker: z.enum(["closed", "open", "half_open"]).nullable(),
  /** `push_out`: entries owed. `pull`: the most seqs of the peer's log that can still be to come. */
  backlog: z.int().nullable(),
  /** By how much the peer's clock is ahead of this hub's, in milliseconds. */
  clockOffset: z.int().nullable(),
  /** Over the last day, from 0 to 1; null when the link was not used. */
  availability: z.number().nullable(),
});

/** A stretch of the peer's log of which nobody can say that it is here. */
export const PullGap = z.object({
  at: Time,
  fromSeq: z.int(),
  /** Null: not known how far it goes. */
  toSeq: z.int().nullable(),
  reason: z.enum(["cursor_expired", "not_resumed", "log_replaced"]),
});

/** A peer that is read over its stream. Its key is never shown again. */
export const PullView = z.object({
  streamUrl: z.string(),
  remoteTeam: z.string(),
  scopes: z.array(z.string()),
  maxHops: z.int(),
  maxBytes: z.int(),
  status: z.enum(["active", "paused"]),
  statusReason: z.string().nullable(),
  cursor: z.int().nullable(),
  remoteSeq: z.int().nullable(),
  /** Null: another process of this hub reads it. */
  phase: z.enum(["connecting", "reading", "waiting", "stopped"]).nullable(),
  error: z.object({ code: z.string(), sentence: z.string() }).nullable(),
  retryAt: Time.nullable(),
  /** False: what is read stays here until somebody confirms which instance the peer is. */
  confirmed: z.boolean(),
  gaps: z.array(PullGap),
});

export const LinkView = z.object({
  peer: PeerRef,
  /** The worst of the directions that are in use. */
  state: LinkStateValue,
  instanceId: z.string().nullable(),
  /** Another instance answers in the peer's place: nothing is exchanged until it is accepted. */
  strangerId: z.string().nullable(),
  environment: z.enum(["production", "staging", "other"]),
  label: z.string().nullable(),
  colour: z.string().nullable(),
  receiveOnly: z.boolean(),
  directions: z.array(LinkDirectionView),
  pull: PullView.nullable(),
});
export type LinkView = z.infer<typeof LinkView>;

export const LinkTestStepView = z.object({
  step: z.enum(LINK_TEST_STEPS),
  outcome: z.enum(["ok", "warning", "failed", "skipped"]),
  duration: Duration,
  result: z.string(),
  /** What to do about it; null when nothing is to be done. */
  advice: z.string().nullable(),
});

const OfPeer = z.object({ peerId: z.string() });

export const PullInput = OfPeer.extend({
  streamUrl: z.string().max(2_048),
  remoteTeam: z.string().min(1).max(256),
  apiKey: z.string().min(1).max(1_024),
  scopes: z.array(z.string()).optional(),
  maxHops: z.int().min(1).max(64).optional(),
  maxBytes: z.int().min(1).max(2_147_483_647).optional(),
});

export const links = {
  list: consoleCall.output(z.array(LinkView)),
  get: consoleCall.input(OfPeer).output(LinkView),
  /** Reads the peer over its stream from now on, or with another key. */
  pull: consoleCall.input(PullInput).output(LinkView),
  setPullStatus: consoleCall.input(OfPeer.extend({ status: z.enum(["active", "paused"]) })).output(LinkView),
  removePull: consoleCall.input(OfPeer).output(LinkView),
  /** Says which instance the peer is: confirms a guess, or accepts another instance in its place. */
  confirmInstance: consoleCall.input(OfPeer.extend({ instanceId: z.string().min(1).max(128) })).output(LinkView),
  /** A new token for the peer to present here; the old one is accepted as well until then. Shown once. */
  rotateToken: consoleCall
    .input(
      OfPeer.extend({
        overlap: Duration.min(0)
          .max(30 * 86_400_000)
          .default(86_400_000),
      }),
    )
    .output(z.object({ token: z.string(), previousValidUntil: Time })),
  /** Each step as it ends; the first that fails is the last. */
  test: consoleCall.input(OfPeer).output(eventIterator(LinkTestStepView)),
};
