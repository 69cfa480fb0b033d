import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, resolve } from "node:path";
import { RPCHandler } from "@orpc/server/ws";
import { WebSocketServer } from "ws";
import { contentPolicy } from "../../../src/shared/content-policy.ts";
import { Broadcast, FakeLog } from "./feed.ts";
import { rowOf } from "./generated.ts";
import { type FakeState, fakeRouter } from "./router.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".woff2": "font/woff2",
};

/** Stricter than the hub's own: no style element at all. */
export interface FakeConsole extends FakeState {
  readonly url: string;
  /** Adds the next events to the log. */
  grow(count: number): void;
  /** Breaks every line, as a hub that restarts does; new ones are taken again at once, or not. */
  drop(refuse?: boolean): void;
  accept(): void;
  end(): Promise<void>;
}

/** A hub's console over a log of generated events: serves the built renderer and answers the contract. */
export async function startFakeConsole(events: number): Promise<FakeConsole> {
  const state: FakeState = { log: new FakeLog(), changes: new Broadcast(), views: [], production: [], broken: null };
  const grow = (count: number): void => {
    const { head } = state.log;
    state.log.add(Array.from({ length: count }, (_, at) => rowOf(head + 1 + at)));
  };
  if (events > 0) grow(events);

  const folder = resolve("out/renderer");
  const http = createServer((request, response) => {
    const path =
      normalize(new URL(request.url ?? "/", "http://localhost").pathname.replace(/^\/console\/?/, "")) || ".";
    const file = path === "." ? "index.html" : path;
    readFile(join(folder, file)).then(
      (body) =>
        response
          .writeHead(200, {
            "content-type": TYPES[extname(file)] ?? "application/octet-stream",
            "content-security-policy": contentPolicy(),
          })
          .end(body),
      () => response.writeHead(file === "favicon.ico" ? 204 : 404).end(),
    );
  });
  const handler = new RPCHandler(fakeRouter(state));
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "kite.console" });
  let refusing = false;
  http.on("upgrade", (request, socket, head) => {
    if (refusing) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (line) => void handler.upgrade(line));
  });
  await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
  return Object.assign(state, {
    url: `http://127.0.0.1:${address.port}/console/`,
    grow,
    drop(refuse = false) {
      refusing = refuse;
      for (const line of sockets.clients) line.terminate();
    },
    accept() {
      refusing = false;
    },
    async end() {
      for (const line of sockets.clients) line.terminate();
      http.closeAllConnections();
      await new Promise((closed) => http.close(closed));
    },
  });
}
