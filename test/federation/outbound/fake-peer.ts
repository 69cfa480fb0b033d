import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** The events of the body, parsed: one, or those of a batch. */
  readonly events: readonly { readonly id: string; readonly source: string; readonly [name: string]: unknown }[];
  readonly batch: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** `hang` never answers, `reset` breaks the connection, `garbage` answers something that is not HTTP. */
export type Behaviour = Reply | "hang" | "reset" | "garbage";
export type Handler = (request: Received, count: number) => Behaviour | Promise<Behaviour>;

/** Takes everything, as a peer of another make does. */
export const takesSingles: Handler = ({ batch, events }) =>
  batch
    ? { status: 415 }
    : { status: 202, body: JSON.stringify({ id: events[0]?.id, created_at: "2026-01-01T00:00:00Z" }) };

/** Takes everything, as Kite Desktop does. */
export const takesBatches: Handler = (request) => {
  const headers = { "x-kite-accepts": "batch", "x-kite-instance": "instance-b" };
  if (!request.batch) return { status: 202, headers, body: JSON.stringify({ id: request.events[0]?.id }) };
  return { status: 200, headers, body: results(request) };
};

/** The answer to a batch: `accepted` for each event, unless `statusOf` says otherwise. */
export function results(request: Received, statusOf: (id: string) => string = () => "accepted"): string {
  return JSON.stringify({ results: request.events.map(({ id, source }) => ({ id, source, status: statusOf(id) })) });
}

/** An HTTP server that stands for a peer, on a port of its own. */
export class FakePeer {
  readonly received: Received[] = [];
  /** Requests that wait for their answer now, and the most that ever did. */
  waiting = 0;
  mostWaiting = 0;
  /** Connections that were made, ever. */
  connections = 0;
  handler: Handler;
  /** What it answers to GET, and how often it was asked. */
  health = 404;
  looks = 0;
  readonly #server: Server;

  private constructor(handler: Handler, server: Server) {
    this.handler = handler;
    this.#server = server;
  }

  static async start(handler: Handler = takesSingles, port = 0): Promise<FakePeer> {
    const server = createServer();
    const peer = new FakePeer(handler, server);
    server.on("connection", () => peer.connections++);
    server.on("request", (request, response) => {
      if (request.method === "GET") {
        peer.looks++;
        response.writeHead(peer.health).end();
        return;
      }
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks);
        const parsed: unknown = JSON.parse(body.toString());
        const batch = Array.isArray(parsed);
        const received: Received = {
          method: request.method ?? "",
          path: request.url ?? "",
          headers: request.headers,
          rawHeaders: request.rawHeaders,
          body,
          events: (batch ? parsed : [parsed]) as Received["events"],
          batch,
        };
        peer.received.push(received);
        void peer.#answer(received, response);
      });
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return peer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hooks/team-b/kite`;
  }

  /** Ids of the events that came, in the order of their coming. */
  get ids(): string[] {
    return this.received.flatMap(({ events }) => events.map(({ id }) => id));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((closed) => this.#server.close(closed));
  }

  async #answer(request: Received, response: ServerResponse): Promise<void> {
    this.waiting++;
    this.mostWaiting = Math.max(this.mostWaiting, this.waiting);
    const behaviour = await this.handler(request, this.received.length);
    if (behaviour === "hang") return;
    this.waiting--;
    if (behaviour === "reset") response.socket?.resetAndDestroy();
    else if (behaviour === "garbage") response.socket?.end("this is not HTTP\r\n\r\n");
    else response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body ?? "");
  }
}
