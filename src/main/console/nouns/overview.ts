import type { z } from "zod";
import type { OverviewView, RatePoint } from "../../../shared/contract/index.ts";
import { HubError } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";
import { deadLetters, expiredCursors, refusedOf, unwellLinks } from "../show/attention.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MOST_STEPS = 2_000;

export function overviewCalls({ inside }: Services) {
  const { ledger, registry } = inside;

  async function get(team: string): Promise<OverviewView> {
    const peers = registry.peersOf(team);
    const numbers = peers.map((peer) => peer.no);
    const now = inside.now();
    const midnight = new Date(now);
    midnight.setHours(0, 0, 0, 0);
    const [depths, dead, oldest, reports, today, hour, cursors] = await Promise.all([
      ledger.depths(numbers, 1_000_000),
      ledger.countDead(numbers),
      ledger.oldest(),
      inside.links.reports.list(team),
      ledger.counts({ team, peerId: null, since: midnight, until: new Date(now + MINUTE_MS), stepSeconds: null }),
      ledger.counts({
        team,
        peerId: null,
        since: new Date(now - HOUR_MS),
        until: new Date(now + MINUTE_MS),
        stepSeconds: null,
      }),
      ledger.cursors(team, 1_000),
    ]);
    const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
    const attention = [
      ...deadLetters(peers, dead),
      ...unwellLinks(reports),
      ...refusedOf(hour),
      ...expiredCursors(cursors, oldest),
    ];
    const events = Math.max(inside.tail.seq - oldest + 1, 0);
    const connected = inside.sessions().filter((session) => session.team === team);
    return {
      attention,
      totals: {
        events,
        eventsToday: sum(today.filter(({ kind }) => kind === "accepted").map(({ n }) => n)),
        owed: sum(depths.map(({ owed }) => owed)),
        dead: sum(dead.values()),
        peers: peers.length,
        listeners: new Set(connected.map((session) => session.clientId)).size,
        endpoints: registry.snapshot.hooks.filter((hook) => hook.team === team && hook.active).length,
      },
      fresh: inside.tail.seq === 0 && peers.length === 0,
    };
  }

  async function rates(
    team: string,
    { minutes, step, peerId }: { minutes: number; step: number; peerId: string | null },
  ): Promise<z.infer<typeof RatePoint>[]> {
    if ((minutes * 60) / step > MOST_STEPS)
      throw new HubError("bad_request", `step: must be larger: there would be more than ${MOST_STEPS} points.`, {
        field: "step",
      });
    const stepMs = step * 1_000;
    const end = Math.floor(inside.now() / stepMs) * stepMs + stepMs;
    const begin = end - Math.ceil((minutes * MINUTE_MS) / stepMs) * stepMs;
    const [since, until] = [new Date(begin), new Date(end)];
    const counts = await ledger.counts({ team, peerId, since, until, stepSeconds: step });
    const points = new Map<number, z.infer<typeof RatePoint>>();
    for (let at = begin; at < end; at += stepMs)
      points.set(at, { at, received: 0, fromPeers: 0, delivered: 0, failed: 0, dropped: 0, refused: 0 });
    for (const { at, peerId: peer, kind, n } of counts) {
      const point = at === null ? undefined : points.get(at.getTime());
      if (point === undefined) continue;
      if (kind === "accepted") {
        point.received += n;
        if (peer !== null) point.fromPeers += n;
      } else if (kind === "delivered") point.delivered += n;
      else if (kind === "attempt_failed") point.failed += n;
      else if (kind === "drop") point.dropped += n;
      else if (kind === "refused") point.refused += n;
    }
    return [...points.values()];
  }

  return {
    get: os.overview.get.handler(({ context }) => get(context.team)),
    rates: os.overview.rates.handler(({ input, context }) => rates(context.team, input)),
  };
}
