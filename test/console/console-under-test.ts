import { once } from "node:events";
import { MessageChannel } from "node:worker_threads";
import { createORPCClient } from "@orpc/client";
import { RPCLink as PortLink } from "@orpc/client/message-port";
import { RPCLink as SocketLink } from "@orpc/client/websocket";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { type Console, openConsole } from "../../src/main/console/index.ts";
import type { ConsoleClient } from "../../src/shared/contract/index.ts";
import { openRealHub, type RealHub, type RealHubOptions } from "../support/real-hub.ts";

/** A hub with its console, in this process. */
export interface ConsoleUnderTest extends RealHub {
  readonly console: Console;
  readonly url: string;
  /** The token of this start. */
  readonly token: string;
}

/** Opens a hub with a console; both are closed at the end of the test. */
export async function openConsoleUnderTest(
  options: Partial<RealHubOptions> & { readonly pages?: string | null } = {},
): Promise<ConsoleUnderTest> {
  const { pages = "/nowhere", ...rest } = options;
  const opened: Console[] = [];
  const real = await openRealHub({
    instanceId: "here",
    ...rest,
    mount: async (inside) => {
      const console = await openConsole(inside, { dataDir: null, database: "embedded", config: [], pages });
      opened.push(console);
      return () => console.close();
    },
  });
  const [console] = opened;
  if (console === undefined) throw new Error("the hub did not open its console");
  const token = new URL(console.url() ?? "http://none/#token=").hash.slice("#token=".length);
  return { ...real, console, url: real.hub.url, token };
}

/** A console's line to a hub. */
export interface Line {
  readonly client: ConsoleClient;
  close(): void;
}

export type Connect = (to: ConsoleUnderTest, hubId?: string) => Promise<Line>;

/** As in the app: over a MessagePort. */
export const overPort: Connect = async (to, hubId = "local") => {
  const { port1, port2 } = new MessageChannel();
  to.console.connect(port1, hubId);
  port2.start();
  const client: ConsoleClient = createORPCClient(new PortLink({ port: port2 }));
  const close = (): void => port2.close();
  onTestFinished(close);
  return { client, close };
};

/** As in a browser: over a WebSocket, with the token of the start. */
export const overSocket: Connect = async (to, hubId = "local") => {
  const socket = openSocket(to, { hubId });
  await once(socket, "open");
  return clientOf(socket);
};

export function clientOf(socket: WebSocket): Line {
  // oRPC wants the browser's WebSocket, which that of `ws` is in all that it uses.
  const client: ConsoleClient = createORPCClient(
    new SocketLink({ websocket: socket as unknown as globalThis.WebSocket }),
  );
  return { client, close: () => socket.terminate() };
}

export interface Knocking {
  readonly hubId?: string;
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly origin?: string | null;
}

export function openSocket(to: Pick<ConsoleUnderTest, "url" | "token">, knocking: Knocking = {}): WebSocket {
  const { hubId = "local", token = to.token, headers = {}, origin = to.url } = knocking;
  const protocols = ["kite.console", ...(token === null ? [] : [`token.${token}`])];
  const socket = new WebSocket(`${to.url.replace("http", "ws")}/console/rpc?hub=${hubId}`, protocols, {
    headers: { ...(origin === null ? {} : { origin }), ...headers },
  });
  socket.on("error", () => undefined);
  onTestFinished(() => socket.terminate());
  return socket;
}

export const TRANSPORTS: readonly (readonly [string, Connect])[] = [
  ["a MessagePort", overPort],
  ["a WebSocket", overSocket],
];
