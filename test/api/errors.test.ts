import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { HubError } from "../../src/main/hub/errors.ts";
import { type ApiUnderTest, createApiUnderTest } from "./api-under-test.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await createApiUnderTest();
});
afterAll(() => api.close());
afterEach(() => vi.restoreAllMocks());

const failWith = (error: unknown): void => void vi.spyOn(api.db, "query").mockRejectedValue(error);

describe("errors", () => {
  it.each([
    ["no connection", Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })],
    ["a full disk", Object.assign(new Error("could not extend file"), { code: "53100" })],
    ["a server that shuts down", Object.assign(new Error("terminating connection"), { code: "57P01" })],
  ])("of a database that cannot be had (%s) are 503 with Retry-After", async (_what, error) => {
    failWith(error);
    const { status, headers, body } = await api.call("GET", "/api/federation/outbox");
    expect(status).toBe(503);
    expect(headers["retry-after"]).toBe("1");
    expect(body).toEqual({
      error: "The database cannot commit right now; try again shortly.",
      code: "unavailable",
      retry_after_secs: 1,
    });
  });

  it("of our own making are 500, say where to look, and tell nothing else", async () => {
    failWith(new TypeError("secret detail"));
    const { status, body, text } = await api.call("GET", "/api/federation/outbox");
    expect(status).toBe(500);
    expect(body).toEqual({
      code: "internal",
      error: expect.stringMatching(/Its log has the details under request \S+\.$/),
    });
    expect(text).not.toContain("secret detail");
  });

  it("carry the facts for programs next to the sentence", async () => {
    failWith(new HubError("conflict", "A sentence.", { entry: "1-1-0" }));
    const { status, body } = await api.call("GET", "/api/federation/outbox");
    expect([status, body]).toEqual([409, { error: "A sentence.", code: "conflict", entry: "1-1-0" }]);
  });

  it("say that a body is too large", async () => {
    const { status, body } = await api.call("POST", "/api/federation/peers", { body: "x".repeat(2_000_000) });
    expect([status, body["code"]]).toEqual([413, "too_large"]);
  });
});
