import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createConnection } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { eventually, makeKey, StreamHub } from "./fixture.ts";

let hub: StreamHub;

afterEach(() => hub.close());

const connect = JSON.stringify({ type: "connect", version: 1, token: "secret", team_id: "t", scopes: ["*"] });

describe("a connection", () => {
  it("is kept for as long as it gives signs of life, and dropped when it gives none", async () => {
    hub = await StreamHub.start({ pingMs: 200 });
    const alive = await hub.listener();
    let pings = 0;
    alive.socket.on("ping", () => pings++);
    // Answers no ping, but acknowledges.
    const busy = new WebSocket(hub.url, { autoPong: false });
    await once(busy, "open");
    busy.on("ping", () => busy.send('{"type":"ack","seq":0}'));
    busy.send(connect);
    // Answers no ping, as a machine that has vanished.
    const dead = new WebSocket(hub.url, { autoPong: false });
    const dropped = once(dead, "close");
    await once(dead, "open");
    dead.send(connect);
    expect(await dropped).toEqual([1006, expect.anything()]);
    const seen = pings;
    await eventually(() => pings >= seen + 3);
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
    expect(busy.readyState).toBe(WebSocket.OPEN);
    busy.terminate();
  });

  it("has its pings answered, before the handshake and after it", async () => {
    hub = await StreamHub.start();
    const socket = new WebSocket(hub.url);
    await once(socket, "open");
    for (const text of ["", "py-1", "x".repeat(125)]) {
      socket.ping(text);
      const [answer] = await once(socket, "pong");
      expect(String(answer)).toBe(text);
      if (text === "") socket.send(connect);
    }
    socket.terminate();
  });

  it("that breaks the protocol is closed, and the hub goes on", async () => {
    hub = await StreamHub.start();
    const listener = await hub.listener();
    const broken = await hub.listener();
    // An unmasked text frame, which a server must refuse (RFC 6455 5.1).
    const { _socket: raw } = broken.socket as unknown as { _socket: NodeJS.WritableStream };
    raw.write(Buffer.from([0x81, 0x02, 0x7b, 0x7d]));
    expect(await broken.closed).toBe(1002);
    const [event] = await hub.append({});
    await listener.untilSeq(event?.seq ?? 0);
  });

  it("that has sent its close frame gets no more events, however long it stays", async () => {
    hub = await StreamHub.start();
    const { port } = new URL(hub.url);
    const socket = createConnection({ port: Number(port), host: "127.0.0.1", allowHalfOpen: true });
    socket.resume();
    const key = randomBytes(16).toString("base64");
    socket.write(
      "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    await once(socket, "data");
    socket.write(maskedFrame(1, JSON.stringify({ ...JSON.parse(connect), client_id: "leaver" })));
    await eventually(() => hub.stream.sessions()[0]?.state === "live");
    await hub.append({});
    socket.write(maskedFrame(1, '{"type":"ack","seq":1}'));
    socket.write(maskedFrame(8, "\u0003\u00e8"));
    // The hub has answered the close frame and ended its side; this side stays open.
    await once(socket, "end");
    await hub.append({}, {});
    expect(hub.stream.sessions()).toMatchObject([{ sent: 1, acked: 1, position: 1 }]);
    socket.destroy();
    const again = await hub.listener({ client_id: "leaver" });
    await again.untilSeq(3);
    expect(again.seqs).toEqual([2, 3]);
  });
});

/** A client's frame of less than 126 bytes; the mask is zero, so the payload stands as it is. */
function maskedFrame(opcode: number, payload: string): Buffer {
  const bytes = Buffer.from(payload, "latin1");
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
}

describe("the hub", () => {
  it("takes no more listeners than it is told", async () => {
    hub = await StreamHub.start({ maxSessions: 1 });
    await hub.listener();
    const refused = hub.open();
    expect(await refused.closed).toBe(1006);
    expect(refused.frames).toEqual([]);
  });

  it("says goodbye with 1001 when it stops, and does not wait for those who do not listen", async () => {
    hub = await StreamHub.start();
    const polite = await hub.listener();
    const deaf = await hub.listener();
    const waiting = hub.open(null);
    await once(waiting.socket, "open");
    deaf.socket.pause();
    const started = performance.now();
    await hub.stream.stop();
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(await polite.closed).toBe(1001);
    expect(await waiting.closed).toBe(1001);
    expect(hub.stream.sessions()).toEqual([]);
    deaf.socket.resume();
    await deaf.closed;
  });

  it("shows who listens", async () => {
    hub = await StreamHub.start({ now: () => 1_000 });
    hub.registry.setKeys(makeKey({ name: "ci key" }));
    const listener = await hub.listener({ client_id: "ci", scopes: ["type:shop", "source:x"] });
    await hub.append({}, { type: "com.other" });
    await listener.untilSeq(1);
    listener.ack(1);
    await listener.settled();
    expect(hub.stream.sessions()).toEqual([
      {
        clientId: "ci",
        team: "t",
        keyId: "key-secret",
        keyName: "ci key",
        scopes: ["source:x", "type:shop"],
        state: "live",
        position: 2,
        acked: 1,
        sent: 1,
        buffered: 0,
        connectedAt: 1_000,
        remote: "127.0.0.1",
      },
    ]);
  });
});
