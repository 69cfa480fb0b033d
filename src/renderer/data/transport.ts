import type { ClientLink } from "@orpc/client";
import { RPCLink as PortLink } from "@orpc/client/message-port";
import { RPCLink as SocketLink } from "@orpc/client/websocket";

type Context = Record<never, never>;

/** One line to a hub. It ends once, and is never used again. */
export interface Transport {
  readonly link: ClientLink<Context>;
  /** Fulfilled when messages can pass; rejected when the line could not be had. */
  readonly opened: Promise<void>;
  /** Fulfilled with the reason when the line is gone. */
  readonly closed: Promise<string>;
  close(): void;
}

export type OpenTransport = (hub: string) => Transport;

/** Over a WebSocket of the origin the page came from. */
export function socketTransport(hub: string, base: URL, token: string | null): Transport {
  const url = new URL(`/console/rpc?hub=${encodeURIComponent(hub)}`, base);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url, ["kite.console", ...(token === null ? [] : [`token.${token}`])]);
  socket.binaryType = "arraybuffer";
  const closed = new Promise<string>((resolve) => {
    socket.addEventListener("close", ({ reason }) => resolve(reason), { once: true });
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("close", ({ reason }) => reject(new Error(reason || "The hub does not answer.")), {
      once: true,
    });
  });
  // Calls that are given up together with the line tell the hub so first: on a closed socket that would be an error.
  const close = (): void => void setTimeout(() => socket.close());
  return { link: new SocketLink<Context>({ websocket: socket }), opened, closed, close };
}

/** What the preload script offers of the app's shell for this. */
export interface PortBridge {
  connect(hub: string): number;
}

/** Over a port of the app's main process. */
export function portTransport(hub: string, bridge: PortBridge, page: Window): Transport {
  let request: number | null = null;
  let end: (reason: string) => void = () => {};
  const closed = new Promise<string>((resolve) => {
    end = resolve;
  });
  const port = new Promise<MessagePort>((resolve) => {
    const listen = ({ data, ports, source }: MessageEvent): void => {
      const [first] = ports;
      if (source !== page || data?.kite !== "port" || data.request !== request || first === undefined) return;
      page.removeEventListener("message", listen);
      first.addEventListener("close", () => end(""));
      first.start();
      resolve(first);
    };
    page.addEventListener("message", listen);
    request = bridge.connect(hub);
  });
  const link = port.then((each) => new PortLink<Context>({ port: each }));
  return {
    link: { call: async (path, input, options) => (await link).call(path, input, options) },
    opened: port.then(() => {}),
    closed,
    close: () => {
      end("");
      void port.then((each) => each.close());
    },
  };
}
