/** One direction of a link with a peer: what we push to it, what it pushes to us, what we read from it, what it reads from us. */
export const LINK_DIRECTIONS = ["push_out", "push_in", "pull", "read"] as const;
export type LinkDirection = (typeof LINK_DIRECTIONS)[number];

export const LINK_STATES = ["waiting", "active", "paused", "failing", "revoked", "expired"] as const;
export type LinkState = (typeof LINK_STATES)[number];

/** What is known of one direction. Times are milliseconds since the epoch. */
export interface LinkFacts {
  readonly direction: LinkDirection;
  readonly peerStatus: "active" | "paused" | "revoked";
  /** Why the peer has the status it has, as far as the hub set it. */
  readonly statusReason: string | null;
  /** The direction itself is switched off: a paused pull link, a peer that is set to receive only. */
  readonly pausedHere: string | null;
  readonly lastSuccessAt: number | null;
  readonly lastFailureAt: number | null;
  readonly lastFailure: string | null;
  /** Since when nothing has succeeded; null when the last attempt did. */
  readonly failingSince: number | null;
  /** When the credential of this direction ends, or ended; null when it does not. */
  readonly expiresAt: number | null;
  /** The peer has said that the credential is expired. */
  readonly expiredThere: boolean;
  /** Another instance answers in the peer's place. */
  readonly strangerId: string | null;
}

/** The state of one direction, and why, as a plain sentence. */
export interface LinkStanding {
  readonly state: LinkState;
  readonly why: string;
}

const NEVER: Readonly<Record<LinkDirection, string>> = {
  push_out: "Nothing has been delivered to the peer yet.",
  push_in: "The peer has not sent a signed event yet: it may not know this instance, or have had nothing to send.",
  pull: "The peer's stream has not been opened yet.",
  read: "The peer does not read this hub's stream now: it is away, or has not begun.",
};

const WORKS: Readonly<Record<LinkDirection, string>> = {
  push_out: "The peer answers what is sent to it.",
  push_in: "The last request of the peer was authentic.",
  pull: "The peer's stream is being read.",
  read: "The peer reads this hub's stream.",
};

/** How one direction stands. What a person decided comes first, then what only a person can mend, then what was seen. */
export function linkState(facts: LinkFacts, now: number): LinkStanding {
  const { direction, peerStatus, failingSince, lastSuccessAt } = facts;
  if (peerStatus === "revoked")
    return { state: "revoked", why: "The peer is revoked: nothing is sent, and nothing is taken." };
  if (facts.pausedHere !== null) return { state: "paused", why: facts.pausedHere };
  if (peerStatus === "paused" && (direction === "push_out" || direction === "read"))
    return { state: "paused", why: facts.statusReason ?? "The peer is paused here: what is meant for it waits." };
  if (facts.strangerId !== null)
    return {
      state: "failing",
      why: `Another instance answers in this peer's place: ${facts.strangerId}. Accept it if you replaced the peer.`,
    };
  if (facts.expiredThere || (facts.expiresAt !== null && facts.expiresAt <= now))
    return { state: "expired", why: facts.lastFailure ?? "The credential has expired: give the link a new one." };
  if (failingSince !== null) return { state: "failing", why: facts.lastFailure ?? "The last attempt failed." };
  if (lastSuccessAt === null) return { state: "waiting", why: NEVER[direction] };
  return { state: "active", why: WORKS[direction] };
}

/** The state of a whole peer, for a badge: the worst of the directions that are in use. */
export function worstState(states: readonly LinkState[]): LinkState {
  return SEVERITY.find((state) => states.includes(state)) ?? "waiting";
}

const SEVERITY: readonly LinkState[] = ["failing", "expired", "revoked", "waiting", "paused", "active"];

/**
 * Availability over a window: of the minutes in which the link was tried, the share in which an attempt succeeded. Null when
 * it was never tried: a link that nobody used was not down.
 */
export function availability(minutes: { readonly up: number; readonly tried: number }): number | null {
  return minutes.tried === 0 ? null : minutes.up / minutes.tried;
}

/**
 * By how much the peer's clock is ahead of ours, in milliseconds, read off a Date header. The header has whole seconds, so
 * half a second is added, and anything below a second and a half says nothing.
 * @param sentAt and receivedAt when the request went out and its answer came, by our clock
 * @returns null when the header is absent or unreadable
 */
export function clockOffset(header: string | null, sentAt: number, receivedAt: number): number | null {
  const there = header === null ? Number.NaN : Date.parse(header);
  if (Number.isNaN(there)) return null;
  return Math.round(there + 500 - (sentAt + receivedAt) / 2);
}
