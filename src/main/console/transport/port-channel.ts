import { z } from "zod";
import { type Channel, closeReason } from "./channel.ts";

/** Electron's MessagePortMain, or a MessagePort of Node's. */
export interface PortLike {
  postMessage(message: unknown): void;
  on(event: "message", listener: (event: unknown) => void): unknown;
  on(event: "close", listener: () => void): unknown;
  start?(): void;
  close(): void;
}

/** The type of oRPC's messages that end a call. */
const ABORT = 4;

/** Electron wraps what comes in an event, Node does not. */
const Incoming = z
  .union([z.string(), z.instanceof(Uint8Array), z.object({ data: z.union([z.string(), z.instanceof(Uint8Array)]) })])
  .transform((event) => (typeof event === "object" && "data" in event ? event.data : event));

/**
 * A MessagePort as a channel. Ports do not say how far the other side has read, so nobody waits here. Before a port is
 * closed, the reason goes over it as `{ kite: "closed", code, reason }`, for ports close without a word. To oRPC that is
 * the end of a call that it has not made, which it passes over.
 */
export function portChannel(port: PortLike): Channel {
  let closed = false;
  port.on("close", () => {
    closed = true;
  });
  return {
    send(message) {
      if (!closed) port.postMessage(message);
    },
    onMessage(listener) {
      port.on("message", (event) => {
        const read = Incoming.safeParse(event);
        if (read.success) listener(read.data);
      });
      port.start?.();
    },
    onClose(listener) {
      port.on("close", listener);
    },
    close(code, reason) {
      if (closed) return;
      closed = true;
      port.postMessage({ kite: "closed", code, reason: closeReason(reason), i: "closed", t: ABORT });
      port.close();
    },
  };
}
