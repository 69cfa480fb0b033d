import { createHmac } from "node:crypto";
import { probeMark, replayMark } from "../marks.ts";

/** The value of X-Kite-Signature for a body: HMAC-SHA256 keyed by the token, over the exact bytes (kite-wire.md 11.4). */
export function signBody(token: string, body: Buffer | string): string {
  return `sha256=${createHmac("sha256", token).update(body).digest("hex")}`;
}

/** The value of x-kite-probe-signature; see {@link probeMark}. */
export function signProbe(token: string, nonce: string, signature: string): string {
  return signBody(token, probeMark(nonce, signature));
}

/** The value of x-kite-replay-signature; see {@link replayMark}. */
export function signReplay(token: string, entryId: string, signature: string): string {
  return signBody(token, replayMark(entryId, signature));
}
