import type { z } from "zod";
import type { Attention as AttentionView } from "../../../shared/contract/index.ts";
import type { LinkDirection } from "../../../shared/links/index.ts";
import type { Ledger, LinkReport, Peer } from "../../hub/index.ts";

type Attention = z.infer<typeof AttentionView>;
type Cursor = Awaited<ReturnType<Ledger["cursors"]>>[number];
type CountRecord = Awaited<ReturnType<Ledger["counts"]>>[number];

/** What gave up, by peer. */
export function deadLetters(peers: readonly Peer[], dead: ReadonlyMap<number, number>): Attention[] {
  return peers.flatMap((peer) => {
    const letters = dead.get(peer.no) ?? 0;
    if (letters === 0) return [];
    return {
      id: `dead ${peer.id}`,
      severity: "error",
      title: `${letters === 1 ? "A dead letter" : `${letters} dead letters`} for ${peer.name}`,
      detail: "They are not tried again by themselves: look at their causes, then replay or cancel them.",
      to: `outbox?peer=${peer.id}&state=dead`,
      since: null,
      count: letters,
    };
  });
}

const FAILS: Readonly<Record<LinkDirection, (name: string) => string>> = {
  push_out: (name) => `${name} is failing`,
  push_in: (name) => `What ${name} sends is refused`,
  pull: (name) => `Reading ${name} fails`,
  read: (name) => `${name} cannot read this hub`,
};

/** Peers that are paused, and directions of links that fail or whose key has expired. */
export function unwellLinks(reports: readonly LinkReport[]): Attention[] {
  const paused = reports.flatMap(({ peer }): Attention[] => {
    if (peer.status !== "paused") return [];
    return [
      {
        id: `paused ${peer.id}`,
        severity: "warning",
        title: `${peer.name} is paused`,
        detail: peer.statusReason ?? "Events for it are queued, and nothing is sent.",
        to: `peers/${peer.id}`,
        since: peer.updatedAt.getTime(),
        count: null,
      },
    ];
  });
  const failing = reports.flatMap(({ peer, directions }): Attention[] => {
    if (peer.strangerId !== null && peer.status !== "revoked") return [replaced(peer, peer.strangerId)];
    return directions
      .filter(({ state }) => state === "failing" || state === "expired")
      .map(
        ({ direction, why, failingSince }): Attention => ({
          id: `failing ${peer.id} ${direction}`,
          severity: "warning",
          title: FAILS[direction](peer.name),
          detail: why,
          to: `peers/${peer.id}`,
          since: failingSince,
          count: null,
        }),
      );
  });
  return [...paused, ...failing];
}

/** One thing to decide, whichever directions it stops. */
function replaced(peer: Peer, strangerId: string): Attention {
  return {
    id: `stranger ${peer.id}`,
    severity: "warning",
    title: `Another instance answers in the place of ${peer.name}`,
    detail: `It calls itself ${strangerId}. Nothing is exchanged until you accept it, or refuse it.`,
    to: `peers/${peer.id}`,
    since: null,
    count: null,
  };
}

/** What the last hour's refusals say: events that came back are a loop, the others are somebody's mistake. */
export function refusedOf(hour: readonly CountRecord[]): Attention[] {
  const refused = hour.filter(({ kind }) => kind === "refused");
  const sum = (records: readonly CountRecord[]): number => records.reduce((total, { n }) => total + n, 0);
  const back = refused.filter(({ reason }) => reason === "own_id_in_chain");
  const others = refused.filter(({ reason }) => reason !== "own_id_in_chain");
  const from = [...new Set(back.flatMap(({ peerName }) => peerName ?? []))];
  const reasons = [...new Set(others.map(({ reason }) => reason.replaceAll("_", " ")))];
  return [
    ...(back.length === 0
      ? []
      : [
          {
            id: "loop",
            severity: "warning",
            title: `A loop: ${sum(back) === 1 ? "an event" : `${sum(back)} events`} came back in the last hour`,
            detail: `They were stopped here, for this hub stands in their chain${from.length === 0 ? "" : `; they came from ${from.join(", ")}`}. The topology shows the way they took.`,
            to: "topology",
            since: null,
            count: sum(back),
          } as const,
        ]),
    ...(others.length === 0
      ? []
      : [
          {
            id: "refused",
            severity: "warning",
            title: `${sum(others) === 1 ? "A request was" : `${sum(others)} requests were`} refused in the last hour`,
            detail: `Nothing of them was stored. Why: ${reasons.join(", ")}.`,
            to: "refusals",
            since: null,
            count: sum(others),
          } as const,
        ]),
  ];
}

/** Listeners that will miss what retention has taken. */
export function expiredCursors(cursors: readonly Cursor[], oldest: number): Attention[] {
  const expired = cursors.filter((cursor) => Math.max(cursor.seq, cursor.passed) < oldest - 1);
  const [first] = expired;
  if (first === undefined) return [];
  return [
    {
      id: "cursors",
      severity: "warning",
      title:
        expired.length === 1 ? `The cursor of ${first.clientId} has expired` : `${expired.length} cursors have expired`,
      detail: "Retention has taken events that these listeners had not acknowledged: they will miss them.",
      to: "listeners",
      since: null,
      count: expired.length,
    },
  ];
}
