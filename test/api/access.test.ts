import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiUnderTest, createApiUnderTest, NOW, TEAM } from "./api-under-test.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await createApiUnderTest();
});
afterAll(() => api.close());

const MESSAGE = { from: "a", to: "b", body: "hello" };

describe("API keys", () => {
  it("lets no request in without a key", async () => {
    const { status, body, headers } = await api.call("GET", "/api/federation/peers", { key: null });
    expect(status).toBe(401);
    expect(body).toEqual({
      error: "An API key is missing: send it as Authorization: Bearer <key>.",
      code: "unauthorized",
    });
    expect(headers["www-authenticate"]).toBe("Bearer");
  });

  it("refuses a key that nobody made", async () => {
    const { status, body } = await api.call("GET", "/api/federation/peers", { key: "kite_deadbeef_cafebabe" });
    expect(status).toBe(401);
    expect(body["error"]).toMatch(/not known/);
  });

  it("refuses a revoked key, and says that it was revoked", async () => {
    const { key, token } = await api.admin.createKey(TEAM, { name: null, permissions: ["admin"] });
    await api.admin.revokeKey(TEAM, key.id);
    const { status, body } = await api.call("GET", "/api/federation/peers", { key: token });
    expect(status).toBe(401);
    expect(body["error"]).toMatch(/revoked/);
  });

  it("refuses an expired key, and says when it expired; up to that moment it is good", async () => {
    const make = async (expires: number): Promise<string> => {
      const made = { name: null, permissions: ["admin" as const], expiresAt: new Date(expires) };
      return (await api.admin.createKey(TEAM, made)).token;
    };
    const expired = await api.call("GET", "/api/federation/peers", { key: await make(NOW) });
    expect(expired.status).toBe(401);
    expect(expired.body["error"]).toContain("2026-04-14T12:00:00.000Z");
    expect((await api.call("GET", "/api/federation/peers", { key: await make(NOW + 1) })).status).toBe(200);
  });

  it("takes any key of the team in either case of the scheme", async () => {
    const response = await api.app.inject({
      url: "/api/federation/peers",
      headers: { authorization: `bearer ${api.keys.admin}` },
    });
    expect(response.statusCode).toBe(200);
  });
});

describe("permissions", () => {
  it.each([
    ["GET", "/api/federation/outbox", "read", 200],
    ["GET", "/api/federation/peers", "read", 403],
    ["GET", "/api/federation/peers", "write", 403],
    ["GET", "/api/federation/peers", "admin", 200],
    ["GET", "/api/federation/tokens", "write", 403],
    ["POST", "/api/federation/outbox/1-1-0/retry", "write", 403],
    ["GET", "/api/federation/outbox", "admin", 200],
  ] as const)("%s %s with a key for %s answers %i", async (method, url, key, expected) => {
    const { status, body } = await api.call(method, url, { key: api.keys[key] });
    expect(status).toBe(expected);
    if (expected === 403) {
      expect(body["code"]).toBe("forbidden");
      expect(body["error"]).toMatch(/permission admin; this one has (read|write)\./);
    }
  });

  it("says which permission sending messages needs", async () => {
    const url = `/api/v1/agents/messages?team_id=${TEAM}`;
    const { status, body } = await api.call("POST", url, { key: api.keys.read, body: MESSAGE });
    expect(status).toBe(403);
    expect(body["error"]).toContain("permission write");
    expect((await api.call("POST", url, { key: api.keys.write, body: MESSAGE })).status).toBe(202);
  });
});

describe("team_id", () => {
  it("may be left out under /api/federation, and must be the key's own", async () => {
    expect((await api.call("GET", `/api/federation/peers?team_id=${TEAM}`)).status).toBe(200);
    const { status, body } = await api.call("GET", "/api/federation/peers?team_id=other");
    expect(status).toBe(403);
    expect(body["error"]).toMatch(/^query\.team_id/);
  });

  it("must be given under /api/v1", async () => {
    const missing = await api.call("POST", "/api/v1/agents/messages", { body: MESSAGE });
    expect(missing.status).toBe(400);
    expect(missing.body["error"]).toMatch(/^query\.team_id: is missing/);
    const wrong = await api.call("POST", "/api/v1/agents/messages?team_id=other", { body: MESSAGE });
    expect(wrong.status).toBe(403);
  });

  it("given twice is an error, not a crash", async () => {
    const { status } = await api.call("GET", `/api/federation/peers?team_id=${TEAM}&team_id=other`);
    expect(status).toBe(400);
  });
});
