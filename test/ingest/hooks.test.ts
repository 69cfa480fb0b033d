import { createHmac } from "node:crypto";
import fc from "fast-check";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hookRefusal } from "../../src/main/hub/compose/hook-refusals.ts";
import { createHttpServer, rawBodies } from "../../src/main/hub/http-server.ts";
import { limitRates, type Refusal, registerHookRoutes } from "../../src/main/hub/ingest/index.ts";
import { timeOf } from "../../src/main/hub/store/event-pages.ts";
import { LogHarness } from "../support/log-harness.ts";

const SECRET = "khk_cccccccc_dddddddddddddddddddddddddddddddd";
let h: LogHarness;
let app: FastifyInstance;
let token: string;
let githubToken: string;
const refusals: Refusal[] = [];

beforeAll(async () => {
  h = await LogHarness.open({ instanceId: "hub-a" });
  token = (await h.admin.createHook("team", "demo")).token;
  githubToken = (await h.admin.createHook("team", "github", { webhookSecret: SECRET })).token;
  app = createHttpServer(pino({ level: "silent" }));
  const deps = {
    registry: h.registry,
    acceptor: h.log,
    onRefusal: (r: Refusal) => refusals.push(r),
    now: () => Date.now(),
    publicUrl: null,
    receivedAt: (seq: number) => timeOf(h.db, seq),
  };
  await rawBodies(app, (scope) => registerHookRoutes(scope, deps));
  await app.ready();
});
afterAll(async () => {
  await app.close();
  await h.close();
});

const last = () => h.published.at(-1);
const post = (url: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  app.inject({ method: "POST", url, payload: body, headers: { "content-type": "application/json", ...headers } });
const structured = (change: object = {}): string =>
  JSON.stringify({
    specversion: "1.0",
    id: `id-${Math.random()}`,
    source: "https://sdk",
    type: "com.sdk.thing",
    ...change,
  });
const asEvent = { "content-type": "application/cloudevents+json; charset=utf-8" };
const sign = (body: string): string => `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`;

describe("tokens", () => {
  test("in the path, as a bearer, and percent-encoded", async () => {
    expect((await post(`/hooks/team/demo/${token}`, "{}")).statusCode).toBe(202);
    expect((await post("/hooks/team/demo", "{}", { authorization: `Bearer ${token}` })).statusCode).toBe(202);
    expect((await post(`//hooks/team/demo/${token}`, "{}")).statusCode).toBe(202);
    const encoded = [...token].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("");
    expect((await post(`/hooks/team/demo/${encoded}`, "{}")).statusCode).toBe(202);
  });

  test.each([
    ["a wrong token in the path", "/hooks/team/demo/khk_no", {}],
    ["a token with a slash", "/hooks/team/demo/a%2Fb", {}],
    ["a wrong bearer", "/hooks/team/demo", { authorization: "Bearer nope" }],
    ["no token at all", "/hooks/team/demo", {}],
    ["another endpoint's token", "/hooks/team/github/khk_no", {}],
  ])("%s is 401, and recorded", async (_name, url, headers) => {
    const before = refusals.length;
    const answer = await post(url, "{}", headers);
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ error: "invalid hook token" });
    expect(refusals.length).toBe(before + 1);
    const refused = refusals.at(-1);
    expect(refused).toMatchObject({ reason: "bad_token" });
    if (refused !== undefined) expect(JSON.stringify(hookRefusal(refused, h.registry, 100))).not.toContain("khk_");
  });

  test("unknown teams and sources are 404 with a sentence", async () => {
    expect((await post(`/hooks/nobody/demo/${token}`, "{}")).json()).toMatchObject({
      error: expect.stringMatching(/team/),
    });
    expect((await post(`/hooks/team/nothing/${token}`, "{}")).statusCode).toBe(404);
    expect((await post(`/hooks/team/UPPER/${token}`, "{}")).statusCode).toBe(404);
  });
});

