import { explainReason, stopsEverything } from "../../../shared/rules/index.ts";
import type { ApiKey } from "../model.ts";
import { permits, type RegistryView } from "../registry/index.ts";
import { CODES } from "./frames.ts";

/** Why somebody is not let in, or not any longer. */
export interface Rejection {
  readonly code: number;
  readonly message: string;
}

/**
 * Why a key may not open a stream, or keep one open, in a sentence for the person who holds it; null when it may.
 * The CLI gives up for good only when it reads "Invalid token" or the code 4001 (kite-wire.md 6.6).
 * @param now milliseconds since the epoch
 */
export function keyRefusal(
  key: ApiKey | undefined,
  team: string,
  registry: Pick<RegistryView, "peerByNo">,
  now: number,
): Rejection | null {
  const problem = invalidity(key, team, now);
  if (key === undefined || problem !== null) return { code: CODES.authFailed, message: `Invalid token: ${problem}` };
  if (isForPeerToCome(key))
    return {
      code: CODES.tryAgainLater,
      message: "The pairing that handed over this key is still being finished here; connect again in a moment.",
    };
  return key.peer === null ? null : peerRefusal(key.peer, registry);
}

function invalidity(key: ApiKey | undefined, team: string, now: number): string | null {
  if (key === undefined) return "this hub has no such API key.";
  if (key.revokedAt !== null) return `the API key ${key.prefix} was revoked.`;
  if (key.expiresAt !== null && key.expiresAt.getTime() <= now)
    return `the API key ${key.prefix} expired at ${key.expiresAt.toISOString()}.`;
  if (key.team !== team) return `the API key ${key.prefix} does not belong to the team in team_id.`;
  if (!permits(key.permissions, "stream"))
    return `the API key ${key.prefix} lacks the permission read, or at least stream.`;
  return null;
}

/** Until the peer is there that a key was handed out for, nobody can say what may be shown to it. */
const isForPeerToCome = ({ peer, fromSeq }: ApiKey): boolean => peer === null && fromSeq !== null;

/** A key that was handed to a peer is another way to send it events: what stops those stops this. */
function peerRefusal(no: number, registry: Pick<RegistryView, "peerByNo">): Rejection | null {
  const peer = registry.peerByNo(no);
  const refuse = (message: string): Rejection => ({ code: CODES.authFailed, message });
  if (peer === undefined) return refuse("The peer whose key this is was removed here; pair anew.");
  const whose = `This key was handed to "${peer.name}".`;
  const shut = stopsEverything(peer.policy);
  if (shut !== null)
    return refuse(`${whose} ${explainReason(shut.reason, shut.evidence)} Only whoever runs this hub can change that.`);
  if (peer.strangerId !== null)
    return refuse(`${whose} It is another instance now, which nobody here has accepted yet.`);
  if (peer.status === "paused")
    return { code: CODES.tryAgainLater, message: `Nothing is sent to "${peer.name}" while it is paused here.` };
  return null;
}
