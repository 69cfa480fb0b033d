import type { ApiKey } from "../model.ts";
import { permits } from "../registry/index.ts";

/**
 * Why a key may not open a stream, or keep one open, in a sentence for the person who holds it; null when it may.
 * The CLI gives up for good only when it reads "Invalid token" or the code 4001 (kite-wire.md 6.6).
 * @param now milliseconds since the epoch
 */
export function keyRefusal(key: ApiKey | undefined, team: string, now: number): string | null {
  if (key === undefined) return "Invalid token: this hub has no such API key.";
  if (key.revokedAt !== null) return `Invalid token: the API key ${key.prefix} was revoked.`;
  if (key.expiresAt !== null && key.expiresAt.getTime() <= now)
    return `Invalid token: the API key ${key.prefix} expired at ${key.expiresAt.toISOString()}.`;
  if (key.team !== team) return `Invalid token: the API key ${key.prefix} does not belong to the team in team_id.`;
  if (!permits(key.permissions, "stream"))
    return `Invalid token: the API key ${key.prefix} lacks the permission read, or at least stream.`;
  return null;
}
