import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { PathMethods } from "../../src/main/hub/api/path-methods.ts";
import { type ApiUnderTest, createApiUnderTest } from "./api-under-test.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await createApiUnderTest();
});
afterAll(() => api.close());

const PEERS = "/api/federation/peers";

describe("a known path", () => {
  it.each<["PUT" | "OPTIONS" | "POST" | "DELETE" | "GET", string, string, string]>([
    ["PUT", PEERS, PEERS, "GET, HEAD, POST"],
    ["OPTIONS", `${PEERS}?limit=3`, PEERS, "GET, HEAD, POST"],
    ["POST", `${PEERS}/anything`, `${PEERS}/{id}`, "DELETE, GET, HEAD, PATCH"],
    ["PUT", `/${PEERS}/anything`, `${PEERS}/{id}`, "DELETE, GET, HEAD, PATCH"],
    ["DELETE", "/health", "/health", "GET, HEAD"],
    ["GET", "/api/federation/dead-letters/1-1-0/replay", "/api/federation/dead-letters/{id}/replay", "POST"],
    ["DELETE", "/api/v1/skills/a/b", "/api/v1/skills/*", "GET, HEAD, POST"],
  ])("asked with %s is 405 and names what it takes: %s", async (method, url, route, allow) => {
    const { status, headers, body } = await api.call(method, url);
    expect([status, headers["allow"]]).toEqual([405, allow]);
    expect(body).toEqual({
      error: `There is no ${method} ${route} here: it takes ${allow}.`,
      code: "method_not_allowed",
    });
  });

  it("says so whatever the body is, with a key or without", async () => {
    expect((await api.call("PUT", PEERS, { body: "{nope", key: null })).status).toBe(405);
    expect((await api.call("PUT", PEERS, { body: "x".repeat(2_000_000) })).status).toBe(405);
    expect((await api.call("PUT", PEERS, { body: "{}", headers: { "content-type": ";;" } })).status).toBe(405);
  });

  it("takes HEAD where it takes GET", async () => {
    const { status, text } = await api.call("HEAD", PEERS);
    expect([status, text]).toEqual([200, ""]);
    expect((await api.call("HEAD", "/api/federation/dead-letters/1-1-0/replay")).status).toBe(405);
  });
});

describe("a path that is not known", () => {
  it.each(["/api/federation/nothing", "/api/federation/peers/a/b/c", `${PEERS}x`, "/"])(
    "is 404 with every method: %s",
    async (path) => {
      for (const method of ["GET", "OPTIONS", "PUT"] as const) expect((await api.call(method, path)).status).toBe(404);
    },
  );

  it("is 404 whatever the body is", async () => {
    expect((await api.call("POST", "/nothing", { body: "{nope" })).status).toBe(404);
    expect((await api.call("POST", "/nothing", { body: "{}", headers: { "content-type": ";;" } })).status).toBe(404);
  });

  it("has a part missing between two slashes: that is asked, whatever is there without it", async () => {
    const asked = expect.stringMatching(/Two slashes count as one: is a part of the path missing between them\?$/);
    for (const [status, path] of [
      [405, `${PEERS}//x`],
      [404, "/api/federation/links//x"],
    ] as const) {
      const answer = await api.call("POST", path);
      expect([answer.status, answer.body["error"]]).toEqual([status, asked]);
    }
  });

  it("ends with a slash too many: that is said, and not which methods other paths take", async () => {
    const { status, body } = await api.call("POST", `${PEERS}/`);
    expect([status, body["error"]]).toEqual([404, expect.stringContaining("Leave out the slash at its end")]);
  });
});

it("what a path takes is what all routes that fit it take, under the name of the nearest", async () => {
  const app = Fastify();
  onTestFinished(() => app.close());
  const methods = new PathMethods(app);
  app.get("/files/*", async () => "one");
  app.post("/files/:name", async () => "two");
  app.get("/files/plain.txt", async () => "three");
  await app.ready();
  expect(methods.of("/files/a/b")).toEqual({ route: "/files/*", methods: ["GET", "HEAD"] });
  expect(methods.of("/files/plain.txt")).toEqual({ route: "/files/plain.txt", methods: ["GET", "HEAD", "POST"] });
  expect(methods.of("/files/plain_txt")?.route).toBe("/files/{name}");
  expect(methods.of("/file")).toBeNull();
});
