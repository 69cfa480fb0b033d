import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import type pg from "pg";
import type { Logger } from "pino";
import { EndpointActivity, Endpoints, Keys } from "./access/index.ts";
import { type ApiDeps, registerApi } from "./api/index.ts";
import { registryAdminOf } from "./api-admin.ts";
import { type Credentials, checkSecretKey, ensureCredentials, settleInstanceId } from "./bootstrap.ts";
import { Chores } from "./chores.ts";
import { countAccepted, entranceOf } from "./count-accepted.ts";
import { countDeliveries } from "./count-deliveries.ts";
import { FederationDebugger, type MapSourceOptions, probePlugin } from "./debugger/index.ts";
import { DeliveryFailed } from "./federation/delivery-failed/index.ts";
import { Inbound, inboundPlugin, RefusalLog } from "./federation/inbound/index.ts";
import { OutboundFederation, retryPolicyOf } from "./federation/outbound/index.ts";
import { pairingPlugin } from "./federation/pairing/index.ts";
import { Relaxer } from "./federation/relax/index.ts";
import { ListenerReplayer, ReplayService } from "./federation/replay/index.ts";
import { hookRefusal } from "./hook-refusals.ts";
import { configuredSettings, Housekeeping } from "./housekeeping.ts";
import { createHttpServer, rawBodies } from "./http-server.ts";
import { agentMessage, limitRates, type ReceiveDeps, type Refusal, registerHookRoutes } from "./ingest/index.ts";
import {
  BulkEntries,
  type HubInside,
  openComposer,
  openEntryActions,
  openLedger,
  openPeerAdmin,
} from "./inside/index.ts";
import { LinkUpkeep } from "./link-upkeep.ts";
import { type LinkServices, Links } from "./links.ts";
import { EventLog, LogTail, SegmentKeeper } from "./log/index.ts";
import { DeviceLogins, type LoginApproval, loginRoutes } from "./login/index.ts";
import { metricSources } from "./metric-sources.ts";
import { createHubMetrics, type HubMetrics, observe } from "./metrics/index.ts";
import { HubNews } from "./news.ts";
import { PeerNews } from "./peer-news.ts";
import { Presence } from "./presence.ts";
import { HubRegistry, RegistryAdmin, type SecretBox } from "./registry/index.ts";
import { EventSearches, Purges } from "./search/index.ts";
import { LiveSettings, viewStorage } from "./settings/index.ts";
import { Database } from "./store/database.ts";
import { readEvents, timeOf } from "./store/event-pages.ts";
import { migrate } from "./store/migrate.ts";
import { LEASE_MS, releaseUnheld } from "./store/outbox.ts";
import { readHead } from "./store/segments.ts";
import { Writer } from "./store/writer.ts";
import { StreamServer } from "./stream/index.ts";
import { Certificate, type TlsFiles } from "./tls-files.ts";
import { Upgrades } from "./upgrades.ts";

const DAY_MS = 86_400_000;
const SWEEP_MS = 10 * 60_000;
const SCAN_MS = 60_000;
/** How often other hubs' commits are looked for, in case a notification was lost with its connection. */
const FOLLOW_MS = 1_000;

export interface HubOptions {
  readonly connection: pg.ClientConfig;
  readonly box: SecretBox;
  /** True when other hub processes may use the database. */
  readonly shared: boolean;
  /** The folder of the numbered .sql files. */
  readonly migrations: string;
  readonly log: Logger;
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly instanceId: string | null;
  readonly team: string;
  readonly publicUrl: string | null;
  readonly teamRateLimit: number;
  readonly globalRateLimit: number;
  readonly retentionDays: number;
  readonly retentionMb: number;
  readonly dedupDays: number;
  readonly segmentEvents: number;
  readonly poolSize: number;
  readonly requireBearer: boolean;
  readonly acceptBatches: boolean;
  readonly loginApproval: LoginApproval;
  readonly refusalBodyBytes: number;
  /** The key by which a peer lets this hub read its registry; null, as by default, where there is none. */
  readonly readKeyOf?: MapSourceOptions["readKeyOf"];
  /** Files of the certificate to serve TLS with; absent or null: plain HTTP, behind a proxy or on loopback. */
  readonly tls?: TlsFiles | null;
  /** Adds routes and whatever else lives with the hub, before it listens. Returns what closes it again. */
  readonly mount?: (inside: HubInside) => Promise<() => Promise<void>>;
}

