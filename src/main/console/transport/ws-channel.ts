import type { RawData, WebSocket } from "ws";
import { type Channel, closeReason, type Message } from "./channel.ts";

/** Bytes that wait for the other side before a sender waits, too. */
const HIGH_WATER = 256 * 1024;

/** A WebSocket as a channel. Whoever sends is told when the other side does not keep up. */
export function wsChannel(ws: WebSocket): Channel {
  return {
    send(message) {
      if (ws.readyState !== ws.OPEN) return;
      if (ws.bufferedAmount < HIGH_WATER) {
        ws.send(message);
        return;
      }
      // The callback comes when the message has left this process, or never will.
      return new Promise((resolve) => ws.send(message, () => resolve()));
    },
    onMessage(listener) {
      ws.on("message", (data: RawData, isBinary: boolean) => listener(read(data, isBinary)));
    },
    onClose(listener) {
      ws.on("close", listener);
    },
    close(code, reason) {
      if (ws.readyState === ws.OPEN) ws.close(code, closeReason(reason));
      else if (ws.readyState === ws.CONNECTING) ws.terminate();
    },
  };
}

function read(data: RawData, isBinary: boolean): Message {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);
  return isBinary ? bytes : bytes.toString("utf8");
}