describe("JSON", () => {
  test("any JSON is wrapped byte for byte, with headers but without secrets", async () => {
    const body = '{ "n": 12345678901234567890.10, "s": "\\u0000é" }';
    const answer = await post("/hooks/team/demo", body, {
      authorization: `Bearer ${token}`,
      cookie: "session=1",
      "x-gitlab-token": "hush",
      "x-trace": "t1",
    });
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({
      id: last()?.id,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      usage: { events_used: last()?.seq, events_limit: Number.MAX_SAFE_INTEGER, amount_charged_atomic: 0 },
    });
    expect(last()).toMatchObject({
      type: "com.demo.event",
      source: "https://demo",
      data: body,
      hook: "demo",
      verified: false,
    });
    const headers = JSON.parse(last()?.headers ?? "");
    expect(headers).toMatchObject({ "content-type": "application/json", "x-trace": "t1" });
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(["authorization"]));
    for (const name of ["cookie", "host", "content-length", "x-gitlab-token"]) expect(headers).not.toHaveProperty(name);
  });

  test("the same JSON twice is two events", async () => {
    const first = (await post(`/hooks/team/demo/${token}`, "{}")).json();
    const second = (await post(`/hooks/team/demo/${token}`, "{}")).json();
    expect(first.id).not.toBe(second.id);
  });

  test.each([
    ["malformed JSON", "{", {}, /not valid JSON/],
    ["an empty body", "", {}, /empty/],
    ["invalid UTF-8", Buffer.from([0x22, 0xff, 0x22]), {}, /UTF-8/],
    ["deep nesting", "[".repeat(5_000) + "]".repeat(5_000), {}, /deeper than 120/],
    ["an unknown content type", "x", { "content-type": "image/png" }, /image\/png is not accepted/],
  ])("%s is 400 with a sentence", async (_name, body, headers, message) => {
    const answer = await post(`/hooks/team/demo/${token}`, body, headers);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toMatch(message);
  });

  test("262144 bytes are taken, one more is 413 with the limit", async () => {
    const body = (bytes: number): string => `"${"x".repeat(bytes - 2)}"`;
    expect((await post(`/hooks/team/demo/${token}`, body(262_144))).statusCode).toBe(202);
    const answer = await post(`/hooks/team/demo/${token}`, body(262_145));
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ error: expect.any(String), max_bytes: 262_144 });
    expect(refusals.at(-1)).toMatchObject({ reason: "too_large", request: { source: "demo" } });
    expect((await post(`/hooks/team/demo/${token}`, body(5_000_000))).json()).toMatchObject({
      max_bytes: expect.any(Number),
    });
    expect(refusals.at(-1)).toMatchObject({ reason: "body_limit", evidence: { limit: 4_194_304 } });
  });

  test("a content type that is none is 415 with those that are taken, and recorded", async () => {
    const answer = await post(`/hooks/team/demo/${token}`, "{}", { "content-type": ";;" });
    expect([answer.statusCode, answer.json()]).toEqual([
      415,
      {
        error: expect.stringMatching(/^body: must be sent with Content-Type: application\/json, .* or text\.$/),
        code: "bad_request",
      },
    ]);
    const refused = refusals.at(-1);
    expect(refused).toMatchObject({ reason: "invalid", evidence: { problem: answer.json<{ error: string }>().error } });
    // Nobody knows how long the body was: it was not read.
    if (refused !== undefined) expect(hookRefusal(refused, h.registry, 100)).not.toHaveProperty("bodyBytes");
  });

  test("forms become objects, and text a string", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    await post(`/hooks/team/demo/${token}`, "a=1&b=x+y&b=%C3%A9", form);
    expect(JSON.parse(last()?.data ?? "")).toEqual({ a: "1", b: ["x y", "é"] });
    await post(`/hooks/team/demo/${token}`, "a=1&__proto__=2", form);
    expect(last()?.data).toBe('{"a":"1","__proto__":"2"}');
    await post(`/hooks/team/demo/${token}`, "plain", { "content-type": "text/plain" });
    expect(last()?.data).toBe('"plain"');
  });
});

