import { request } from "node:http";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, expect, test } from "vitest";
import { inboundPlugin } from "../../../src/main/hub/federation/inbound/index.ts";
import { type FakeHub, fakeHub, fakePeer, fakeRegistry, sign, TOKEN, wireEvent } from "./fake-hub.ts";

let app: FastifyInstance | undefined;

afterEach(async () => {
  await app?.close();
});

async function serve(hub: FakeHub): Promise<string> {
  app = Fastify({ routerOptions: { maxParamLength: 512 } });
  app.post("/hooks/:team/:source", async () => ({ route: "any source" }));
  await app.register(inboundPlugin, { inbound: hub.inbound });
  return app.listen({ port: 0, host: "127.0.0.1" });
}

const signed = (body: string | Buffer): Record<string, string> => ({
  authorization: `Bearer ${TOKEN}`,
  "x-kite-signature": sign(body),
  "content-type": "application/cloudevents+json",
});

test("the body is verified as the bytes that came, and every answer says what this hub is", async () => {
  const hub = fakeHub();
  const url = await serve(hub);
  const body = `{ "specversion":"1.0", "id":"1",\n "source":"s", "type":"t", "data":{"n":1.0} }`;
  const answer = await fetch(`${url}/hooks/team-1/kite`, { method: "POST", body, headers: signed(body) });
  expect(answer.status).toBe(202);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  expect(answer.headers.get("x-kite-accepts")).toBe("batch, probe");
  expect(answer.headers.get("x-kite-instance")).toBe("me");
  expect(await answer.json()).toEqual({ id: "1", created_at: "2026-04-14T10:00:00.000Z" });
  expect(hub.acceptor.accepted[0]?.data).toBe('{"n":1.0}');
});

test("kite is reserved in the path, other sources are other routes with their own body parsers", async () => {
  const url = await serve(fakeHub());
  const other = await fetch(`${url}/hooks/team-1/github`, {
    method: "POST",
    body: "{}",
    headers: { "content-type": "application/json" },
  });
  expect(await other.json()).toEqual({ route: "any source" });
});

test("a team's id may need escaping in a path", async () => {
  const team = "clerk-user:user_abc/1";
  const peer = fakePeer({ team });
  const hub = fakeHub([peer], { registry: fakeRegistry([peer]) });
  const url = await serve(hub);
  const body = JSON.stringify(wireEvent());
  const path = `${url}/hooks/${encodeURIComponent(team)}/kite`;
  expect((await fetch(path, { method: "POST", body, headers: signed(body) })).status).toBe(202);
});

test("a body over every limit is a 413 in the same form", async () => {
  const url = await serve(fakeHub());
  const body = Buffer.alloc(4 * 1024 * 1024 + 1, "x");
  const answer = await fetch(`${url}/hooks/team-1/kite`, { method: "POST", body, headers: signed(body) });
  expect(answer.status).toBe(413);
  expect(answer.headers.get("x-kite-accepts")).toBe("batch, probe");
  expect(await answer.json()).toMatchObject({ error: expect.any(String), max_bytes: 4 * 1024 * 1024 });
});

test.each([
  ["no body and no content type", undefined, {}, 401],
  ["a content type that is none", "x", { "content-type": "nonsense" }, 415],
  ["an empty content type", "x", { "content-type": "" }, 415],
])("%s is answered clearly", async (_name, body, headers, status) => {
  const url = await serve(fakeHub());
  const credentials: Record<string, string> = status === 401 ? {} : signed(body ?? "");
  const answer = await post(`${url}/hooks/team-1/kite`, body, { ...credentials, ...headers });
  expect(answer.status).toBe(status);
  const error =
    status === 415 ? expect.stringMatching(/application\/cloudevents-batch\+json for several\.$/) : expect.any(String);
  expect(JSON.parse(answer.text)).toMatchObject({ error });
  expect(answer.headers["x-kite-accepts"]).toBe("batch, probe");
});

test("headers beyond Node's limit are refused by the server, which goes on", async () => {
  const url = await serve(fakeHub());
  const answer = await post(`${url}/hooks/team-1/kite`, "{}", { ...signed("{}"), "x-large": "y".repeat(40_000) });
  expect(answer.status).toBe(431);
  const body = JSON.stringify(wireEvent());
  expect((await post(`${url}/hooks/team-1/kite`, body, signed(body))).status).toBe(202);
});

test("an error of our own is a 500 that tells nothing", async () => {
  const hub = fakeHub();
  hub.acceptor.failure = () => new TypeError("secret detail");
  const url = await serve(hub);
  const body = JSON.stringify(wireEvent());
  const answer = await post(`${url}/hooks/team-1/kite`, body, signed(body));
  expect(answer.status).toBe(500);
  expect(answer.text).not.toContain("secret detail");
});

/** `fetch` adds a content type of its own. */
function post(
  url: string,
  body: string | undefined,
  headers: Record<string, string>,
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> {
  return new Promise((resolve, reject) => {
    const req = request(url, { method: "POST", headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.on("end", () => {
        resolve({ status: res.statusCode ?? 0, headers: res.headers, text: Buffer.concat(chunks).toString() });
      });
    });
    req.on("error", reject);
    req.end(body);
  });
}
