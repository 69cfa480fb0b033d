import Fastify from "fastify";
import pino from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { replyWithError } from "../../src/main/hub/api/error-reply.ts";
import { HubError } from "../../src/main/hub/errors.ts";
import { type ApiUnderTest, createApiUnderTest, TEAM } from "./api-under-test.ts";

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

  it.each([
    "/api/federation/outbox/9007199254740991-4294967295-99999",
    "/api/federation/outbox/1-2147483648-0/attempts",
    "/api/federation/outbox/1-1-32768",
    "/api/federation/outbox/9007199254740993-1-0",
  ])("of an entry's id that no entry can have name its place: %s", async (path) => {
    const { status, body } = await api.call("GET", path);
    expect([status, body["error"]]).toEqual([400, "path.id: must be an entry's id, such as 4711-1-0."]);
  });

  it.each(["outbox", "dead-letters", "decisions"])("of a cursor that no page of %s has told are 400", async (list) => {
    const key = { seq: 1, peer: 2 ** 31, ...(list === "decisions" ? {} : { gen: 0 }) };
    const cursor = Buffer.from(JSON.stringify(key)).toString("base64url");
    const { status, body } = await api.call("GET", `/api/federation/${list}?cursor=${cursor}`);
    expect([status, body["error"]]).toEqual([
      400,
      expect.stringMatching(/^query\.cursor: is not a cursor of this list/),
    ]);
  });

  it.each([
    ["query.until", "/api/federation/stats?until=9999-12-31T23:59:59-01:00"],
    ["query.until", "/api/federation/stats?until=0000-12-31T00:00:00Z"],
    ["query.since", "/api/federation/events?since=0001-01-01T00:00:00%2B01:00"],
    ["query.since", "/api/federation/loops?since=9999-12-31T23:59:59-01:00"],
  ])("of a time that no answer could name have its place: %s in %s", async (place, path) => {
    const { status, body } = await api.call("GET", path);
    expect([status, body["error"]]).toEqual([400, `${place}: must lie between the years 1 and 9999, in UTC.`]);
  });

  it("of a key that expires beyond all years leave no key behind", async () => {
    const url = `/api/v1/keys?team_id=${TEAM}`;
    const keys = async () => ((await api.call("GET", url)).body["keys"] as unknown[]).length;
    const before = await keys();
    const { status } = await api.call("POST", url, { body: { expires_at: "9999-12-31T23:59:59-01:00" } });
    expect([status, await keys()]).toEqual([400, before]);
  });

  it("name each place once, by the first problem to mend there", async () => {
    const { body } = await api.call("POST", "/api/federation/pairings/kite", {
      body: { url: "nowhere", team: [], name: "x" },
    });
    expect(body["error"]).toBe(
      "body.url: must be a URL, such as https://hub.example.com. body.team: must be a string.",
    );
  });

  it("say that a body is too large", async () => {
    const { status, body } = await api.call("POST", "/api/federation/peers", { body: "x".repeat(2_000_000) });
    expect([status, body["code"]]).toEqual([413, "too_large"]);
  });
});
