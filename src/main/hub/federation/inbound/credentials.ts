import { createHmac, timingSafeEqual } from "node:crypto";
import type { Evidence } from "../../../../shared/rules/index.ts";
import type { Peer } from "../../model.ts";
import type { RegistryView } from "../../registry/index.ts";
import { probeMark, replayMark } from "../marks.ts";

/** Request headers as Node gives them: names in lower case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a caller has to present. Both by default (kite-wire.md 11.4). */
export interface CredentialPolicy {
  /** `Authorization: Bearer <token>`; without it, the signature alone has to fit one of the team's peers. */
  readonly requireBearer: boolean;
  /** `X-Kite-Signature`; one that is present has to fit in any case. */
  readonly requireSignature: boolean;
}

export type Caller =
  | {
      readonly ok: true;
      readonly peer: Peer;
      readonly signature: string | null;
      /** The token that was used: the peer's present one, or the one before while it changes. */
      readonly token: string;
    }
  | {
      readonly ok: false;
      readonly status: 401 | 403;
      readonly reason: "unauthorized" | "bad_signature" | "peer_revoked";
      readonly error: string;
      readonly peer: Peer | null;
      readonly evidence: Evidence;
    };

const SIGNATURE = /^sha256=([0-9a-f]{64})$/i;
const BEARER = /^Bearer +(\S+)\s*$/i;
/** Stands in for a token that is unknown, so that an unknown one costs the same time as a known one. */
const NO_TOKEN = "-";
const NO_MAC = Buffer.alloc(32);

/** The header's value; null when it is absent or came more than once. */
export function headerValue(headers: Headers, name: string): string | null {
  const value = headers[name];
  return typeof value === "string" ? value : null;
}

/**
 * Who is calling, by the inbound tokens of the team's peers. Every path computes and compares an HMAC over the whole
 * body, whether the token is known or not. Paused peers may call; revoked ones are told that they are revoked.
 */
export function identifyCaller(
  registry: RegistryView,
  team: string,
  headers: Headers,
  body: Buffer,
  policy: CredentialPolicy,
): Caller {
  const bearer = BEARER.exec(headerValue(headers, "authorization") ?? "")?.[1] ?? null;
  const signature = headerValue(headers, "x-kite-signature");
  const mac = macOf(signature);
  const presented = { bearer: bearer === null ? "absent" : "present", signature: presence(signature, mac) };

  if (bearer === null && !policy.requireBearer) {
    const found = findBySignature(registry, team, body, mac);
    if (found !== undefined) return admitted(found.peer, signature, found.token);
    const error =
      mac === null
        ? "X-Kite-Signature is missing or malformed: send sha256= and the hex HMAC-SHA256 of the body."
        : "X-Kite-Signature fits none of the peers registered here: compare the tokens on both sides.";
    return {
      ok: false,
      status: 401,
      reason: mac === null ? "unauthorized" : "bad_signature",
      error,
      peer: null,
      evidence: presented,
    };
  }

  const peer = bearer === null ? undefined : registry.peerByInboundToken(team, bearer);
  const fits = isMacOf(peer === undefined || bearer === null ? NO_TOKEN : bearer, body, mac);
  if (peer === undefined) {
    const error =
      bearer === null
        ? "The token is missing: send Authorization: Bearer <token> with the token this instance expects from you."
        : "The token is unknown here: it must be the inbound token of the peer that stands for you on this instance.";
    return { ok: false, status: 401, reason: "unauthorized", error, peer: null, evidence: presented };
  }
  if (fits || (signature === null && !policy.requireSignature))
    return admitted(peer, signature, bearer ?? peer.inboundToken);
  const error =
    signature === null
      ? "X-Kite-Signature is missing: send sha256= and the hex HMAC-SHA256 of the exact body, keyed with the token."
      : "X-Kite-Signature does not fit: it must be sha256= and the hex HMAC-SHA256 of the exact body, keyed with the token.";
  return {
    ok: false,
    status: 401,
    reason: "bad_signature",
    error,
    peer,
    evidence: { ...presented, bytes: body.length },
  };
}

/**
 * Checks a replay mark: `X-Kite-Replay` names the sender's entry, `X-Kite-Replay-Signature` binds it to this very
 * request through the body's signature. The mark asks this hub to show an event it has to its listeners again.
 * @returns the entry's id; "invalid" for a mark that does not fit; null when there is none
 */
export function readReplayMark(headers: Headers, token: string, signature: string | null): string | "invalid" | null {
  const entry = headerValue(headers, "x-kite-replay");
  if (entry === null) return null;
  const mac = macOf(headerValue(headers, "x-kite-replay-signature"));
  // Without a signature over the body, the mark would be good for any body.
  if (signature === null) return "invalid";
  return isMacOf(token, replayMark(entry, signature), mac) ? entry : "invalid";
}

/** Is this request a probe: checked like an event, answered, and forgotten? `X-Kite-Probe` is bound to it as above. */
export function isProbe(headers: Headers, token: string, signature: string | null): boolean {
  const nonce = headerValue(headers, "x-kite-probe");
  if (nonce === null || signature === null) return false;
  return isMacOf(token, probeMark(nonce, signature), macOf(headerValue(headers, "x-kite-probe-signature")));
}

function admitted(peer: Peer, signature: string | null, token: string): Caller {
  if (peer.status !== "revoked") return { ok: true, peer, signature, token };
  const error = `The peer "${peer.name}" is revoked on this instance: nothing is taken from it until it is made active again.`;
  return { ok: false, status: 403, reason: "peer_revoked", error, peer, evidence: { status: peer.status } };
}

function findBySignature(
  registry: RegistryView,
  team: string,
  body: Buffer,
  mac: Buffer | null,
): { peer: Peer; token: string } | undefined {
  let found: { peer: Peer; token: string } | undefined;
  // All of them, so that the time says nothing about which one it was.
  for (const peer of registry.peersOf(team))
    for (const token of registry.inboundTokens(peer)) if (isMacOf(token, body, mac)) found ??= { peer, token };
  return found;
}

function isMacOf(token: string, message: Buffer | string, mac: Buffer | null): boolean {
  const computed = createHmac("sha256", token).update(message).digest();
  return timingSafeEqual(computed, mac ?? NO_MAC) && mac !== null;
}

function macOf(signature: string | null): Buffer | null {
  const hex = SIGNATURE.exec(signature ?? "")?.[1];
  return hex === undefined ? null : Buffer.from(hex, "hex");
}

function presence(signature: string | null, mac: Buffer | null): string {
  if (signature === null) return "absent";
  return mac === null ? "malformed" : "present";
}
