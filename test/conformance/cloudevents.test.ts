import { CloudEvent, type CloudEventV1, HTTP } from "cloudevents";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderEvent } from "../../src/shared/event/index.ts";
import { HookDoor } from "../ingest/hook-door.ts";

// CloudEvents 1.0: the JSON format, and the HTTP protocol binding in its three modes. The project's own SDK writes the
// requests, and reads what the hub made of them.

let door: HookDoor;
let url: string;

beforeAll(async () => {
  door = await HookDoor.open();
  const { token } = await door.harness.admin.createHook("team", "demo");
  url = `/hooks/team/demo/${token}`;
});
afterAll(() => door.close());

const STRUCTURED = { "content-type": "application/cloudevents+json; charset=UTF-8" };
const BATCH = { "content-type": "application/cloudevents-batch+json" };
let ids = 0;
const attributes = (more: object = {}): Record<string, unknown> => ({
  specversion: "1.0",
  id: `ce-${++ids}`,
  source: "/conformance",
  type: "com.example.conformance",
  ...more,
});
const structured = (more: object = {}) => door.post(url, JSON.stringify(attributes(more)), STRUCTURED);

/** The newest event as listeners get it, read by the SDK, which throws on what is no CloudEvent. */
function delivered(): CloudEventV1<unknown> {
  const event = door.last;
  if (event === undefined) throw new Error("nothing was accepted");
  return new CloudEvent(
    JSON.parse(renderEvent(event, { ...event.copy, seq: event.seq })) as Partial<CloudEventV1<unknown>>,
  );
}

/** True when the newest event is a request that was wrapped because it was no CloudEvent. */
const wasWrapped = (): boolean => door.last?.type === "com.demo.event";

describe("structured mode", () => {
  it.each([
    ["the required attributes alone", {}],
    [
      "every optional attribute",
      {
        subject: "a/b",
        time: "2026-04-14T10:00:00.123456789+02:00",
        dataschema: "https://example.com/s#1",
        datacontenttype: "application/vnd.example+json",
      },
    ],
    ["a URI reference as source", { source: "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66" }],
    ["a relative source", { source: "../x?y#z" }],
    [
      "extensions of every type that JSON has one for",
      {
        str: "tëxt €",
        int: -2147483648,
        yes: true,
        no: false,
        uri: "https://e.com/",
        when: "2026-01-01T00:00:00Z",
        bin: "AAEC",
      },
    ],
    ["names of digits, and of more than 20 letters", { "1": "one", abcdefghijklmnopqrstuvwxyz: "long" }],
    ["data that is an object, an array, a string, a number, a boolean", { data: { a: [1, "2", true, null] } }],
    ["a string", { data: "text", datacontenttype: "text/plain" }],
    ["a number", { data: 1.5 }],
    ["false", { data: false }],
    ["binary data", { data_base64: "AAECAwQF/+8=", datacontenttype: "application/octet-stream" }],
    ["empty binary data", { data_base64: "" }],
  ])("keeps %s", async (_name, more) => {
    const answer = await structured(more);
    expect(answer.statusCode).toBe(202);
    expect(wasWrapped()).toBe(false);
    const event = delivered();
    for (const [name, value] of Object.entries(more)) {
      if (name === "data_base64") expect(event.data_base64 ?? "").toBe(value);
      else if (name === "time") expect(Date.parse(event.time ?? "")).toBe(Date.parse(String(value)));
      else expect(event[name]).toEqual(value);
    }
  });

  it("keeps the text of data, byte for byte, and of numbers that JavaScript cannot hold", async () => {
    const data = '{ "big": 12345678901234567890.10, "e": 1E400, "u": "\\u00e9" }';
    await door.post(url, `{"specversion":"1.0","id":"bytes","source":"/s","type":"t","data":${data}}`, STRUCTURED);
    expect(door.last?.data).toBe(data);
  });

  it("takes null for an attribute as its absence", async () => {
    await structured({ subject: null, ext: null, data: null });
    expect(wasWrapped()).toBe(false);
    expect(delivered()).not.toHaveProperty("ext");
  });

  it.each([
    ["no id", { id: undefined }],
    ["an empty id", { id: "" }],
    ["an id that is a number", { id: 7 }],
    ["no source", { source: undefined }],
    ["an empty source", { source: "" }],
    ["a source with a space", { source: "a b" }],
    ["no type", { type: undefined }],
    ["an empty type", { type: "" }],
    ["no specversion", { specversion: undefined }],
    ["another specversion", { specversion: "0.3" }],
    ["a name in capitals", { myExtension: "x" }],
    ["a name with a hyphen", { "kite-verified": "true" }],
    ["a name with an underscore", { my_ext: "x" }],
    ["an extension that is an object", { ext: { a: 1 } }],
    ["an extension that is an array", { ext: [1] }],
    ["an extension that is a fraction", { ext: 1.5 }],
    ["a time that is none", { time: "yesterday" }],
    ["a time without an offset", { time: "2026-04-14T10:00:00" }],
    ["an empty subject", { subject: "" }],
    ["a control character", { subject: "a\u0007b" }],
    ["data and data_base64", { data: 1, data_base64: "AA==" }],
    ["data_base64 that is none", { data_base64: "not base64!" }],
  ])("%s is no CloudEvent, so the body is wrapped, without a word", async (_name, more) => {
    const body = JSON.stringify(attributes(more));
    const answer = await door.post(url, body, STRUCTURED);
    expect(answer.statusCode).toBe(202);
    expect([wasWrapped(), door.last?.data]).toEqual([true, body]);
  });

  it("is read as the SDK writes it", async () => {
    const event = new CloudEvent({
      type: "com.example.sdk",
      source: "/sdk",
      data: { hello: "wörld" },
      subject: "s",
      traceparent: "00-abc",
    });
    const { headers, body } = HTTP.structured(event);
    await door.post(url, String(body), headers as Record<string, string>);
    expect(delivered()).toMatchObject({
      id: event.id,
      type: event.type,
      subject: "s",
      traceparent: "00-abc",
      data: event.data,
    });
  });
});

