import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isCloudEventString, parseStructured, renderEvent } from "../../src/shared/event/index.ts";
import { type ApiUnderTest, createApiUnderTest, TEAM } from "../api/api-under-test.ts";
import { HookDoor } from "../ingest/hook-door.ts";
import { SAMPLES, type Sample } from "../ingest/provider-samples.ts";
import { SECRETS, SIGNERS } from "../ingest/provider-signers.ts";
import { openRealHub } from "../support/real-hub.ts";
import { WireClient } from "./frames.ts";

let door: HookDoor;
let url: string;
const HOST = "hub.example";

beforeAll(async () => {
  door = await HookDoor.open();
  url = `/hooks/team/demo/${(await door.harness.admin.createHook("team", "demo")).token}`;
  for (const [provider, webhookSecret] of Object.entries(SECRETS))
    await door.harness.admin.createHook("team", provider, { webhookSecret });
});
afterAll(() => door.close());

/** Whatever came in, what goes out is a CloudEvent that every client can read. */
function expectReadable(): void {
  const event = door.last;
  if (event === undefined) return;
  const text = renderEvent(event, { ...event.copy, seq: event.seq });
  expect(parseStructured(text, JSON.parse(text))).toMatchObject({ ok: true });
  expect(event.summary === null || isCloudEventString(event.summary)).toBe(true);
}

/** Any value in the place of one of a JSON document, or the document with a member of its own in capitals. */
function replaceSomewhere(value: unknown, path: readonly number[], by: unknown): unknown {
  const [step = 0, ...rest] = path;
  if (typeof value !== "object" || value === null || path.length === 0) return by;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(keys.length, 1)];
  if (key === undefined) return by;
  const changed = replaceSomewhere((value as Record<string, unknown>)[key], rest, by);
  return Array.isArray(value)
    ? value.map((each, i) => (String(i) === key ? changed : each))
    : { ...value, [key]: changed };
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    null,
    "",
    "\u0000",
    "\ud800",
    "x".repeat(5_000),
    -1,
    1e300,
    [],
    {},
    { toString: 1 },
    { __proto__: 1 },
  ),
);

/** A sample with one of its values replaced; forms and JSON alike. */
const mutated = fc
  .tuple(fc.constantFrom(...SAMPLES), fc.array(fc.nat(20), { minLength: 1, maxLength: 5 }), anything)
  .map(([sample, path, by]): Sample => {
    if (sample.contentType === undefined)
      return { ...sample, body: JSON.stringify(replaceSomewhere(JSON.parse(sample.body), path, by)) ?? "null" };
    const fields = [...new URLSearchParams(sample.body)];
    const index = (path[0] ?? 0) % fields.length;
    const text = typeof by === "string" ? by : JSON.stringify(by);
    const changed = fields.map(([name, value], i) => (i === index ? [name, text] : [name, value]));
    return { ...sample, body: new URLSearchParams(changed as [string, string][]).toString() };
  });

/** A sample with some of its bytes cut, doubled or flipped. */
const damaged = fc
  .tuple(fc.constantFrom(...SAMPLES), fc.nat(), fc.nat(), fc.constantFrom("cut", "double", "flip"))
  .map(([sample, at, bit, how]): { sample: Sample; body: Buffer } => {
    const body = Buffer.from(sample.body);
    const index = at % body.length;
    if (how === "cut") return { sample, body: body.subarray(0, index) };
    if (how === "double") return { sample, body: Buffer.concat([body.subarray(0, index), body]) };
    const flipped = Buffer.from(body);
    flipped[index] = (flipped[index] ?? 0) ^ (1 << (bit % 8));
    return { sample, body: flipped };
  });

