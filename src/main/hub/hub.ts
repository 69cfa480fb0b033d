import type { Endpoints, Keys } from "./access/index.ts";
import type { Credentials } from "./bootstrap.ts";
import {
  type HubOptions,
  Opened,
  openFoundation,
  openFront,
  openInside,
  openTraffic,
  type Phase,
  startTraffic,
  startUpkeep,
} from "./compose/index.ts";
import type { FederationDebugger } from "./debugger/index.ts";
import type { LinkServices } from "./links.ts";
import type { DeviceLogins } from "./login/index.ts";
import type { HubMetrics } from "./metrics/index.ts";
import type { HubRegistry, RegistryAdmin } from "./registry/index.ts";
import { migrate } from "./store/migrate.ts";

export type { HubOptions } from "./compose/index.ts";

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
  /** The machine has slept: what became due meanwhile is sent now, and peers that were waited for are tried. */
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
    return await open(options, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** In the order in which the parts stand on each other; they are closed the other way round. */
async function open(options: HubOptions, opened: Opened): Promise<Hub> {
  let phase: Phase = "running";
  const base = await openFoundation(options, opened);
  const traffic = openTraffic(options, base, opened);
  const front = await openFront(options, base, traffic, () => phase);
  await startTraffic(traffic, base, opened);
  const upkeep = startUpkeep(options, base, traffic, front, opened);
  const unmount = await options.mount?.(openInside(base, traffic, front, upkeep));
  // Sockets of listeners would keep the server from closing, so they go first: what is added last is closed first.
  opened.add(() => {
    // A connection that is busy now would stay open for its keep-alive time after the answer.
    front.app.server.keepAliveTimeout = 1;
    return front.app.close();
  });
  opened.add(() => traffic.stream.stop());
  if (unmount !== undefined) opened.add(unmount);
  await front.listen();

  const { instanceId, credentials, registry, admin, metrics, news, address, onError } = base;
  const { outbound, endpoints, keys, federationDebugger, links } = traffic;
  let stopping: Promise<void> | null = null;
  return {
    ...{ instanceId, credentials, registry, admin, endpoints, keys, metrics, federationDebugger, links },
    url: address.own,
    logins: front.logins,
    resumed() {
      for (const { no } of registry.snapshot.peers) outbound.wake(no);
      upkeep.links.tryNow();
    },
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