/** A hub that listens. */
export interface Hub {
  readonly url: string;
  readonly instanceId: string;
  readonly credentials: Credentials;
  readonly registry: HubRegistry;
  readonly admin: RegistryAdmin;
  readonly endpoints: Endpoints;
  readonly keys: Keys;
  readonly logins: DeviceLogins;
  readonly metrics: HubMetrics;
  /** Where events go, and why not there. */
  readonly federationDebugger: FederationDebugger;
  readonly links: LinkServices;
  /** The machine has slept, as its system says: links try again now, as when the hub finds that out by itself. */
  resumed(): void;
  /** Takes nothing more, lets what is in flight end, gives back what is leased. Idempotent. */
  stop(): Promise<void>;
}

/** Opens the hub on a database and begins to listen. @throws MigrationError, SecretKeyError, the error of listening */
export async function openHub(options: HubOptions): Promise<Hub> {
  const { log } = options;
  const { from, to } = await migrate(options.connection, options.migrations);
  if (from < to) log.info(`the database went from schema version ${from} to ${to}`);
  const opened = new Opened();
  try {
    return await assemble(options, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** What has to be closed again, in reverse order, each step whatever became of the one before. */
class Opened {
  readonly #steps: (() => Promise<unknown>)[] = [];
  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }
  async close(onError: (error: unknown) => void = () => undefined): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        onError(error);
      }
    }
  }
}

