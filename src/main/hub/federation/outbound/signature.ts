import { createHmac } from "node:crypto";

/** The value of X-Kite-Signature for a body: HMAC-SHA256 keyed by the token, over the exact bytes (kite-wire.md 11.4). */
export function signBody(token: string, body: Buffer | string): string {
  return `sha256=${createHmac("sha256", token).update(body).digest("hex")}`;
}

/**
 * The value of x-kite-probe-signature, between Kite Desktop hubs only: a probe is checked like an event and then
 * forgotten, so the mark must not be put on a delivery by somebody else.
 * @param signature the whole value of X-Kite-Signature of the same request
 */
export function signProbe(token: string, nonce: string, signature: string): string {
  return `sha256=${createHmac("sha256", token).update(`probe:${nonce}:${signature}`).digest("hex")}`;
}

/**
 * The value of x-kite-replay-signature, between Kite Desktop hubs only: it binds the replay mark to the body it came
 * with, so that a mark cannot be put on another delivery.
 * @param entryId the id of the outbox entry, as in x-kite-replay
 * @param signature the whole value of X-Kite-Signature of the same request
 */
export function signReplay(token: string, entryId: string, signature: string): string {
  return `sha256=${createHmac("sha256", token).update(`replay:${entryId}:${signature}`).digest("hex")}`;
}