describe("structured events", () => {
  test("are taken as they are, with the gaps filled", async () => {
    const answer = await post(
      `/hooks/team/demo/${token}`,
      structured({ id: "s1", kitesummary: "hi", data: { a: 1 } }),
      asEvent,
    );
    expect(answer.json()).toMatchObject({ id: "s1", status: "accepted" });
    expect(last()).toMatchObject({ id: "s1", type: "com.sdk.thing", summary: "hi", data: '{"a":1}' });
    expect(JSON.parse(`{${last()?.attrs}}`)).toMatchObject({
      time: expect.any(String),
      datacontenttype: "application/json",
    });
  });

  test("with the same source and id are ignored the second time", async () => {
    const body = structured({ id: "twice" });
    expect((await post(`/hooks/team/demo/${token}`, body, asEvent)).statusCode).toBe(202);
    const again = await post(`/hooks/team/demo/${token}`, body, asEvent);
    expect(again.statusCode).toBe(200);
    expect(again.json()).toEqual({ status: "duplicate_ignored", id: "twice" });
    const conflict = await post(`/hooks/team/demo/${token}`, structured({ id: "twice", data: 1 }), asEvent);
    expect(conflict.json()).toEqual({ status: "duplicate_ignored", id: "twice", conflict: true });
  });

  test("that are none are wrapped without a word", async () => {
    const body = structured({ "bad-name": 1 });
    expect((await post(`/hooks/team/demo/${token}`, body, asEvent)).statusCode).toBe(202);
    expect(last()).toMatchObject({ type: "com.demo.event", source: "https://demo", data: body });
  });

  test("keep their provenance; what cannot be is refused, and our own id comes back unstored", async () => {
    await post(
      `/hooks/team/demo/${token}`,
      structured({ kitefedorigin: "x", kitefedchain: '["x"]', kitefedhops: 1 }),
      asEvent,
    );
    expect(last()?.copy).toEqual({ origin: "x", chain: '["x"]', hops: 1 });
    const far = await post(`/hooks/team/demo/${token}`, structured({ kitefedhops: 2_000_000_000 }), asEvent);
    expect([far.statusCode, last()?.copy.hops]).toEqual([202, 32_767]);
    const seq = last()?.seq;
    const own = await post(`/hooks/team/demo/${token}`, structured({ id: "o", kitefedchain: '["hub-a"]' }), asEvent);
    expect([own.statusCode, own.json()]).toEqual([200, { status: "own_id_in_chain", id: "o" }]);
    const long = await post(
      `/hooks/team/demo/${token}`,
      structured({ kitefedchain: JSON.stringify(Array.from({ length: 10_000 }, (_, i) => `i${i}`)) }),
      asEvent,
    );
    expect([long.statusCode, long.json().error]).toEqual([400, expect.stringMatching(/may have at most 64/)]);
    const internal = await post(
      `/hooks/team/demo/${token}`,
      structured({ type: "kite.federation.delivery_failed" }),
      asEvent,
    );
    expect(internal.statusCode).toBe(400);
    expect(last()?.seq).toBe(seq);
  });
});

describe("batches", () => {
  const batch = { "content-type": "application/cloudevents-batch+json" };

  test("each event has a result of its own", async () => {
    const good = structured({ id: "b1" });
    const answer = await post(
      `/hooks/team/demo/${token}`,
      `[${good}, ${good} ,{"specversion":"1.0"}, ${structured({ id: "b2" })}]`,
      batch,
    );
    expect(answer.statusCode).toBe(200);
    expect(answer.json().results).toMatchObject([
      { status: "accepted", id: "b1" },
      { status: "duplicate_ignored", id: "b1" },
      { status: "invalid", error: expect.any(String) },
      { status: "accepted", id: "b2" },
    ]);
  });

  test("an event that nests too deeply costs the others nothing", async () => {
    const deep = `${structured({}).slice(0, -1)},"data":${"[".repeat(121)}${"]".repeat(121)}}`;
    const edge = `${structured({ id: "edge" }).slice(0, -1)},"data":${"[".repeat(120)}${"]".repeat(120)}}`;
    const answer = await post(`/hooks/team/demo/${token}`, `[${deep},${edge}]`, batch);
    expect(answer.json().results).toMatchObject([{ status: "invalid" }, { status: "accepted", id: "edge" }]);
  });

  test("no array, and too many, are errors", async () => {
    expect((await post(`/hooks/team/demo/${token}`, "{}", batch)).statusCode).toBe(400);
    expect((await post(`/hooks/team/demo/${token}`, `[${"1,".repeat(1_000)}1]`, batch)).statusCode).toBe(413);
    expect((await post(`/hooks/team/demo/${token}`, "[]", batch)).json()).toEqual({ results: [] });
  });
});

