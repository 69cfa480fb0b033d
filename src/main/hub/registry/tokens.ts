import { hash, randomBytes, timingSafeEqual } from "node:crypto";

/** Prefixes of the tokens the hub makes (kite-wire.md 2). */
export type TokenKind = "kite" | "khk" | "kite_admin" | "kfed";

/** A fresh token: its kind, 8 hex digits that may be shown, and 128 random bits that may not. */
export function createToken(kind: TokenKind): { token: string; prefix: string } {
  const prefix = randomBytes(4).toString("hex");
  return { token: `${kind}_${prefix}_${randomBytes(16).toString("hex")}`, prefix };
}

/** Tokens are random, so a plain SHA-256 is as good as a slow hash and can be looked up. */
export function tokenHash(token: string): Buffer {
  // Straight into a Buffer it would get memory of its own outside the heap, which costs more than the hash.
  return Buffer.from(hash("sha256", token, "binary"), "latin1");
}

/** Compares a presented token with a stored hash in constant time. */
export function tokenMatches(token: string, stored: Buffer): boolean {
  const presented = tokenHash(token);
  return presented.length === stored.length && timingSafeEqual(presented, stored);
}
