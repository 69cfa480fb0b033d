import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { HubError } from "../../src/main/hub/errors.ts";
import { type ApiUnderTest, createApiUnderTest, TEAM } from "./api-under-test.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await createApiUnderTest();
});
afterAll(() => api.close());
beforeEach(() => {
  api.accepted.length = 0;
});

// The CLI puts the team into the URL as it is, colon included.
const URL = `/api/v1/agents/messages?team_id=${TEAM}`;

describe("POST /api/v1/agents/messages", () => {
  it("accepts a message, and answers as the SDKs expect", async () => {
    const { status, body } = await api.call("POST", URL, { body: { from: "a", to: "b", body: "hello" } });
    expect(status).toBe(202);
    expect(body).toEqual({
      id: api.accepted.at(-1)?.id,
      created_at: "2026-04-14T12:00:00.000Z",
      usage: {
        events_used: 1,
        events_limit: Number.MAX_SAFE_INTEGER,
        amount_charged_atomic: 0,
        amount_charged_sats: 0,
      },
    });
    expect(api.accepted.at(-1)).toMatchObject({ team: TEAM, type: "com.kite.agent.message", agentTo: "b" });
  });

  it("carries a payload as it was sent, digit for digit", async () => {
    const body = '{"from":"a","to":"https://b.example.com/agents/executor","payload":{ "big": 12345678901234567890 }}';
    expect((await api.call("POST", URL, { body })).status).toBe(202);
    expect(api.accepted.at(-1)?.data).toBe(
      '{"to":"https://b.example.com/agents/executor","payload":{ "big": 12345678901234567890 }}',
    );
  });

  it.each([
    ["no JSON", "{", 400],
    ["nothing", "", 400],
    ["no recipient", '{"from":"a","body":"x"}', 400],
    ["an array", "[]", 400],
    ["too much", JSON.stringify({ from: "a", to: "b", body: "x".repeat(262_145) }), 413],
  ])("refuses %s with a sentence", async (_what, body, expected) => {
    const before = api.accepted.length;
    const answer = await api.call("POST", URL, { body });
    expect(answer.status).toBe(expected);
    expect(answer.body["error"]).toEqual(expect.any(String));
    expect(api.accepted).toHaveLength(before);
  });

  it("passes on that the database cannot commit", async () => {
    const { acceptor } = api.deps;
    const accept = acceptor.accept;
    acceptor.accept = async () => {
      throw new HubError("unavailable", undefined, { retry_after_secs: 3 });
    };
    const { status, headers, body } = await api.call("POST", URL, { body: { from: "a", to: "b", body: "x" } });
    acceptor.accept = accept;
    expect(status).toBe(503);
    expect(headers["retry-after"]).toBe("3");
    expect(body).toMatchObject({ code: "unavailable", retry_after_secs: 3 });
  });
});

describe("what the hosted Kite has and this hub has not", () => {
  it.each([
    ["POST", "/api/v1/bootstrap/x402"],
    ["GET", "/api/v1/webhook-config"],
    ["GET", "/api/v1/skills?team_id=x"],
    ["POST", "/api/v1/skills"],
    ["GET", "/api/v1/skills/registry/search?q=x"],
    ["POST", "/api/v1/skills/7/versions"],
  ] as const)("%s %s says so, with or without a key", async (method, url) => {
    const { status, body } = await api.call(method, url, { key: null });
    expect(status).toBe(501);
    expect(body).toMatchObject({ code: "unsupported", error: expect.stringContaining("does not offer it") });
  });
});

describe("unknown paths", () => {
  it.each([
    ["GET", "/api/v1/nothing"],
    ["PUT", "/api/federation/peer"],
    ["GET", "/api/federation/"],
    ["POST", "/nowhere?secret=1"],
  ] as const)("%s %s is answered in JSON", async (method, url) => {
    const { status, body } = await api.call(method, url);
    expect(status).toBe(404);
    expect(body["code"]).toBe("not_found");
    expect(body["error"]).toContain(url.split("?")[0]);
    expect(body["error"]).not.toContain("secret");
  });
});