describe("GitHub", () => {
  const push = JSON.stringify({
    ref: "refs/heads/main",
    commits: [{}, {}, {}],
    sender: { login: "ana" },
    repository: { full_name: "acme/api" },
  });
  const headers = (body: string, delivery: string): Record<string, string> => ({
    "X-Hub-Signature-256": sign(body),
    "X-Github-Event": "push",
    "X-GitHub-Delivery": delivery,
  });

  test("the signature of kite-wire.md 15", () => {
    expect(sign('{"ref":"refs/heads/main"}')).toBe(
      "sha256=734981d708f802e269244f1374fa847e92707aa028e5d3b7a598a64ca6acea3d",
    );
  });

  test("a bare URL with a valid signature is enough, and says what happened", async () => {
    const answer = await post("/hooks/team/github", push, headers(push, "d1"));
    expect(answer.statusCode).toBe(202);
    expect(last()).toMatchObject({
      type: "com.github.push",
      source: "https://github.com/acme/api",
      summary: "ana pushed 3 commits to main in acme/api",
      verified: true,
      data: push,
    });
    expect(JSON.parse(last()?.headers ?? "")).toHaveProperty("x-hub-signature-256");
  });

  test("a delivery that comes again is the same event", async () => {
    const first = (await post("/hooks/team/github", push, headers(push, "d2"))).json();
    const again = await post("/hooks/team/github", push, headers(push, "d2"));
    expect([again.statusCode, again.json()]).toEqual([200, { status: "duplicate_ignored", id: first.id }]);
  });

  test.each([
    ["missing", {}, /missing/],
    ["malformed", { "x-hub-signature-256": "sha1=00" }, /cannot be read/],
    ["of another body", { "x-hub-signature-256": sign("other") }, /does not match/],
  ])("a signature that is %s is 401, even with the right token", async (_name, extra, message) => {
    const answer = await post(`/hooks/team/github/${githubToken}`, push, extra);
    expect(answer.statusCode).toBe(401);
    expect(answer.json().error).toMatch(message);
    expect(refusals.at(-1)).toMatchObject({ reason: "bad_signature", evidence: { header: "x-hub-signature-256" } });
  });

  test("form deliveries carry their JSON in one field", async () => {
    const form = `payload=${encodeURIComponent(push)}`;
    const answer = await post("/hooks/team/github", form, {
      ...headers(form, "d3"),
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(answer.statusCode).toBe(202);
    expect(last()).toMatchObject({ data: push, summary: "ana pushed 3 commits to main in acme/api" });
  });

  test("after a rotation, the old secret is good for ten minutes", async () => {
    const rotated = `${SECRET}-new`;
    await h.admin.createHook("team", "github", { webhookSecret: rotated });
    expect((await post("/hooks/team/github", push, headers(push, "d4"))).statusCode).toBe(202);
    const signed = `sha256=${createHmac("sha256", rotated).update(push).digest("hex")}`;
    expect(
      (await post("/hooks/team/github", push, { ...headers(push, "d5"), "x-hub-signature-256": signed })).statusCode,
    ).toBe(202);
  });
});

test("beyond a team's rate, posts are 429 with the seconds to wait", async () => {
  const limited = createHttpServer(pino({ level: "silent" }));
  const onRefusal = (): void => undefined;
  const receivedAt = async (): Promise<null> => null;
  const deps = { registry: h.registry, acceptor: h.log, onRefusal, now: Date.now, publicUrl: null, receivedAt };
  await rawBodies(limited, (scope) => {
    limitRates(scope, { teamRateLimit: 3, globalRateLimit: 0, now: () => 1_000, onRefusal });
    registerHookRoutes(scope, deps);
  });
  const answers = await Promise.all(
    Array.from({ length: 5 }, () =>
      limited.inject({
        method: "POST",
        url: `/hooks/team/demo/${token}`,
        payload: "1",
        headers: { "content-type": "application/json" },
      }),
    ),
  );
  expect(answers.map((answer) => answer.statusCode).sort()).toEqual([202, 202, 202, 429, 429]);
  const refused = answers.find((answer) => answer.statusCode === 429);
  expect(refused?.json()).toMatchObject({ error: "rate limit exceeded", retry_after_secs: 1 });
  expect(refused?.headers["retry-after"]).toBe("1");
  await limited.close();
});

test("no body and no header makes the endpoint fail", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.jsonValue().map((value) => structured({ data: value, kitefedchain: value })),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        text,
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      ),
      fc.constantFrom(
        "application/json",
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
        "application/x-www-form-urlencoded",
        "text/plain",
        ";;;",
        "a/b",
      ),
      async (body, type) => {
        const answer = await post(`/hooks/team/demo/${token}`, body, { "content-type": type });
        expect(answer.statusCode).toBeLessThan(500);
        expect(typeof answer.json()).toBe("object");
      },
    ),
    { numRuns: 200 },
  );
});
