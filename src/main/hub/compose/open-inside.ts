import { retryPolicyOf } from "../federation/outbound/index.ts";
import {
  BulkEntries,
  type HubInside,
  openComposer,
  openEntryActions,
  openLedger,
  openPeerAdmin,
} from "../inside/index.ts";
import { EventSearches, Purges } from "../search/index.ts";
import { viewStorage } from "../settings/index.ts";
import type { Foundation } from "./foundation.ts";
import type { Front } from "./front.ts";
import type { Traffic } from "./traffic.ts";
import type { Upkeep } from "./upkeep.ts";

/** The hub from inside, for what is mounted on it. */
export function openInside(base: Foundation, traffic: Traffic, front: Front, upkeep: Upkeep): HubInside {
  const { db, box, log, instanceId, registry, admin, credentials, news, settings, tail, address, now } = base;
  const { eventLog, outbound, links, replays, stream, endpoints, keys, federationDebugger } = traffic;
  const { app, api, upgrades, receiving } = front;
  const searches = new EventSearches(db, now);
  const touched = (seqs: readonly number[] | null): void => news.touched.emit(seqs);
  const actions = openEntryActions({ db, registry, log: eventLog, outbound, replays, touched });
  return {
    ...{ instanceId, version: api.version, startedAt: now(), credentials, registry, admin, endpoints, keys },
    ...{ news, tail, searches, settings, links, replays, box, upgrades, federationDebugger, log, now },
    url: () => address.published.replace(/\/+$/, ""),
    ownUrl: () => address.own,
    peers: openPeerAdmin(admin, registry, api.admin.deletePeer),
    ledger: openLedger(db),
    purges: new Purges(db, searches, now),
    storage: () => viewStorage(db),
    retentionPreview: (limits) => upkeep.housekeeping.preview(limits),
    compose: openComposer(receiving),
    entries: actions,
    bulk: new BulkEntries({ db, registry, actions, wake: (peer) => outbound.wake(peer), touched, now }),
    lanes: () => outbound.snapshot(),
    retryPolicy: retryPolicyOf,
    sessions: () => stream.sessions(),
    disconnect: (team, clientId) => stream.disconnect(team, clientId),
    forget: (team, clientId) => stream.forget(team, clientId),
    health: api.health,
    http: app,
  };
}
