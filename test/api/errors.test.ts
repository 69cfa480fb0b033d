import Fastify from "fastify";
import pino from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { replyWithError } from "../../src/main/hub/api/error-reply.ts";
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

  it("are found in the log by the id that the answer names", async () => {
    const lines: string[] = [];
    const log = pino({ level: "error" }, { write: (line: string) => void lines.push(line) });
    const app = Fastify({ loggerInstance: log, childLoggerFactory: (logger) => logger });
    app.setErrorHandler(replyWithError);
    app.get("/", async () => {
      throw new TypeError("a fault of ours");
    });
    const { error } = (await app.inject("/")).json<{ error: string }>();
    const id = /under request (\S+)\.$/.exec(error)?.[1];
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ request: id }]);
  });

  it("carry the facts for programs next to the sentence", async () => {
    failWith(new HubError("conflict", "A sentence.", { entry: "1-1-0" }));
    const { status, body } = await api.call("GET", "/api/federation/outbox");
    expect([status, body]).toEqual([409, { error: "A sentence.", code: "conflict", entry: "1-1-0" }]);
  });

  it.each<[string, string, "GET" | "POST", unknown]>([
    ["query.id", "/api/federation/events?id=%00", "GET", undefined],
    ["query.cause", "/api/federation/dead-letters?cause=a%00b", "GET", undefined],
    ["body.label", "/api/federation/tokens", "POST", { label: "a\u0000b" }],
    ["body.label", "/api/federation/tokens", "POST", { label: "\ud800" }],
    ["body.scopes[1]", "/api/federation/pairings/offers", "POST", { scopes: ["*", "\u0000"] }],
  ])("name the place of what the database cannot hold: %s in %s", async (place, path, method, body) => {
    const answer = await api.call(method, path, body === undefined ? {} : { body });
    expect([answer.status, answer.body]).toEqual([
      400,
      { error: `${place}: must not have U+0000 or half a surrogate pair in it.`, code: "bad_request" },
    ]);
  });

  it.each<[string, string, "GET" | "PUT" | "POST", unknown, number, RegExp]>([
    [
      "a slash too many",
      "/api/federation/peers/",
      "GET",
      undefined,
      400,
      /^path\.id: is missing; name one, or leave out/,
    ],
    [
      "a slash at the end",
      "/health/",
      "GET",
      undefined,
      404,
      /no GET \/health\/ here\. Leave out the slash at its end/,
    ],
    ["a stream without an upgrade", "/ws", "GET", undefined, 426, /is a WebSocket.*pass Upgrade and Connection on/],
    ["no body", "/api/federation/tokens", "POST", undefined, 400, /^body: is missing; it must be an object/],
    [
      "an event of no form",
      "/api/federation/explain",
      "POST",
      { event: {} },
      400,
      /^body\.event: must be an event .*"seq": 17/,
    ],
    [
      "an offer of nothing",
      "/api/federation/pairings/offers",
      "POST",
      { scopes: [] },
      400,
      /^body\.scopes: must have at least one/,
    ],
  ])("say how to mend it: %s", async (_what, path, method, body, status, sentence) => {
    const answer = await api.call(method, path, body === undefined ? {} : { body });
    expect([answer.status, answer.body["error"]]).toEqual([status, expect.stringMatching(sentence)]);
  });

  it("say that a body is too large", async () => {
    const { status, body } = await api.call("POST", "/api/federation/peers", { body: "x".repeat(2_000_000) });
    expect([status, body["code"]]).toEqual([413, "too_large"]);
  });
});
