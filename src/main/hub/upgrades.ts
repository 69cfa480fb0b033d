import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

const NO_OTHER = "A connection here is upgraded to a WebSocket, and to nothing else: send the request without Upgrade.";

/** The WebSockets of one server, by path. What nobody offers is refused, instead of hanging. */
export class Upgrades {
  readonly #routes: { readonly path: RegExp; readonly handler: UpgradeHandler }[] = [];

  constructor(server: Server) {
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const { upgrade = "" } = request.headers;
      const route = this.#routes.find(({ path }) => path.test(request.url ?? ""));
      if (upgrade.toLowerCase() !== "websocket") refuseUpgrade(socket, "400 Bad Request", NO_OTHER);
      else if (route === undefined) refuseUpgrade(socket, "404 Not Found", "There is no WebSocket at this path.");
      else route.handler(request, socket, head);
    });
  }

  /** Returns the function that ends it. */
  add(path: RegExp, handler: UpgradeHandler): () => void {
    const route = { path, handler };
    this.#routes.push(route);
    return () => {
      const index = this.#routes.indexOf(route);
      if (index >= 0) this.#routes.splice(index, 1);
    };
  }
}

/** Answers an upgrade with an error, as JSON, and ends the connection. */
export function refuseUpgrade(socket: Duplex, status: string, sentence: string): void {
  const body = JSON.stringify({ error: sentence });
  socket.on("error", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}
