import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { openRealHub, type RealHub } from "../../support/real-hub.ts";
import { until } from "../../support/until.ts";
import { linkOf, whenReading, whenReadThrough } from "./pulling.ts";

interface Row {
  readonly seq: number;
  readonly event: Record<string, unknown>;
}

/**
 * A server with the frames of kite-wire.md 6 and no more: it keeps no cursors, says nothing of its id, and has a
 * federation API.
 */
class PlainKite {
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

  drop(): void {
    for (const ws of this.#live) ws.terminate();
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

async function pairWith(kite: PlainKite, reader: RealHub, adminKey: string | null) {
  return reader.hub.links.kite.pair("team", {
    url: kite.url,
    team: "their-team",
    name: "production",
    reachesUs: false,
    push: true,
    environment: "production",
    readKey: adminKey === null ? "kite_k_given" : null,
    adminKey,
  });
}

test("a real Kite that keeps no cursor: what it still lists is fetched, what it does not is a gap, nothing goes onward", async () => {
  const kite = await PlainKite.start();
  const reader = await openRealHub({ instanceId: "reader" });
  await reader.hub.admin.createPeer("team", {
    name: "onward",
    hookUrl: "http://127.0.0.1:1/",
    outboundToken: "o",
    inboundToken: "i",
  });
  await pairWith(kite, reader, null);
  await whenReading(reader);
  kite.post("one");
  await whenReadThrough(reader, 1);
  await until("it was acknowledged", () => kite.acks.includes(1));
  expect((await linkOf(reader)).confirmed).toBe(false);

  // It is away for two events, and lists them both.
  kite.drop();
  kite.post("two");
  kite.post("three");
  reader.hub.links.pulls.hurry();
  await whenReadThrough(reader, 3);
  expect((await linkOf(reader)).gaps).toEqual([]);
  // It is away for five, and only the last three are listed.
  await whenReading(reader);
  kite.drop();
  for (const id of ["four", "five", "six", "seven", "eight"]) kite.post(id);
  reader.hub.links.pulls.hurry();
  const link = await whenReadThrough(reader, 8);
  expect(link.gaps).toMatchObject([{ fromSeq: 4, toSeq: 5, reason: "not_resumed" }]);

  const events = await reader.client.events();
  expect(events.map(({ id }) => id)).toEqual(["one", "two", "three", "six", "seven", "eight"]);
  expect(events.map(({ copy }) => copy.chain)).toEqual(events.map(() => ["?production"]));
  const forwards = await reader.client.decisions({ outcome: "forward" });
  expect(forwards).toEqual([]);
});

test("with an admin key the server is set up from here, and the key is kept nowhere", async () => {
  const kite = await PlainKite.start();
  const reader = await openRealHub({ instanceId: "reader" });
  const { peer, todo, problem } = await pairWith(kite, reader, "kite_admin_x");
  expect([todo, problem]).toEqual([null, null]);
  // It cannot reach a laptop: it is told to send nothing, and is read instead.
  expect(kite.peers).toEqual([
    {
      name: "reader",
      peer_hook_url: reader.client.peerHookUrl,
      outbound_token: peer.inboundToken,
      inbound_token: peer.outboundToken,
      scopes: ["kite-desktop.nothing"],
      max_hops: 3,
    },
  ]);
  expect(kite.keys).toEqual([{ name: "read by reader", scopes: ["*"], permissions: ["read"], expires_at: null }]);
  expect(peer).toMatchObject({ environment: "production", receiveOnly: true });
  await whenReading(reader);
  expect(await reader.hub.links.pulls.settingsOf(peer)).toMatchObject({
    apiKey: "kite_k_made",
    remoteTeam: "their-team",
  });
});

test("a key that the server does not take leaves nothing behind, and is not repeated", async () => {
  const kite = await PlainKite.start();
  const reader = await openRealHub({ instanceId: "reader" });
  await expect(pairWith(kite, reader, "kite_admin_wrong")).rejects.toThrow(
    "The server does not take this admin key (HTTP 401): it must be one of the team, with the permission admin. " +
      "It says: bad key Bearer ••••",
  );
  expect(reader.hub.registry.peersOf("team")).toEqual([]);
});
