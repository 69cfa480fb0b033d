import { EndpointActivity, Endpoints, Keys } from "../access/index.ts";
import { callerAddress } from "../caller-address.ts";
import { FederationDebugger } from "../debugger/index.ts";
import { DeliveryFailed } from "../federation/delivery-failed/index.ts";
import { Inbound, RefusalLog } from "../federation/inbound/index.ts";
import { OutboundFederation } from "../federation/outbound/index.ts";
import { Relaxer } from "../federation/relax/index.ts";
import { ListenerReplayer, ReplayService } from "../federation/replay/index.ts";
import { type LinkServices, Links } from "../links.ts";
import { EventLog } from "../log/index.ts";
import { countAccepted, countDeliveries, entranceOf } from "../metrics/index.ts";
import { PeerNews } from "../peer-news.ts";
import { LEASE_MS, releaseUnheld } from "../store/outbox.ts";
import { readHead } from "../store/segments.ts";
import { Writer } from "../store/writer.ts";
import { StreamServer } from "../stream/index.ts";
import type { Foundation } from "./foundation.ts";
import type { Opened } from "./opened.ts";
import type { HubOptions } from "./options.ts";

/** All that events go through: the log, the lanes to peers, the links from them, the stream to listeners. */
export interface Traffic {
  readonly eventLog: EventLog;
  readonly outbound: OutboundFederation;
  readonly inbound: Inbound;
  readonly links: LinkServices;
  readonly replays: ReplayService;
  readonly refusals: RefusalLog;
  readonly stream: StreamServer;
  readonly endpoints: Endpoints;
  readonly keys: Keys;
  readonly federationDebugger: FederationDebugger;
}

/** Puts the parts together; nothing moves before {@link startTraffic}. */
export function openTraffic(options: HubOptions, base: Foundation, opened: Opened): Traffic {
  const { db, box, log, registry, admin, metrics, news, presence, tail, segments, address, userAgent, now } = base;
  const { onError } = base;
  const hubNo = presence.no;
  const deadHubs = (): Promise<number[]> => presence.deadHubs();

  const peers = new PeerNews(registry, admin, onError);
  const linking = new Links({
    ...{ db, registry, admin, box, news: peers, hubNo, deadHubs, userAgent, now, onError },
    url: () => address.published,
  });
  opened.add(() => linking.health.close());
  const countSettled = countDeliveries(metrics, registry, now);
  const outbound = new OutboundFederation({
    ...{ db, hubNo, registry, deadHubs, userAgent, onError },
    onHeard: linking.onHeard,
    onAnnounce: (peer, { instanceId: id }) => peers.announced(peer, id),
    onPause: (peer, reason) => peers.paused(peer, reason),
    onDead: (entries) => {
      failures.dead(entries);
      news.touched.emit(entries.map((entry) => entry.seq));
    },
    onSettled: (outcomes, attempts) => {
      countSettled(outcomes, attempts);
      news.settled.emit(outcomes);
    },
  });
  const relaxer = new Relaxer({ db, registry, now, onHopLimit: (drops) => failures.relaxed(drops) });
  const activity = new EndpointActivity({ db, registry, onError: (error) => onError(error, "counting for endpoints") });
  opened.add(() => activity.close());
  const endpoints = new Endpoints({ db, registry, admin, activity, now });
  const keys = new Keys(registry, admin, now);
  const writer = new Writer(db.config);
  opened.add(() => writer.close());
  const eventLog = new EventLog({
    ...{ writer, registry, segments, tail, hubNo, now },
    lanes: outbound,
    observer: {
      committed: ({ events, entries, drops, ms }) => {
        news.committed.emit({ events, entries, drops });
        metrics.batchSize.observe(events.length);
        metrics.commitSeconds.observe(ms / 1000);
        countAccepted(metrics, events);
        activity.committed(events);
        for (const drop of drops) metrics.drops.inc({ reason: drop.reason });
        failures.dropped(events, drops);
      },
      duplicates: async (duplicates) => {
        for (const { candidate } of duplicates) metrics.duplicates.inc({ entrance: entranceOf(candidate) });
        const wake = await relaxer.handle(duplicates);
        news.arrived.emit(duplicates.map(({ seq }) => seq));
        return wake;
      },
    },
    leaseMs: LEASE_MS,
    reconcile: async (after, upTo) => {
      const end = upTo ?? (await readHead(db)).seq;
      if (end > after) {
        const numbers = registry.snapshot.peers.map((peer) => peer.no);
        for (const peer of await releaseUnheld(db, hubNo, numbers, after, end)) outbound.wake(peer);
        await tail.advanceTo(end);
      }
      return end;
    },
    shared: options.shared,
  });
  const refusals = new RefusalLog({
    ...{ db, now },
    onError: (error) => onError(error, "keeping refusals"),
    onWritten: () => news.refused.emit(),
  });
  opened.add(() => refusals.close());
  const stream = new StreamServer({
    ...{ db, registry, endpoints, keys, tail },
    log: log.child({ part: "stream" }),
    callerAddress: callerAddress(options.trustedProxies ?? []),
    onSessions: () => news.sessions.emit(),
  });
  const failures = new DeliveryFailed({
    ...{ acceptor: eventLog, registry, now },
    // Known once the hub listens; nothing fails before that.
    get source() {
      return address.published;
    },
    onError: (error) => onError(error, "telling of a failed delivery"),
  });
  const replays = new ReplayService({
    ...{ db, registry, log: eventLog, acceptor: eventLog, hubNo, now, onError },
    wake: (peer) => outbound.wake(peer),
    onProgress: () => {
      news.replays.emit();
      news.touched.emit(null);
    },
  });
  const inbound = new Inbound({
    ...{ registry, acceptor: eventLog, refusals, onCall: linking.onCall },
    replayer: new ListenerReplayer(db, eventLog),
    onLearn: (peer, id) => peers.learned(peer, id),
    credentials: { requireBearer: options.requireBearer },
    announceBatches: options.acceptBatches,
  });
  const links = linking.services({
    ...{ acceptor: eventLog, refusals, lanes: outbound },
    sessions: () => stream.sessions(),
    newestSeq: () => tail.seq,
  });
  const federationDebugger = new FederationDebugger({
    ...{ db, registry, userAgent, now, publicUrl: () => address.published },
    readKeyOf: async (peer) => (await links.pulls.settingsOf(peer))?.apiKey ?? null,
    pulled: (team) => links.pulls.list(team),
    sessions: () => stream.sessions(),
  });
  opened.add(() => eventLog.stop());
  // Closed first: what it tells is an event as well.
  opened.add(() => failures.close());
  return { eventLog, outbound, inbound, links, replays, refusals, stream, endpoints, keys, federationDebugger };
}

/** Takes over what hubs that are gone had leased, and begins to send, to read and to replay. */
export async function startTraffic(traffic: Traffic, { presence }: Foundation, opened: Opened): Promise<void> {
  const { outbound, replays, links } = traffic;
  const dead = await presence.deadHubs();
  await outbound.start();
  opened.add(() => outbound.stop());
  await replays.releaseHubs(dead);
  await presence.forget(dead);
  replays.start();
  opened.add(() => replays.stop());
  await links.pulls.start();
  opened.add(() => links.pulls.stop());
  opened.add(() => links.pairing.stop());
}
