import { request } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Listener, makeKey, StreamHub } from "./fixture.ts";

let hub: StreamHub;

beforeAll(async () => {
  hub = await StreamHub.start();
});
afterAll(() => hub.close());
afterEach(() => hub.registry.setKeys(makeKey()));

/** The one error frame of a refused connection. */
async function refused(listener: Listener): Promise<{ code: number | undefined; message: string; closedWith: number }> {
  const closedWith = await listener.closed;
  expect(listener.frames).toHaveLength(1);
  const [frame] = listener.frames;
  expect(frame?.type).toBe("error");
  return { code: frame?.code, message: frame?.message ?? "", closedWith };
}

describe("the handshake", () => {
  it("answers with connected first, whatever comes after it", async () => {
    await hub.appendMany(3);
    const known = await hub.listener({ client_id: "first-frame" });
    known.socket.terminate();
    await hub.appendMany(3);
    const listener = hub.open({ client_id: "first-frame" });
    await listener.untilSeq(hub.tail.seq);
    expect(listener.frames[0]).toEqual({ type: "connected", last_seq: hub.tail.seq, client_id: "first-frame" });
  });

  it.each([
    ["null", { client_id: null }],
    ["absent", {}],
  ])("gives a listener an id whose client_id is %s", async (_, connect) => {
    const one = await hub.listener(connect);
    const two = await hub.listener(connect);
    expect(one.frames[0]?.client_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(two.frames[0]?.client_id).not.toBe(one.frames[0]?.client_id);
    expect(one.frames[0]?.last_seq).toBe(hub.tail.seq);
  });

  it("takes a client_id of any characters", async () => {
    const id = `ci/main "état" 日本 🙂 \\ ' ; --`;
    const listener = await hub.listener({ client_id: id });
    expect(listener.frames[0]?.client_id).toBe(id);
    expect(await hub.cursor(id)).toBe(hub.tail.seq);
  });

  it("does without version and scopes", async () => {
    const listener = hub.open(JSON.stringify({ type: "connect", token: "secret", team_id: "t" }));
    await listener.until((frame) => frame.type === "connected");
    const [event] = await hub.append({});
    await listener.untilSeq(event?.seq ?? 0);
  });

  it("lets a client speak before it is answered", async () => {
    const listener = hub.open(null);
    await new Promise((opened) => listener.socket.once("open", opened));
    listener.send({ type: "connect", version: 1, token: "secret", team_id: "t", scopes: ["*"], client_id: "eager" });
    listener.send({ type: "request", id: "1", method: "no.such" });
    listener.ack(1);
    await listener.until((frame) => frame.type === "response");
    expect(listener.frames.map((frame) => frame.type)).toEqual(["connected", "response"]);
  });

  it.each([
    ["a wrong token", { token: "wrong" }, "Invalid token: this hub has no such API key."],
    ["an empty token", { token: "" }, "Invalid token"],
    ["another team", { team_id: "other" }, "does not belong to the team"],
    ["no team", { team_id: "" }, "does not belong to the team"],
  ])("refuses %s with 4001", async (_, connect, message) => {
    expect(await refused(hub.open(connect))).toEqual({
      code: 4001,
      message: expect.stringContaining(message),
      closedWith: 4001,
    });
  });

  it.each([
    ["revoked", { revokedAt: new Date(0) }, "was revoked"],
    ["expired", { expiresAt: new Date(Date.now() - 1) }, "expired at"],
    ["without permissions", { permissions: [] }, "lacks the permission read"],
    ["of scopes that mean nothing here", { scopes: ["events.read"] }, "scopes are unusable"],
  ])("refuses a key %s with 4001", async (_, over, message) => {
    hub.registry.setKeys(makeKey(over));
    expect(await refused(hub.open())).toMatchObject({ code: 4001, message: expect.stringContaining(message) });
  });

  it.each(["read", "write", "admin"] as const)("lets a key with the permission %s in", async (permission) => {
    hub.registry.setKeys(makeKey({ permissions: [permission] }));
    await hub.listener();
  });

  it.each([
    ["garbage", "garbage{", "a frame must be one JSON object"],
    ["a binary frame", Buffer.from('{"type":"connect"}'), "frames must be text"],
    ["an array", "[1]", "a frame "],
    ["a string", '"connect"', "a frame "],
    ["a number", "7", "a frame "],
    ["another version", { version: 2 }, "version: must be 1"],
    ["prototype keys", '{"__proto__":{"type":"connect"},"constructor":{"prototype":{}}}', "type: "],
    ["deep nesting", `${"[".repeat(30_000)}${"]".repeat(30_000)}`, "a frame "],
    ["an ack", '{"type":"ack","seq":1}', "the first frame must be connect"],
    ["a request", '{"type":"request","id":"1","method":"dashboard.stats"}', "the first frame must be connect"],
    ["an unknown scope", { scopes: ["*", "team:other"] }, 'scopes: "team:other" is not a scope'],
    ["an empty client_id", { client_id: "" }, "client_id: must not be empty"],
    ["a client_id with a NUL", { client_id: "a\u0000" }, "client_id: "],
  ])("refuses %s as first frame with 4002", async (_, first, message) => {
    expect(await refused(hub.open(first))).toEqual({
      code: 4002,
      message: expect.stringContaining(message),
      closedWith: 4002,
    });
  });

  it("refuses a frame of more than 64 KiB without reading it", async () => {
    const listener = hub.open({ token: "x".repeat(70_000) });
    expect(await listener.closed).toBe(1009);
    expect(listener.frames).toEqual([]);
  });

  it("waits for a connect frame, but not for ever", async () => {
    await hub.restart({ handshakeMs: 300 });
    expect(await refused(hub.open(null))).toMatchObject({ code: 4002, message: "no connect frame came within 0.3 s" });
    await hub.restart({ handshakeMs: 10_000 });
  });

  it("forgives malformed frames once it is done, and a second connect", async () => {
    const listener = await hub.listener();
    listener.send("garbage");
    listener.socket.send(Buffer.from("{}"), { binary: true });
    listener.send({ type: "connect", version: 1, token: "secret", team_id: "t", scopes: ["*"] });
    listener.send({ type: "ack", seq: "7" });
    await listener.settled();
    expect(listener.ofType("error").map(({ code, message }) => `${code} ${message}`)).toEqual([
      "4002 a frame must be one JSON object",
      "4002 frames must be text",
      "4002 this connection is connected already",
      expect.stringContaining("4002 seq: "),
    ]);
    const [event] = await hub.append({});
    await listener.untilSeq(event?.seq ?? 0);
  });

  it("survives a client that leaves in the middle of it", async () => {
    let release = (): void => undefined;
    hub.flaky.before = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    const listener = hub.open({ client_id: "fleeting" });
    await new Promise((opened) => listener.socket.once("open", opened));
    await expect.poll(() => hub.flaky.sent.at(-1)).toBe("open-cursor");
    listener.socket.terminate();
    await listener.closed;
    hub.flaky.before = () => undefined;
    release();
    await hub.listener({ client_id: "next" });
    expect(hub.stream.sessions().map((session) => session.clientId)).not.toContain("fleeting");
  });
});

describe("an upgrade", () => {
  function status(path: string, headers: Record<string, string> = {}): Promise<number> {
    return new Promise((resolve, reject) => {
      const { port } = new URL(hub.url);
      const upgrade = request({
        port,
        path,
        headers: {
          Connection: "Upgrade",
          Upgrade: "websocket",
          "Sec-WebSocket-Version": "13",
          "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
          ...headers,
        },
      });
      upgrade.on("response", (response) => resolve(response.statusCode ?? 0));
      upgrade.on("upgrade", (response, socket) => {
        socket.destroy();
        resolve(response.statusCode ?? 0);
      });
      upgrade.on("error", reject);
      upgrade.end();
    });
  }

  it.each([
    ["/ws", {}, 101],
    ["/ws/", {}, 101],
    ["//ws", {}, 101],
    ["/ws?x=1", {}, 101],
    ["/wsx", {}, 404],
    ["/", {}, 404],
    ["/ws", { Origin: "http://localhost:3000" }, 101],
    ["/ws", { Origin: "https://evil.example" }, 403],
    ["/ws", { Origin: "null" }, 403],
    ["/ws", { "Sec-WebSocket-Version": "7" }, 400],
    ["/ws", { "Sec-WebSocket-Key": "short" }, 400],
    ["/ws", { Upgrade: "h2c" }, 400],
    ["/", { Upgrade: "h2c" }, 400],
  ])("%s with %j is answered with %d", async (path, headers, expected) => {
    expect(await status(path, headers)).toBe(expected);
  });

  it("of another path is left to whoever else listens", async () => {
    const end = hub.upgrades.add(/^\/console/, (_, socket) => {
      socket.end("HTTP/1.1 418 Teapot\r\n\r\n");
    });
    expect(await status("/console")).toBe(418);
    end();
    expect(await status("/console")).toBe(404);
  });
});
