import {
  availability,
  LINK_DIRECTIONS,
  type LinkDirection,
  type LinkFacts,
  type LinkState,
  linkState,
  worstState,
} from "../../../../shared/links/index.ts";
import type { Peer } from "../../model.ts";
import { type RegistryView, readingPeers } from "../../registry/index.ts";
import type { Database } from "../../store/database.ts";
import { countLinkMinutes, countOwed, type LinkHealthRow, listLinkHealth } from "../../store/link-health.ts";
import type { LaneSnapshot } from "../outbound/index.ts";
import type { PullLinkView } from "../pull/index.ts";

/** One direction of one link as a screen shows it. Times are milliseconds since the epoch. */
export interface DirectionReport {
  readonly direction: LinkDirection;
  readonly state: LinkState;
  readonly why: string;
  readonly lastSuccessAt: number | null;
  readonly lastFailureAt: number | null;
  readonly lastFailure: string | null;
  readonly failingSince: number | null;
  /** Only of `push_out`. */
  readonly breaker: "closed" | "open" | "half_open" | null;
  /** `push_out`: entries owed; `pull`, `read`: how many seqs of the log are still to come; null where nobody can know. */
  readonly backlog: number | null;
  /** By how much the peer's clock is ahead of ours. */
  readonly clockOffsetMs: number | null;
  /** Over the last day, from 0 to 1; null when the link was not used. */
  readonly availability: number | null;
}

/** A peer with each direction of its link, never mixed. */
export interface LinkReport {
  readonly peer: Peer;
  readonly state: LinkState;
  readonly directions: readonly DirectionReport[];
  readonly pull: PullLinkView | null;
}

/** A peer that is connected to this hub's stream, by the key that a pairing has handed to it. */
export interface PeerReader {
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Seqs of this hub's log that it has not been shown yet. */
  readonly behind: number;
}

export interface LinkReportOptions {
  readonly db: Database;
  readonly registry: RegistryView;
  readonly lanes: { snapshot(): readonly LaneSnapshot[] };
  readonly pulls: { list(team: string): Promise<PullLinkView[]> };
  /** The peers that read this hub's stream now. */
  readonly readers: () => ReadonlyMap<number, PeerReader>;
  /** Writes what was seen and not written yet. */
  readonly flush: () => Promise<void>;
  readonly now: () => number;
}

const DAY_MS = 86_400_000;

/** How the links of a team's peers are. */
export class LinkReports {
  readonly #o: LinkReportOptions;

  constructor(options: LinkReportOptions) {
    this.#o = options;
  }

  async list(team: string): Promise<LinkReport[]> {
    const { db, registry, lanes, pulls, flush, now } = this.#o;
    await flush();
    const peers = registry.peersOf(team);
    const numbers = peers.map((peer) => peer.no);
    const links = new Map((await pulls.list(team)).map((link) => [link.peer.no, link]));
    const health = await listLinkHealth(db, numbers);
    const minutes = await countLinkMinutes(db, numbers, new Date(now() - DAY_MS));
    const owed = await countOwed(db, numbers);
    const readers = this.#o.readers();
    const reading = readingPeers(registry.snapshot);
    const breakers = new Map(lanes.snapshot().map((lane) => [lane.peer, lane.breaker]));
    return peers.map((peer): LinkReport => {
      const pull = links.get(peer.no) ?? null;
      const heard = health.some((each) => each.peer === peer.no && each.direction === "push_in");
      const reader = readers.get(peer.no) ?? null;
      const used = directionsInUse(peer, pull, heard, reading.has(peer.no));
      const directions = used.map((direction): DirectionReport => {
        if (direction === "read") return readReport(peer, reader, now());
        const row = health.find((each) => each.peer === peer.no && each.direction === direction);
        const { state, why } = linkState(factsOf(peer, direction, row, pull), now());
        const tried = minutes.find((each) => each.peer === peer.no && each.direction === direction);
        return {
          direction,
          state,
          why,
          lastSuccessAt: row?.lastSuccessAt?.getTime() ?? null,
          lastFailureAt: row?.lastFailureAt?.getTime() ?? null,
          lastFailure: row?.lastFailure ?? null,
          failingSince: row?.failingSince?.getTime() ?? null,
          breaker: direction === "push_out" ? (breakers.get(peer.no) ?? null) : null,
          backlog: direction === "push_out" ? (owed.get(peer.no) ?? 0) : direction === "pull" ? lagOf(pull) : null,
          clockOffsetMs: row?.clockOffsetMs ?? null,
          availability: availability(tried ?? { up: 0, tried: 0 }),
        };
      });
      return { peer, state: stateOf(directions), directions, pull };
    });
  }
}

/** That nothing was to be sent yet is no news of the peer, where another direction says more. */
function stateOf(directions: readonly DirectionReport[]): LinkState {
  const telling = directions.filter(({ direction, state }) => direction !== "push_out" || state !== "waiting");
  return worstState((telling.length === 0 ? directions : telling).map(({ state }) => state));
}

/** A peer that is read, or reads, need neither push nor be pushed to: what was never meant to be used does not wait. */
function directionsInUse(peer: Peer, pull: PullLinkView | null, heard: boolean, reads: boolean): LinkDirection[] {
  const out = peer.scopes.length > 0 || (pull === null && !reads);
  const used = { push_out: out, push_in: heard || (pull === null && !reads), pull: pull !== null, read: reads };
  return LINK_DIRECTIONS.filter((direction) => used[direction]);
}

/** What is known of a reader is its connection: nothing is tried from here. */
function readReport(peer: Peer, reader: PeerReader | null, now: number): DirectionReport {
  const facts = { ...factsOf(peer, "read", undefined, null), lastSuccessAt: reader?.since ?? null };
  return {
    direction: "read",
    ...linkState(facts, now),
    lastSuccessAt: reader?.since ?? null,
    lastFailureAt: null,
    lastFailure: null,
    failingSince: null,
    breaker: null,
    backlog: reader?.behind ?? null,
    clockOffsetMs: null,
    availability: null,
  };
}

function factsOf(
  peer: Peer,
  direction: LinkDirection,
  row: LinkHealthRow | undefined,
  pull: PullLinkView | null,
): LinkFacts {
  return {
    direction,
    peerStatus: peer.status,
    statusReason: peer.statusReason,
    pausedHere: pausedHere(peer, direction, pull),
    lastSuccessAt: row?.lastSuccessAt?.getTime() ?? null,
    lastFailureAt: row?.lastFailureAt?.getTime() ?? null,
    lastFailure: row?.lastFailure ?? null,
    failingSince: row?.failingSince?.getTime() ?? null,
    expiresAt: null,
    expiredThere: direction === "pull" && pull?.running?.error?.code === "expired",
    strangerId: peer.strangerId,
  };
}

function pausedHere(peer: Peer, direction: LinkDirection, pull: PullLinkView | null): string | null {
  if (direction === "read" && peer.receiveOnly)
    return "The peer is set to receive only: it may not read this hub's stream.";
  if (direction === "push_out" && peer.receiveOnly) return "The peer is set to receive only: nothing is sent to it.";
  if (direction === "push_out" && peer.scopes.length === 0) return "No event type is in the peer's scopes.";
  if (direction === "pull" && pull?.status === "paused")
    return pull.statusReason ?? "The pull link is paused here: nothing is read.";
  return null;
}

/** Seqs of other teams count too, so this is the most that can be behind. */
function lagOf(pull: PullLinkView | null): number | null {
  if (pull === null || pull.cursor === null || pull.remoteSeq === null) return null;
  return Math.max(pull.remoteSeq - pull.cursor, 0);
}
