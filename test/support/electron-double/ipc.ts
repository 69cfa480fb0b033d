import { EventEmitter } from "node:events";
import { z } from "zod";

type Handler = (event: object, value: unknown) => unknown;

class IpcMain extends EventEmitter {
  readonly handlers = new Map<string, Handler>();
  handle(channel: string, handler: Handler): void {
    this.handlers.set(channel, handler);
  }
}

export const ipcMain = new IpcMain();

/** Main's end of a port whose other end is in a page. What comes before `start` waits, as in Electron. */
export class MessagePortMain extends EventEmitter {
  readonly #send: (message: { value?: unknown; close?: boolean }) => void;
  #waiting: unknown[] | null = [];

  constructor(send: (message: { value?: unknown; close?: boolean }) => void) {
    super();
    this.#send = send;
  }
  postMessage(value: unknown): void {
    this.#send({ value });
  }
  start(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const value of waiting) this.emit("message", { data: value, ports: [] });
  }
  close(): void {
    this.#send({ close: true });
    this.emit("close");
  }
  receive(value: unknown): void {
    if (this.#waiting === null) this.emit("message", { data: value, ports: [] });
    else this.#waiting.push(value);
  }
}

/** What a page's half of the double sends. */
export const FromPage = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["send", "invoke"]), channel: z.string(), value: z.unknown() }),
  z.object({ kind: z.literal("post"), channel: z.string(), value: z.unknown(), ports: z.array(z.number()) }),
  z.object({ kind: z.literal("port"), port: z.number(), value: z.unknown() }),
  z.object({ kind: z.literal("port-closed"), port: z.number() }),
]);
