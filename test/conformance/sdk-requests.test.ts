import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { openRealHub } from "../support/real-hub.ts";

// Requests and answers as both SDKs have them (kite-wire.md 4.3 to 4.5 and 12).

interface Sender {
  readonly base: string;
  readonly team: string;
  readonly source: string;
  readonly token: string;
  readonly mode: "bearer" | "path";
}

/** What `emit`, `emitEvent` and `emitRaw` put on the wire. */
async function send({ base, team, source, token, mode }: Sender, contentType: string, body: string) {
  const path = [team, source, ...(mode === "path" ? [token] : [])].map(encodeURIComponent).join("/");
  const headers = { "content-type": contentType, ...(mode === "bearer" ? { authorization: `Bearer ${token}` } : {}) };
  const answer = await fetch(`${base.replace(/\/+$/, "")}/hooks/${path}`, { method: "POST", headers, body });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
}
const emit = (sender: Sender, event: object) =>
  send(sender, "application/cloudevents+json; charset=utf-8", JSON.stringify(event));
const emitRaw = (sender: Sender, data: unknown) => send(sender, "application/json", JSON.stringify(data));

const signup = (more: object = {}): object => ({
  specversion: "1.0",
  id: "fixed-id",
  source: "https://my-app",
  type: "com.myapp.user.signup",
  time: "2026-07-22T12:00:00.000Z",
  datacontenttype: "application/json",
  data: { userId: "u_123" },
  subject: "u_123",
  kitesummary: "User u_123 signed up",
  ...more,
});

async function open(mode: Sender["mode"], team = "team") {
  const hub = await openRealHub({ instanceId: "hub" });
  if (team !== "team") await hub.hub.admin.createTeam(team, team);
  const { token } = await hub.hub.admin.createHook(team, "my-app");
  const sender: Sender = { base: `${hub.client.address.url}/`, team, source: "my-app", token, mode };
  return { hub, sender };
}

describe.each(["bearer", "path"] as const)("in %s mode", (mode) => {
  it.each(["team", "clerk-user:user_abc"])("team %s: an event is accepted, with usage as integers", async (team) => {
    const { sender } = await open(mode, team);
    const { status, body } = await emit(sender, signup());
    expect([status, body]).toEqual([
      202,
      {
        status: "accepted",
        id: "fixed-id",
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        usage: expect.objectContaining({ events_used: 1, amount_charged_atomic: 0, amount_charged_sats: 0 }),
      },
    ]);
    const { events_limit: limit } = body["usage"] as { events_limit: number };
    expect(Number.isSafeInteger(limit) && limit > 0).toBe(true);
  });

  it("a retry with the same body is duplicate_ignored, with the id that is stored", async () => {
    const { sender } = await open(mode);
    await emit(sender, signup());
    const again = await emit(sender, signup());
    expect([again.status, again.body]).toEqual([200, { status: "duplicate_ignored", id: "fixed-id" }]);
  });

  it("raw JSON is wrapped, and never taken for a duplicate", async () => {
    const { hub, sender } = await open(mode);
    const [one, two] = [await emitRaw(sender, { hello: "world" }), await emitRaw(sender, { hello: "world" })];
    expect([one.status, two.status, one.body["id"] === two.body["id"]]).toEqual([202, 202, false]);
    expect((await hub.client.events()).at(-1)).toMatchObject({ type: "com.my-app.event", source: "https://my-app" });
  });

  it("what the server cannot read as an event is wrapped, and answered 202 all the same", async () => {
    const { hub, sender } = await open(mode);
    for (const bad of [{ mycustomext: { a: 1 } }, { time: "22.7.2026" }, { MyExt: "x" }])
      expect((await emit(sender, signup({ id: `bad-${JSON.stringify(bad)}`, ...bad }))).status).toBe(202);
    expect((await hub.client.events()).map(({ type }) => type)).toEqual(Array(3).fill("com.my-app.event"));
  });

  it("a wrong token, whatever is in it, is 401 with the error that the SDKs show", async () => {
    const { sender } = await open(mode);
    for (const token of ["kite_abc_secret", "a/b", "ü", "khk_", "x".repeat(300)]) {
      if (mode === "bearer" && token === "ü") continue;
      const { status, body } = await emitRaw({ ...sender, token }, {});
      expect([token, status, body["error"]]).toEqual([token, 401, "invalid hook token"]);
    }
  });

  it("262144 bytes are taken, and one more is 413 with max_bytes", async () => {
    const { sender } = await open(mode);
    const data = (bytes: number): string => "é".repeat((bytes - 2) / 2);
    expect((await emitRaw(sender, data(262_144))).status).toBe(202);
    const { status, body } = await emitRaw(sender, `${data(262_144)}x`);
    expect([status, body]).toEqual([413, expect.objectContaining({ error: expect.any(String), max_bytes: 262_144 })]);
  });
});

it("the reserved source is not an endpoint's: what is posted there is held to a peer's credentials", async () => {
  const { sender } = await open("bearer");
  expect((await emit({ ...sender, source: "kite" }, signup())).status).toBe(401);
});

it("the test's sender writes what it says", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(
      `${request.method} ${request.url} ${request.headers.authorization ?? "-"} ${request.headers["content-type"]}`,
    );
    request.resume().on("end", () => response.end("{}"));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await emit({ base, team: "a:b", source: "s", token: "x/y", mode: "path" }, {});
  await emitRaw({ base, team: "a", source: "s", token: "t", mode: "bearer" }, {});
  expect(seen).toEqual([
    "POST /hooks/a%3Ab/s/x%2Fy - application/cloudevents+json; charset=utf-8",
    "POST /hooks/a/s Bearer t application/json",
  ]);
});
