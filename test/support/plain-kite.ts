import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";

interface Row {
  readonly seq: number;
  readonly event: Record<string, unknown>;
}

/**
 * A server with the frames of kite-wire.md 6 and no more: it keeps no cursors, says nothing of its id, and has a
 * federation API.
 */
export class PlainKite {
  readonly log: Row[] = [];
  readonly acks: number[] = [];
  readonly peers: Record<string, unknown>[] = [];
  readonly keys: unknown[] = [];
  url = "";
  readonly #live = new Set<WebSocket>();

  static async start(): Promise<PlainKite> {
    const kite = new PlainKite();
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += String(chunk);
      });
      request.on("end", () => {
        if (request.url === "/health") response.end("OK");
        else if (request.url !== "/api/federation/peers") response.writeHead(404).end('{"error":"not found"}');
        else if (request.headers.authorization !== "Bearer kite_admin_x")
          response.writeHead(401).end(`{"error":"bad key ${request.headers.authorization}"}`);
        else {
          kite.peers.push(JSON.parse(body));
          response.writeHead(201, { "content-type": "application/json" }).end('{"id":"p"}');
        }
      });
    });
    const wss = new WebSocketServer({ server, path: "/ws" });
    wss.on("connection", (ws) => kite.#serve(ws));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    kite.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    onTestFinished(async () => {
      for (const ws of wss.clients) ws.terminate();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    });
    return kite;
  }

  post(id: string): void {
    const seq = this.log.length + 1;
    const event = {
      specversion: "1.0",
      id,
      source: "https://github.com/a/b",
      type: "com.github.push",
      kiteseq: seq,
      data: { id },
    };
    this.log.push({ seq, event });
    for (const ws of this.#live) ws.send(JSON.stringify({ type: "event", seq, event }));
  }

  /** Events that come while nobody is connected. */
  postUnheard(count: number): void {
    this.drop();
    for (let left = count; left > 0; left--) this.post(`unheard-${left}`);
  }

  drop(): void {
    for (const ws of this.#live) ws.terminate();
    this.#live.clear();
  }

  #serve(ws: WebSocket): void {
    ws.on("message", (data: Buffer) => {
      const frame = JSON.parse(data.toString());
      if (frame.type === "connect") {
        ws.send(
          JSON.stringify({ type: "connected", last_seq: this.log.length, client_id: frame.client_id ?? "given" }),
        );
        this.#live.add(ws);
        ws.on("close", () => this.#live.delete(ws));
      } else if (frame.type === "ack") this.acks.push(frame.seq);
      else if (frame.method === "events.recent") {
        const events = this.log.slice(-Math.min(frame.params.limit, 3)).reverse();
        ws.send(JSON.stringify({ type: "response", id: frame.id, ok: true, payload: { events } }));
      } else if (frame.method === "keys.create") {
        this.keys.push(frame.params);
        const payload = { id: "k", key_prefix: "k", api_key: "kite_k_made" };
        ws.send(JSON.stringify({ type: "response", id: frame.id, ok: true, payload }));
      }
    });
  }
}