async function assemble(options: HubOptions, opened: Opened): Promise<Hub> {
  const { log, box, shared } = options;
  const now = Date.now;
  const startedAt = now();
  const news = new HubNews();
  const onError = (error: unknown, doing: string): void => log.error({ err: error }, `${doing} failed`);
  const db = new Database(options.connection, options.poolSize, (error) =>
    log.debug({ err: error }, "a connection was lost"),
  );
  opened.add(() => db.close());

  await checkSecretKey(db, box);
  const instanceId = await settleInstanceId(db, options.instanceId);
  const registry = await HubRegistry.open(db, box, instanceId);
  const admin = new RegistryAdmin(db, registry, box, now);
  const credentials = await ensureCredentials(admin, registry, options.team);
  const metrics = createHubMetrics();
  const settings = await LiveSettings.open({
    db,
    configured: configuredSettings(options),
    dedupDays: options.dedupDays,
  });
  const searches = new EventSearches(db, now);
  const purges = new Purges(db, searches, now);

  const presence: Presence = await Presence.open({ db, onNotice: (seq) => void tail.advanceTo(seq), onError });
  opened.add(() => presence.close());

  const head = await readHead(db);
  const tail = new LogTail(
    head.seq,
    (afterSeq, limit) => readEvents(db, { afterSeq, limit }),
    (error) => onError(error, "following the log"),
  );
  const segments = new SegmentKeeper(db, { events: options.segmentEvents, ageMs: DAY_MS, shared }, now, (error) =>
    onError(error, "turning to a new segment"),
  );
  await segments.refresh();

  const peers = new PeerNews(registry, admin, onError);
  const userAgent = `kite-desktop/${options.version}`;
  const deadHubs = (): Promise<number[]> => presence.deadHubs();
  const hubNo = presence.no;
  let url = "";
  const links = new Links({
    ...{ db, registry, admin, box, news: peers, hubNo, deadHubs, userAgent, now, onError },
    url: () => options.publicUrl ?? url,
  });
  opened.add(() => links.health.close());
  const countSettled = countDeliveries(metrics, registry, now);
  const outbound = new OutboundFederation({
    db,
    hubNo: presence.no,
    registry,
    deadHubs,
    userAgent,
    onHeard: links.onHeard,
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
    onError,
  });
  const relaxer = new Relaxer({ db, registry, now, onHopLimit: (drops) => failures.relaxed(drops) });
  const activity = new EndpointActivity({ db, registry, onError: (error) => onError(error, "counting for endpoints") });
  opened.add(() => activity.close());
  const endpoints = new Endpoints({ db, registry, admin, activity, now });
  const keys = new Keys(registry, admin, now);
  const logins = new DeviceLogins({ keys, team: options.team, now });
  const writer = new Writer(db.config);
  opened.add(() => writer.close());
  const eventLog = new EventLog({
    writer,
    registry,
    segments,
    tail,
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
    hubNo: presence.no,
    leaseMs: LEASE_MS,
    reconcile: async (after, upTo) => {
      const end = upTo ?? (await readHead(db)).seq;
      if (end > after) {
        const numbers = registry.snapshot.peers.map((peer) => peer.no);
        for (const peer of await releaseUnheld(db, presence.no, numbers, after, end)) outbound.wake(peer);
        await tail.advanceTo(end);
      }
      return end;
    },
    shared,
    now,
  });
  const refusals = new RefusalLog({
    db,
    now,
    onError: (error) => onError(error, "keeping refusals"),
    onWritten: () => news.refused.emit(),
  });
  opened.add(() => refusals.close());
  const stream = new StreamServer({
    db,
    registry,
    endpoints,
    keys,
    tail,
    log: log.child({ part: "stream" }),
    onSessions: () => news.sessions.emit(),
  });
  const failures = new DeliveryFailed({
    acceptor: eventLog,
    registry,
    // Known once the hub listens; nothing fails before that.
    get source() {
      return options.publicUrl ?? url;
    },
    now,
    onError: (error) => onError(error, "telling of a failed delivery"),
  });
  const replayer = new ListenerReplayer(db, eventLog);
  const replays = new ReplayService({
    db,
    registry,
    log: eventLog,
    acceptor: eventLog,
    wake: (peer) => outbound.wake(peer),
    hubNo: presence.no,
    now,
    onError,
    onProgress: () => {
      news.replays.emit();
      news.touched.emit(null);
    },
  });
  const inbound = new Inbound({
    registry,
    acceptor: eventLog,
    replayer,
    refusals,
    onLearn: (peer, id) => peers.learned(peer, id),
    onCall: links.onCall,
    credentials: { requireBearer: options.requireBearer },
    announceBatches: options.acceptBatches,
  });

  const linked = links.services(eventLog, refusals, outbound);
  const federationDebugger = new FederationDebugger({
    ...{ db, registry, userAgent, now, publicUrl: () => options.publicUrl ?? url },
    readKeyOf: options.readKeyOf ?? (async (peer) => (await linked.pulls.settingsOf(peer))?.apiKey ?? null),
    pulled: (team) => linked.pulls.list(team),
  });
  let phase: "running" | "stopping" = "running";
  const certificate = options.tls == null ? null : await Certificate.read(options.tls);
  const app = createHttpServer(log, certificate?.pair ?? null);
  const deps: ApiDeps = {
    registry,
    admin: registryAdminOf(admin, outbound),
    db,
    acceptor: eventLog,
    agentMessages: {
      candidate: (team, body) => agentMessage(body, { team, publicUrl: options.publicUrl ?? url, now: now() }),
    },
    endpoints,
    keys,
    replays,
    lanes: outbound,
    federationDebugger,
    links: linked,
    retryPolicy: retryPolicyOf,
    health: { phase: () => phase, announcesBatches: options.acceptBatches, pingDatabase: () => ping(db) },
    metrics,
    version: options.version,
    now,
  };
  await registerApi(app, deps);
  await app.register(inboundPlugin, { inbound });
  await app.register(probePlugin, { probes: federationDebugger.probes });
  await app.register(pairingPlugin, { maker: linked.pairing.maker });
  await app.register((scope, _options, done) => {
    loginRoutes(scope, { logins, registry, team: options.team, approval: options.loginApproval, now });
    done();
  });
  const onRefusal = (refusal: Refusal): void => {
    metrics.refused.inc({ entrance: "hook", reason: refusal.reason });
    refusals.record(hookRefusal(refusal, registry, settings.current.keepRefusedBytes));
  };
  const receiving: ReceiveDeps = {
    registry,
    acceptor: eventLog,
    publicUrl: options.publicUrl,
    receivedAt: (seq) => timeOf(db, seq),
    now,
    onRefusal,
  };
  await rawBodies(app, (scope) => {
    limitRates(scope, { ...options, now, onRefusal });
    registerHookRoutes(scope, receiving);
  });
  observe(metrics, metricSources({ db, outbound, registry, stream, tail, now }));

  const dead = await presence.deadHubs();
  await outbound.start();
  await replays.releaseHubs(dead);
  await presence.forget(dead);
  replays.start();
  await linked.pulls.start();
  opened.add(() => eventLog.stop());
  opened.add(() => failures.close());
  opened.add(() => outbound.stop());
  opened.add(() => replays.stop());
  opened.add(() => linked.pulls.stop());
  opened.add(() => linked.pairing.stop());

  const chores = new Chores(onError);
  opened.add(() => chores.stop());
  const keyDays = options.dedupDays;
  const housekeeping = new Housekeeping({ db, segments, settings, keyDays, now, log, onError });
  opened.add(() => housekeeping.stop());
  chores.every(SWEEP_MS, "retention", async () => {
    await settings.refresh();
    await housekeeping.round();
  });
  chores.every(SCAN_MS, "taking notes of chains and types", () => federationDebugger.scan());
  const keepUp = new LinkUpkeep({ app, certificate, linked, outbound, log });
  keepUp.start(chores);
  opened.add(async () => keepUp.stop());
  if (shared)
    chores.every(FOLLOW_MS, "following other hubs", async () => {
      await settings.refresh();
      await registry.refresh();
      await tail.advanceTo((await readHead(db)).seq);
    });

  const upgrades = new Upgrades(app.server);
  stream.attach(upgrades);
  const touched = (seqs: readonly number[] | null): void => news.touched.emit(seqs);
  const actions = openEntryActions({ db, registry, log: eventLog, outbound, replays, touched });
  const inside: HubInside = {
    instanceId,
    version: options.version,
    startedAt,
    credentials,
    url: () => options.publicUrl?.replace(/\/+$/, "") ?? url,
    ownUrl: () => url,
    registry,
    admin,
    endpoints,
    keys,
    peers: openPeerAdmin(admin, registry, deps.admin.deletePeer),
    ledger: openLedger(db),
    news,
    tail,
    searches,
    purges,
    settings,
    storage: () => viewStorage(db),
    compose: openComposer(receiving),
    entries: actions,
    bulk: new BulkEntries({ db, registry, actions, wake: (peer) => outbound.wake(peer), touched, now }),
    links: linked,
    replays,
    lanes: () => outbound.snapshot(),
    retryPolicy: retryPolicyOf,
    sessions: () => stream.sessions(),
    disconnect: (team, clientId) => stream.disconnect(team, clientId),
    forget: (team, clientId) => stream.forget(team, clientId),
    health: deps.health,
    box,
    http: app,
    upgrades,
    federationDebugger,
    log,
    now,
  };
  const unmount = await options.mount?.(inside);
  // Sockets of listeners would keep the server from closing, so they go first: what is added last is closed first.
  opened.add(() => {
    // A connection that is busy now would stay open for its keep-alive time after the answer.
    app.server.keepAliveTimeout = 1;
    return app.close();
  });
  opened.add(() => stream.stop());
  if (unmount !== undefined) opened.add(unmount);
  await app.listen({ host: options.host, port: options.port });
  url = urlOf(app, options.host, certificate === null ? "http" : "https");

  let stopping: Promise<void> | null = null;
  return {
    url,
    instanceId,
    credentials,
    registry,
    admin,
    endpoints,
    keys,
    logins,
    metrics,
    federationDebugger,
    links: linked,
    resumed: () => keepUp.resumed(),
    stop() {
      if (phase === "running") {
        phase = "stopping";
        news.stopping.emit();
      }
      stopping ??= opened.close((error) => onError(error, "stopping"));
      return stopping;
    },
  };
}

function urlOf(app: FastifyInstance, host: string, scheme: "http" | "https"): string {
  const { port } = app.server.address() as AddressInfo;
  // What listens on every address is reached by this machine's own.
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `${scheme}://${name}:${port}`;
}

async function ping(db: Database): Promise<void> {
  await readHead(db);
}
