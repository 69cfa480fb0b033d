import { randomBytes } from "node:crypto";
import { createRouterClient } from "@orpc/server";
import type { WebSocket } from "ws";
import type { ConsoleClient, Topic } from "../../shared/contract/index.ts";
import { type HubInside, Signal } from "../hub/index.ts";
import { labHubId } from "../lab/index.ts";
import type { Caller } from "./caller.ts";
import { LiveRows } from "./live/live-rows.ts";
import { DeliveryRates } from "./live/rates.ts";
import { createRouter } from "./router.ts";
import type { ConsoleSetting } from "./services.ts";
import { type Channel, CLOSE } from "./transport/channel.ts";
import { servePages } from "./transport/pages.ts";
import { type PortLike, portChannel } from "./transport/port-channel.ts";
import { AttachError, bridge, openRemote } from "./transport/remote.ts";
import { createServe } from "./transport/serve.ts";
import { ConsoleSockets } from "./transport/sockets.ts";

export interface ConsoleOptions extends ConsoleSetting {
  /** The built files to serve to browsers of this machine; null offers the console to no browser. */
  readonly pages: string | null;
  /** Pages of other origins that may use it: the development server's. */
  readonly origins?: readonly string[];
}

/** The console of one hub. */
export interface Console {
  /** What a browser on this machine opens, its token included: a secret. Null when none is served. Once the hub listens. */
  url(): string | null;
  /** Answers the console at the other end of a port: of this hub (`local`), or of an attached one, by its id. */
  connect(port: PortLike, hubId: string): void;
  /** The same calls from within this process, for what is around the window. */
  readonly client: ConsoleClient;
  close(): Promise<void>;
}

/** Opens the console of a hub that is about to listen. */
export async function openConsole(inside: HubInside, options: ConsoleOptions): Promise<Console> {
  const rows = new LiveRows(inside);
  const rates = new DeliveryRates(inside);
  const log = inside.log.child({ part: "console" });
  const changed = new Signal<Topic>();
  const router = createRouter({ inside, setting: options, rows, rates, changed });
  const forget = options.labs?.onChange(() => changed.emit("lab"));
  const serve = createServe(router, log);
  const channels = new Set<Channel>();
  const own: Caller = { team: inside.credentials.team, local: true };

  const connect = (channel: Channel, hubId: string, caller: Caller): void => {
    channels.add(channel);
    channel.onClose(() => channels.delete(channel));
    if (hubId === "local") serve(channel, caller);
    else if (caller.local)
      bridge(
        channel,
        () => attach(hubId),
        (error) => log.error({ err: error }, "a hub could not be attached to"),
      );
    else channel.close(CLOSE.notFound, "A console elsewhere sees this hub only.");
  };

  async function attach(hubId: string): Promise<WebSocket> {
    const lab = options.labs?.current?.lab?.hubs.hubs.find(({ key }) => labHubId(key) === hubId)?.hub;
    if (lab !== undefined) return openRemote(lab.url, lab.credentials.adminKey);
    const hub = (await inside.ledger.attachedHubs()).find(({ id }) => id === hubId);
    if (hub === undefined) throw new AttachError(CLOSE.notFound, "There is no hub of that id in the list.");
    return openRemote(hub.url, inside.box.open(hub.admin_key));
  }

  const token = options.pages === null ? null : randomBytes(32).toString("hex");
  const { registry, now } = inside;
  const rules = { registry, now, token, team: own.team, origins: options.origins ?? [] };
  const sockets = new ConsoleSockets(inside, rules, connect);
  if (options.pages !== null) await servePages(inside.http, options.pages);

  return {
    url: () => (token === null ? null : `${inside.ownUrl()}/console/#token=${token}`),
    connect: (port, hubId) => connect(portChannel(port), hubId, own),
    client: createRouterClient(router, { context: own }),
    async close() {
      forget?.();
      rates.close();
      sockets.close();
      for (const channel of channels) channel.close(CLOSE.stopping, "The hub is stopping.");
    },
  };
}
