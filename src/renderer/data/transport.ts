import type { ClientLink } from "@orpc/client";
import { RPCLink as PortLink } from "@orpc/client/message-port";
import { RPCLink as SocketLink } from "@orpc/client/websocket";

type Context = Record<never, never>;

/** How a line ended: the code of shared/console-close.ts, or 0 where nobody said, and a sentence or nothing. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** One line to a hub. It ends once, and is never used again. */
export interface Transport {
  readonly link: ClientLink<Context>;
  /** Fulfilled when messages can pass; rejected when the line could not be had. */
  readonly opened: Promise<void>;
  /** Fulfilled when the line is gone. */
  readonly closed: Promise<Closing>;
  close(): void;
}

export type OpenTransport = (hub: string) => Transport;

/** Over a WebSocket of the origin the page came from. */
export function socketTransport(hub: string, base: URL, token: string | null): Transport {
  const url = new URL(`/console/rpc?hub=${encodeURIComponent(hub)}`, base);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url, ["kite.console", ...(token === null ? [] : [`token.${token}`])]);
  socket.binaryType = "arraybuffer";
  const closed = new Promise<Closing>((resolve) => {
    socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }), { once: true });
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("close", ({ reason }) => reject(new Error(reason || "The hub does not answer.")), {
      once: true,
    });
  });
  return {
    link: new SocketLink<Context>({ websocket: socket }),
    opened,
    closed,
    // In the next turn: calls that are given up in this one still have to say so.
    close: () => setTimeout(() => socket.close()),
  };
}

/** What the preload script offers of the app's shell for this. */
export interface PortBridge {
  connect(hub: string): number;
  /** A menu, a link or a notification wants this path on screen. */
  onOpen?(show: (path: string) => void): () => void;
}

const UNSAID: Closing = { code: 0, reason: "" };

/** Ports close without a word, so the last message says why (src/main/console/transport/port-channel.ts). */
const saysClosed = (said: unknown): said is Closing =>
  typeof said === "object" && said !== null && "kite" in said && said.kite === "closed";

/** Over a port of the app's main process. */
export function portTransport(hub: string, bridge: PortBridge, page: Window): Transport {
  let request: number | null = null;
  let end: (closing: Closing) => void = () => {};
  const closed = new Promise<Closing>((resolve) => {
    end = resolve;
  });
  const port = new Promise<MessagePort>((resolve) => {
    const listen = ({ data, ports, source }: MessageEvent): void => {
      const [first] = ports;
      if (source !== page || data?.kite !== "port" || data.request !== request || first === undefined) return;
      page.removeEventListener("message", listen);
      first.addEventListener("close", () => end(UNSAID));
      first.addEventListener("message", ({ data: said }) => {
        if (saysClosed(said)) end({ code: said.code, reason: said.reason });
      });
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
      end(UNSAID);
      void port.then((each) => each.close());
    },
  };
}
