import { createHmac, timingSafeEqual } from "node:crypto";
import type { SignatureCheck } from "../provider.ts";

/** How far a signed timestamp may be from now, in seconds (kite-wire.md 4.7). */
export const TOLERANCE_S = 300;

/**
 * The index of the secret by which one of the given signatures was made; -1 for none. Every pair is compared, each in
 * constant time, so that the time taken does not tell which one fits.
 */
export function findSecret(
  given: readonly Buffer[],
  secrets: readonly string[],
  sign: (secret: string) => readonly Buffer[],
): number {
  const fits = secrets.map((secret) => {
    let found = false;
    for (const expected of sign(secret))
      for (const signature of given)
        found = (signature.length === expected.length && timingSafeEqual(signature, expected)) || found;
    return found;
  });
  return fits.indexOf(true);
}

export function hmacSha256(secret: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const hmac = createHmac("sha256", secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/**
 * The verdict on a signature that was made with a time in it: the signature first, so that a person learns which of the
 * two is wrong.
 * @param secret as {@link findSecret} says
 * @param timestamp seconds since the epoch, as signed
 */
export function timedCheck(header: string, secret: number, timestamp: number, now: number): SignatureCheck {
  const offBy = Math.round(now / 1000 - timestamp);
  const details = { timestamp, off_by_s: offBy, tolerance_s: TOLERANCE_S };
  if (secret < 0) return { ok: false, header, problem: "mismatch", details };
  if (Math.abs(offBy) > TOLERANCE_S) return { ok: false, header, problem: "stale", details };
  return { ok: true, secret };
}

/** The same for a signature without a time. */
export function plainCheck(header: string, secret: number): SignatureCheck {
  return secret < 0 ? { ok: false, header, problem: "mismatch" } : { ok: true, secret };
}

/** The bytes of 64 hex digits, which is what an HMAC-SHA256 looks like; null for anything else. */
export function sha256Hex(text: string): Buffer | null {
  return /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, "hex") : null;
}
