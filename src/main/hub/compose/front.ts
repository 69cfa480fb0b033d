import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { type ApiDeps, registerApi } from "../api/index.ts";
import { questionPlugin } from "../debugger/index.ts";
import { inboundPlugin } from "../federation/inbound/index.ts";
import { retryPolicyOf } from "../federation/outbound/index.ts";
import { pairingPlugin } from "../federation/pairing/index.ts";
import { createHttpServer, rawBodies } from "../http-server.ts";
import { agentMessage, limitRates, type ReceiveDeps, type Refusal, registerHookRoutes } from "../ingest/index.ts";
import { toListenError } from "../listen-error.ts";
import { DeviceLogins, loginRoutes } from "../login/index.ts";
import { metricSources, observe } from "../metrics/index.ts";
import { timeOf } from "../store/event-pages.ts";
import { readHead } from "../store/segments.ts";
import { Certificate } from "../tls-files.ts";
import { Upgrades } from "../upgrades.ts";
import { registryAdminOf } from "./api-admin.ts";
import type { Foundation } from "./foundation.ts";
import { hookRefusal } from "./hook-refusals.ts";
import type { HubOptions } from "./options.ts";
import type { Traffic } from "./traffic.ts";

/** Where a process stands in its life. */
export type Phase = "running" | "stopping";

/** The HTTP server with everything that answers on it; it does not listen yet. */
export interface Front {
  readonly app: FastifyInstance;
  readonly upgrades: Upgrades;
  readonly certificate: Certificate | null;
  readonly api: ApiDeps;
  /** What takes a request to an endpoint, for events that are made by hand as well. */
  readonly receiving: ReceiveDeps;
  readonly logins: DeviceLogins;
  /** @throws ListenError, or the error of listening */
  listen(): Promise<void>;
}

export async function openFront(
  options: HubOptions,
  base: Foundation,
  traffic: Traffic,
  phase: () => Phase,
): Promise<Front> {
  const { db, log, registry, admin, metrics, settings, tail, address, now } = base;
  const { eventLog, outbound, inbound, links, replays, refusals, stream, endpoints, keys, federationDebugger } =
    traffic;
  const { team, publicUrl, version } = options;

  const certificate = options.tls == null ? null : await Certificate.read(options.tls);
  const app = createHttpServer(log, certificate?.pair ?? null, options.trustedProxies);
  const api: ApiDeps = {
    ...{ registry, db, acceptor: eventLog, endpoints, keys, replays, federationDebugger, links, metrics, version, now },
    admin: registryAdminOf(admin, outbound),
    agentMessages: {
      candidate: (of, body) => agentMessage(body, { team: of, publicUrl: address.published, now: now() }),
    },
    lanes: outbound,
    retryPolicy: retryPolicyOf,
    health: {
      phase,
      announcesBatches: options.acceptBatches,
      pingDatabase: async () => {
        await readHead(db);
      },
    },
  };
  await registerApi(app, api);
  await app.register(inboundPlugin, { inbound });
  await app.register(questionPlugin, { probe: federationDebugger.probes, links: federationDebugger.tellings, now });
  await app.register(pairingPlugin, { maker: links.pairing.maker, now });

  const logins = new DeviceLogins({ keys, team, now });
  await app.register((scope, _options, done) => {
    loginRoutes(scope, { logins, registry, team, approval: options.loginApproval, now });
    done();
  });
  const onRefusal = (refusal: Refusal): void => {
    metrics.refused.inc({ entrance: "hook", reason: refusal.reason });
    refusals.record(hookRefusal(refusal, registry, settings.current.keepRefusedBytes));
  };
  const receivedAt = (seq: number): Promise<number | null> => timeOf(db, seq);
  const receiving: ReceiveDeps = { registry, acceptor: eventLog, publicUrl, receivedAt, now, onRefusal };
  await rawBodies(app, (scope) => {
    limitRates(scope, { ...options, now, onRefusal });
    registerHookRoutes(scope, receiving);
  });
  observe(metrics, metricSources({ db, outbound, registry, stream, tail, now }));

  const upgrades = new Upgrades(app.server);
  stream.attach(upgrades);
  return {
    ...{ app, upgrades, certificate, api, receiving, logins },
    async listen() {
      const { host, port } = options;
      await app.listen({ host, port }).catch((error: unknown) => {
        throw toListenError(error, host, port);
      });
      address.own = urlOf(app, options.host, certificate === null ? "http" : "https");
    },
  };
}

function urlOf(app: FastifyInstance, host: string, scheme: "http" | "https"): string {
  const { port } = app.server.address() as AddressInfo;
  // What listens on every address is reached by this machine's own.
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `${scheme}://${name}:${port}`;
}