describe("binary mode", () => {
  const binary = (headers: Record<string, string>, body: string | Buffer = '{"n":1}') =>
    door.post(url, body, {
      "ce-specversion": "1.0",
      "ce-id": `bin-${++ids}`,
      "ce-source": "/bin",
      "ce-type": "com.example.bin",
      ...headers,
    });

  it("is read as the SDK writes it", async () => {
    const event = new CloudEvent({
      type: "com.example.sdk",
      source: "/sdk",
      data: { hello: "wörld" },
      time: "2026-04-14T10:00:00.000Z",
      ext: "x",
    });
    const { headers, body } = HTTP.binary(event);
    const answer = await door.post(url, String(body), headers as Record<string, string>);
    expect([answer.statusCode, answer.json().id]).toEqual([202, event.id]);
    expect(delivered()).toMatchObject({
      id: event.id,
      type: event.type,
      source: "/sdk",
      time: event.time,
      ext: "x",
      data: event.data,
    });
  });

  it("takes the content type as datacontenttype, and JSON byte for byte", async () => {
    await binary({ "content-type": "application/vnd.acme+json; charset=utf-8" }, '{ "n": 1.10 }');
    expect(door.last?.data).toBe('{ "n": 1.10 }');
    expect(delivered().datacontenttype).toBe("application/vnd.acme+json; charset=utf-8");
  });

  it("keeps text as a string, and other bytes as Base64", async () => {
    await binary({ "content-type": "text/plain" }, 'say "hi"');
    expect(delivered().data).toBe('say "hi"');
    const bytes = Buffer.from([0, 1, 2, 255]);
    await binary({ "content-type": "application/octet-stream" }, bytes);
    expect(delivered().data_base64).toBe(bytes.toString("base64"));
  });

  it("has no data without a body", async () => {
    await binary({}, "");
    expect(door.last?.data).toBeNull();
    expect(door.last?.type).toBe("com.example.bin");
  });

  it("decodes percent-encoded values", async () => {
    await binary({ "ce-subject": "Euro%20%E2%82%AC%20%F0%9F%98%80 100%", "ce-ext": "%22q%22" });
    expect(delivered()).toMatchObject({ subject: "Euro € 😀 100%", ext: '"q"' });
  });

  it("carries provenance, whose hops are a decimal string here", async () => {
    await binary({ "ce-kitefedorigin": "x", "ce-kitefedchain": '["x"]', "ce-kitefedhops": "1" });
    expect(door.last?.copy).toEqual({ origin: "x", chain: '["x"]', hops: 1 });
  });

  it("knows the same event in another mode", async () => {
    await binary({ "ce-id": "both-modes" });
    const answer = await structured({ id: "both-modes", source: "/bin", type: "com.example.bin", data: { n: 1 } });
    expect(answer.json()).toMatchObject({ status: "duplicate_ignored", id: "both-modes" });
  });

  it("is held to the limit of one event", async () => {
    const answer = await binary({ "content-type": "application/octet-stream" }, Buffer.alloc(262_145));
    expect([answer.statusCode, answer.json().max_bytes]).toEqual([413, 262_144]);
  });

  it.each([
    ["without an id", { "ce-id": "" }],
    ["of another version", { "ce-specversion": "0.3" }],
    ["with a bad time", { "ce-time": "now" }],
    ["with a name that no attribute may have", { "ce-my-ext": "x" }],
    ["with an encoding that is no UTF-8", { "ce-subject": "%ff%fe" }],
  ])("%s is a webhook like any other", async (_name, headers) => {
    expect((await binary(headers)).statusCode).toBe(202);
    expect([wasWrapped(), door.last?.data]).toEqual([true, '{"n":1}']);
  });
});

describe("batched mode", () => {
  it("takes each event for itself", async () => {
    const events = [
      attributes({ data: 1 }),
      attributes({ data_base64: "AA==" }),
      attributes({ id: "" }),
      attributes({ ext: "x" }),
    ];
    const answer = await door.post(url, JSON.stringify(events), BATCH);
    expect(answer.statusCode).toBe(200);
    expect(answer.json().results.map(({ status }: { status: string }) => status)).toEqual([
      "accepted",
      "accepted",
      "invalid",
      "accepted",
    ]);
  });

  it("may be empty, and must be an array", async () => {
    expect((await door.post(url, "[]", BATCH)).json()).toEqual({ results: [] });
    expect((await door.post(url, JSON.stringify(attributes()), BATCH)).statusCode).toBe(400);
  });
});