describe("endpoints", () => {
  it("take or refuse every mutation of a real webhook that is signed, and what they take is readable", async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async (sample) => {
        const { provider, body, headers, contentType = "application/json" } = sample;
        const path = `/hooks/team/${provider}`;
        const signature = await SIGNERS[provider]({
          body,
          secret: SECRETS[provider],
          url: `http://${HOST}${path}`,
          now: Date.now(),
        }).catch(
          // Some SDKs read the body before they sign; then it goes unsigned, and is refused.
          () => ({}),
        );
        const answer = await door.post(path, body, {
          host: HOST,
          "content-type": contentType,
          ...headers,
          ...signature,
        });
        expect([200, 202, 400, 401, 413]).toContain(answer.statusCode);
        expect(typeof answer.json()).toBe("object");
        expectReadable();
      }),
      { numRuns: 400 },
    );
  });

  it("take or refuse every damaged body, as JSON, form, event, batch or text", async () => {
    const types = [
      "application/json",
      "application/x-www-form-urlencoded",
      "application/cloudevents+json",
      "application/cloudevents-batch+json",
      "text/plain",
      "application/xml",
    ];
    await fc.assert(
      fc.asyncProperty(damaged, fc.constantFrom(...types), async ({ body }, type) => {
        const answer = await door.post(url, body, { "content-type": type });
        expect([200, 202, 400, 413]).toContain(answer.statusCode);
        expect(typeof answer.json()).toBe("object");
        expectReadable();
      }),
      { numRuns: 300 },
    );
  });

  it("bear any value of the headers they read", async () => {
    const names = SAMPLES.flatMap(({ headers }) => Object.keys(headers ?? {}));
    const read = [
      ...new Set(names),
      "authorization",
      "stripe-signature",
      "x-slack-signature",
      "x-slack-request-timestamp",
      "x-hub-signature-256",
      "linear-signature",
      "x-shopify-hmac-sha256",
      "x-twilio-signature",
      "x-pagerduty-signature",
      "ce-specversion",
      "ce-id",
      "ce-source",
      "ce-type",
      "ce-time",
      "ce-kitefedchain",
      "ce-kitefedhops",
      "ce-kiteoriginalheaders",
      "x-forwarded-host",
      "x-forwarded-proto",
    ];
    const latin = fc.string({
      unit: fc
        .integer({ min: 0x20, max: 0xff })
        .filter((c) => c !== 0x7f)
        .map((c) => String.fromCharCode(c)),
    });
    const value = fc.oneof(
      latin,
      fc.constantFrom("1.0", "", "v1=", "t=1,v1=", "sha256=", "%", "%E0%A4%A", "9".repeat(400)),
    );
    const providers = fc.constantFrom("demo", ...Object.keys(SECRETS));
    await fc.assert(
      fc.asyncProperty(providers, fc.dictionary(fc.constantFrom(...read), value), async (source, headers) => {
        const path = source === "demo" ? url : `/hooks/team/${source}`;
        const answer = await door.post(path, '{"a":1}', { "content-type": "application/json", ...headers });
        expect([200, 202, 400, 401]).toContain(answer.statusCode);
        expectReadable();
      }),
      { numRuns: 400 },
    );
  });

  it("bear any path", async () => {
    const segment = fc.oneof(fc.string(), fc.constantFrom("..", "%2e%2e", "%00", "team", "demo", "kite", "%ff", "a/b"));
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 4 }), async (segments) => {
        const path = `/hooks/${segments.map((part) => encodeURIComponent(part).replace(/%25/g, "%")).join("/")}`;
        const answer = await door.post(path, "{}");
        expect(answer.statusCode).toBeGreaterThanOrEqual(400);
        expect(answer.statusCode).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
  });
});

describe("the API", () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await createApiUnderTest();
  });
  afterAll(() => api.close());

  it.each([
    ["POST", "/api/v1/endpoints"],
    ["POST", "/api/v1/keys"],
    ["POST", "/api/v1/agents/messages"],
    ["POST", "/api/v1/endpoints/0197aa00-0000-7000-8000-000000000000/rotate-secret"],
  ] as const)("%s %s bears any body", async (method, path) => {
    const members = fc.dictionary(
      fc.constantFrom(
        "source",
        "webhook_secret",
        "name",
        "permissions",
        "scopes",
        "expires_at",
        "from",
        "to",
        "body",
        "payload",
        "other",
      ),
      fc.oneof(
        anything,
        fc.array(fc.string()),
        fc.constantFrom("stripe", "2099-01-01T00:00:00Z", ["read"], ["*"], "https://b/agents/x"),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(members, anything), async (value) => {
        const answer = await api.call(method, `${path}?team_id=${TEAM}`, { body: JSON.stringify(value) ?? "" });
        expect([201, 202, 400, 404, 413]).toContain(answer.status);
      }),
      { numRuns: 150 },
    );
  });
});

describe("the stream", () => {
  it("bears any frame, before and after the handshake", async () => {
    const { client } = await openRealHub({ instanceId: "hub" });
    const { url: hubUrl, apiKey, team } = client.address;
    const connect = { type: "connect", version: 1, token: apiKey, team_id: team, scopes: ["*"], client_id: null };
    const member = fc.oneof(
      anything,
      fc.constantFrom("connect", "ack", "request", "hooks.create", "keys.list", 1, ["*"], apiKey, team),
    );
    const names = fc.constantFrom(
      "type",
      "version",
      "token",
      "team_id",
      "scopes",
      "client_id",
      "seq",
      "id",
      "method",
      "params",
    );
    const frame = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.dictionary(names, member).map((value) => JSON.stringify(value)),
    );
    const wire = await WireClient.connect(hubUrl, connect);
    const admin = await WireClient.connect(hubUrl, { ...connect, token: client.address.adminKey });
    await fc.assert(
      fc.asyncProperty(frame, async (text) => {
        wire.send(text);
        admin.send(text);
        await Promise.all([wire.settled(), admin.settled()]);
        wire.frames.length = admin.frames.length = 0;
        const first = new WireClient(hubUrl);
        first.socket.once("open", () => first.send(text));
        await first.until(() => first.frames.length > 0).catch(() => undefined);
        expect(["error", "connected"]).toContain(first.frames[0]?.type);
        await first.vanish();
      }),
      { numRuns: 120 },
    );
    await wire.vanish();
    await admin.vanish();
  });
});
