import { describe, expect, test } from "vitest";
import { HubError } from "../../../src/main/hub/errors.ts";
import { replayMark } from "../../../src/main/hub/federation/marks.ts";
import { fakeHub, fakePeer, push, sign, TOKEN, wireEvent } from "./fake-hub.ts";

const chain = (...ids: string[]): Record<string, unknown> => ({
  kitefedorigin: ids[0],
  kitefedchain: JSON.stringify(ids),
  kitefedhops: ids.length,
});

describe("one event", () => {
  test("the same event again is a duplicate, with the id that is stored", async () => {
    const hub = fakeHub();
    await push(hub, wireEvent());
    const again = await push(hub, wireEvent());
    expect(again).toMatchObject({ status: 200, body: { status: "duplicate_ignored", id: "evt-1" } });
    expect(again.body).not.toHaveProperty("conflict");
    const other = await push(hub, wireEvent({ data: { n: 2 } }));
    expect(other).toMatchObject({ status: 200, body: { status: "duplicate_ignored", id: "evt-1", conflict: true } });
    expect(hub.acceptor.accepted).toHaveLength(1);
  });

  test("data and unknown extensions keep their bytes", async () => {
    const hub = fakeHub();
    const data = '{ "big": 12345678901234567890, "e": 1.50, "u": "\\u00e9\\ud83d\\ude00" }';
    const body = `{"specversion":"1.0","id":"1","source":"s","type":"t","x":"\\u0041", "data" : ${data} }`;
    expect((await push(hub, body)).status).toBe(202);
    expect(hub.acceptor.accepted[0]?.data).toBe(data);
    expect(hub.acceptor.accepted[0]?.attrs).toBe('"x":"\\u0041"');
  });

  test("a structured event sent as application/json, or with a charset, is taken", async () => {
    const hub = fakeHub();
    for (const [id, type] of Object.entries({
      a: "application/json",
      b: "application/cloudevents+json; charset=utf-8",
      c: 'Application/CloudEvents+JSON;charset="UTF-8"',
    }))
      expect((await push(hub, wireEvent({ id }), { "content-type": type })).status).toBe(202);
  });

  test.each([
    ["text/plain", {}],
    ["", {}],
    ["application/cloudevents+json; charset=latin1", {}],
    ["application/cloudevents+json", { "content-encoding": "gzip" }],
  ])("content type %j with %j is refused with 415", async (type, headers) => {
    const hub = fakeHub();
    const answer = await push(hub, wireEvent(), { "content-type": type, ...headers });
    expect(answer.status).toBe(415);
    expect(hub.refusals).toMatchObject([{ reason: "invalid", peer: 1 }]);
  });

  test.each([
    ["invalid UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), /UTF-8/],
    ["no JSON", "{", /not valid JSON/],
    ["nothing", "", /not valid JSON/],
    ["a raw NUL", '{"a":"\u0000"}', /not valid JSON/],
    ["an array", JSON.stringify("x"), /JSON object/],
    ["no specversion", JSON.stringify({ ...wireEvent(), specversion: undefined }), /specversion/],
    ["another specversion", JSON.stringify(wireEvent({ specversion: "0.3" })), /specversion/],
    ["no id", JSON.stringify({ ...wireEvent(), id: undefined }), /"id" is missing/],
    ["an id that is no string", JSON.stringify(wireEvent({ id: 7 })), /"id"/],
    ["a NUL in the id", JSON.stringify(wireEvent({ id: "a\u0000b" })), /control character/],
    ["a line break in the type", JSON.stringify(wireEvent({ type: "a\nb" })), /control character/],
    ["a bad extension name", JSON.stringify(wireEvent({ "a-b": "x" })), /a-b/],
    ["a key from the prototype", `{"__proto__":{"x":1},${JSON.stringify(wireEvent()).slice(1)}`, /__proto__/],
    ["an object as extension", JSON.stringify(wireEvent({ constructor: { a: 1 } })), /constructor/],
    [
      "deep nesting",
      `${JSON.stringify(wireEvent()).slice(0, -1)},"data":${"[".repeat(200)}${"]".repeat(200)}}`,
      /deeper/,
    ],
    [
      "too many members",
      JSON.stringify(wireEvent(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x${i}`, 1])))),
      /at most 256/,
    ],
  ])("%s is a 400 that says so, and is recorded", async (_name, body, message) => {
    const hub = fakeHub();
    const answer = await push(hub, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatch(message);
    expect(hub.acceptor.accepted).toEqual([]);
    expect(hub.refusals).toMatchObject([{ reason: "invalid", peer: 1, team: "team-1" }]);
  });

  test("data of 262144 bytes is taken, one byte more is not; the provenance does not count", async () => {
    const hub = fakeHub();
    const data = (bytes: number): string => "x".repeat(bytes - 2);
    const long = chain(...Array.from({ length: 64 }, (_, i) => `instance-${i}-${"y".repeat(100)}`));
    expect((await push(hub, wireEvent({ ...long, data: data(262_144) }))).status).toBe(202);
    const answer = await push(hub, wireEvent({ id: "2", data: data(262_145) }));
    expect(answer).toMatchObject({ status: 413, body: { max_bytes: 262_144 } });
    expect(hub.refusals).toMatchObject([
      { reason: "too_large", eventId: "2", evidence: { bytes: 262_145, limit: 262_144 } },
    ]);
  });

  test("attributes and bodies over the limit are a 413, and multi-byte text is counted in bytes", async () => {
    const hub = fakeHub();
    expect((await push(hub, wireEvent({ x: "é".repeat(140_000) }))).status).toBe(413);
    expect((await push(hub, wireEvent({ x: "é".repeat(120_000) }))).status).toBe(202);
    const huge = await push(hub, wireEvent({ data: "x".repeat(800_000) }));
    expect(huge).toMatchObject({ status: 413, body: { max_bytes: 262_144 } });
  });

  test("an event that has been here is answered 200 and not stored", async () => {
    const hub = fakeHub();
    const answer = await push(hub, wireEvent(chain("me", "instance-a")));
    expect(answer).toMatchObject({ status: 200, body: { status: "own_id_in_chain", id: "evt-1" } });
    expect(hub.acceptor.accepted).toEqual([]);
    expect(hub.refusals).toMatchObject([
      {
        reason: "own_id_in_chain",
        eventId: "evt-1",
        eventSource: "https://a.example.com",
        eventType: "com.example.thing",
        evidence: { instance: "me", chain: ["me", "instance-a"] },
      },
    ]);
  });

  test("an internal type is refused from outside", async () => {
    const hub = fakeHub();
    const answer = await push(hub, wireEvent({ type: "kite.federation.delivery_failed" }));
    expect(answer).toMatchObject({ status: 400, body: { reason: "internal_event" } });
    expect(hub.refusals).toMatchObject([{ reason: "internal_event" }]);
  });

  test.each([
    ["a chain of 10,000 ids", { kitefedchain: JSON.stringify(Array.from({ length: 10_000 }, (_, i) => `i${i}`)) }],
    ["a chain that is an object", { kitefedchain: '{"a":1}' }],
    ["a chain with a number", { kitefedchain: "[1]" }],
    ["an id with a control character", { kitefedchain: '["a\\u0000"]' }],
    ["an id that is too long", { kitefedchain: JSON.stringify(["x".repeat(129)]) }],
    ["an origin that is too long", { kitefedorigin: "x".repeat(129) }],
  ])("%s is out of bounds", async (_name, provenance) => {
    const hub = fakeHub();
    const answer = await push(hub, wireEvent(provenance));
    expect(answer).toMatchObject({ status: 400, body: { reason: "provenance_invalid" } });
    expect(hub.refusals).toMatchObject([{ reason: "provenance_invalid", eventId: "evt-1" }]);
    expect(hub.acceptor.accepted).toEqual([]);
  });

  test.each([
    ["a forged caller", chain("instance-a", "someone-else"), "caller_mismatch", 2],
    ["hops that are too few", { kitefedhops: 0 }, "hops_mismatch", 1],
    ["hops that are too many", { kitefedhops: 7 }, "hops_mismatch", 7],
    ["negative hops", { kitefedhops: -3 }, "hops_mismatch", 1],
    [
      "fractional hops",
      { kitefedchain: '["b","instance-a"]', kitefedorigin: "b", kitefedhops: "1.5" },
      "hops_mismatch,unparsable",
      2,
    ],
    ["hops beyond every column", { kitefedhops: 2_147_483_647 }, "hops_mismatch", 32_767],
    ["another origin", { kitefedorigin: "elsewhere" }, "origin_mismatch", 1],
    ["a repeated id", chain("instance-a", "b", "instance-a"), "repeated_id", 3],
    [
      "no provenance at all",
      { kitefedorigin: undefined, kitefedchain: undefined, kitefedhops: undefined },
      "caller_mismatch",
      0,
    ],
  ])("%s is kept and marked", async (_name, provenance, integrity, hops) => {
    const hub = fakeHub();
    expect((await push(hub, wireEvent(provenance))).status).toBe(202);
    expect(hub.acceptor.accepted[0]?.integrity?.split(",")).toEqual(expect.arrayContaining(integrity.split(",")));
    expect(hub.acceptor.accepted[0]?.copy.hops).toBe(hops);
  });

  test("agent messages of both shapes name their recipient", async () => {
    const hub = fakeHub();
    const type = "com.kite.agent.message";
    await push(hub, wireEvent({ id: "1", type, data: { from: "x", to: "executor", body: "hi" } }));
    await push(
      hub,
      wireEvent({ id: "2", type, data: { to: "https://b.kite.example.com/agents/executor", payload: {} } }),
    );
    expect(hub.acceptor.accepted.map((event) => event.agentTo)).toEqual(["executor", "executor"]);
  });
});

describe("learning the peer's instance id", () => {
  test("the last id of a faultless chain is learned once, and held against later ones", async () => {
    const hub = fakeHub([fakePeer({ instanceId: null, instanceIdFrom: null })]);
    await push(hub, wireEvent({ id: "1" }));
    await push(hub, wireEvent({ id: "2" }));
    await push(hub, wireEvent({ id: "3", ...chain("someone-else") }));
    expect(hub.learned).toEqual([[1, "instance-a"]]);
    expect(hub.acceptor.accepted.map((event) => event.integrity)).toEqual([null, null, "caller_mismatch"]);
  });

  test("nothing is learned from a chain with a fault, from an empty one, or when the id is known", async () => {
    const unknown = fakeHub([fakePeer({ instanceId: null })]);
    await push(unknown, wireEvent({ id: "1", kitefedhops: 9 }));
    await push(
      unknown,
      wireEvent({ id: "2", kitefedorigin: undefined, kitefedchain: undefined, kitefedhops: undefined }),
    );
    expect(unknown.learned).toEqual([]);
    const known = fakeHub();
    await push(known, wireEvent(chain("other")));
    expect(known.learned).toEqual([]);
  });

  test("what could not be kept is learned again from the next chain", async () => {
    let calls = 0;
    const hub = fakeHub([fakePeer({ instanceId: null })], {
      onLearn: async () => {
        if (calls++ === 0) throw new Error("database away");
      },
    });
    await push(hub, wireEvent({ id: "1" }));
    await push(hub, wireEvent({ id: "2" }));
    await push(hub, wireEvent({ id: "3" }));
    expect(calls).toBe(2);
  });
});

describe("a batch", () => {
  test("every event has its result, in the order of the request", async () => {
    const hub = fakeHub();
    await push(hub, wireEvent({ id: "old" }));
    const body = [
      wireEvent({ id: "new" }),
      wireEvent({ id: "old" }),
      wireEvent({ id: "been-here", ...chain("me", "instance-a") }),
      wireEvent({ id: "unbounded", kitefedchain: "[1]" }),
      wireEvent({ id: "internal", type: "kite.federation.delivery_failed" }),
      wireEvent({ id: "large", data: "x".repeat(262_144) }),
      { id: "no-event", source: 7 },
      17,
      wireEvent({ id: "old", data: "other" }),
      wireEvent({ id: "last" }),
    ];
    const source = "https://a.example.com";
    const answer = await push(hub, body);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ "x-kite-accepts": "batch, probe" });
    expect(answer.body).toEqual({
      results: [
        { id: "new", source, status: "accepted" },
        { id: "old", source, status: "duplicate" },
        { id: "been-here", source, status: "own_id_in_chain" },
        { id: "unbounded", source, status: "provenance_invalid", error: expect.stringContaining("array of strings") },
        { id: "internal", source, status: "internal_event", error: expect.stringContaining("internal") },
        { id: "large", source, status: "too_large", error: expect.stringContaining("262144") },
        { id: "no-event", source: null, status: "invalid", error: expect.stringContaining("specversion") },
        { id: null, source: null, status: "invalid", error: expect.stringContaining("JSON object") },
        { id: "old", source, status: "duplicate", conflict: true },
        { id: "last", source, status: "accepted" },
      ],
    });
    expect(hub.acceptor.accepted.map((event) => event.id)).toEqual(["old", "new", "last"]);
    expect(hub.refusals.map((refusal) => refusal.reason)).toEqual([
      "own_id_in_chain",
      "provenance_invalid",
      "internal_event",
      "too_large",
      "invalid",
      "invalid",
    ]);
  });

  test("one event that nests too deeply fails alone, and the others keep their bytes", async () => {
    const hub = fakeHub();
    const deep = `{"specversion":"1.0","id":"deep","source":"s","type":"t","data":${"[".repeat(5_000)}${"]".repeat(5_000)}}`;
    const fine = `{"specversion":"1.0","id":"fine","source":"s","type":"t","data":{"n":12345678901234567890,"s":"],[\\"{"}}`;
    const answer = await push(hub, ` [ ${deep} , ${fine},${fine.replace("fine", "too")} ] `, {
      "content-type": "application/cloudevents-batch+json",
    });
    expect(answer.body).toMatchObject({ results: [{ id: "deep", status: "invalid" }, { id: "fine" }, { id: "too" }] });
    expect(hub.acceptor.accepted.map((event) => event.data)).toEqual(
      Array.from({ length: 2 }, () => '{"n":12345678901234567890,"s":"],[\\"{"}'),
    );
  });

  test("an event that may come alone may come in a batch: nesting is counted from its data", async () => {
    const data = `${"[".repeat(120)}${"]".repeat(120)}`;
    const text = `{"specversion":"1.0","id":"1","source":"s","type":"t","data":${data}}`;
    expect((await push(fakeHub(), text)).status).toBe(202);
    const answer = await push(fakeHub(), `[${text}]`, { "content-type": "application/cloudevents-batch+json" });
    expect(answer.body).toMatchObject({ results: [{ status: "accepted" }] });
  });

  test("an empty batch has no results; what is no array, or too long, is refused whole", async () => {
    const hub = fakeHub();
    expect((await push(hub, [])).body).toEqual({ results: [] });
    const type = { "content-type": "application/cloudevents-batch+json" };
    expect((await push(hub, wireEvent(), type)).status).toBe(400);
    const many = Array.from({ length: 257 }, (_, i) => wireEvent({ id: `${i}` }));
    expect(await push(hub, many)).toMatchObject({ status: 413, body: { max_events: 256 } });
    expect((await push(hub, many.slice(1))).status).toBe(200);
    const fat = await push(hub, Buffer.alloc(4 * 1024 * 1024 + 1, "x"), type);
    expect(fat).toMatchObject({ status: 413, body: { max_bytes: 4_194_304 } });
  });

  test("only the database fails a whole batch", async () => {
    const hub = fakeHub();
    hub.acceptor.failure = () => new HubError("unavailable", undefined, { retry_after_secs: 3 });
    const answer = await push(hub, [wireEvent()]);
    expect(answer.status).toBe(503);
    expect(answer.headers).toMatchObject({ "retry-after": "3", "x-kite-accepts": "batch, probe" });
    hub.acceptor.failure = () => new HubError("stopping");
    expect(await push(hub, wireEvent())).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
  });

  test("an event that the database refuses for good fails alone", async () => {
    const hub = fakeHub();
    hub.acceptor.failure = (candidate) => (candidate.id === "bad" ? new HubError("unstorable") : null);
    const answer = await push(
      hub,
      ["good", "bad", "fine"].map((id) => wireEvent({ id })),
    );
    expect(answer).toMatchObject({
      status: 200,
      body: { results: [{ id: "good", status: "duplicate" }, { id: "bad", status: "invalid" }, { id: "fine" }] },
    });
    expect(hub.acceptor.accepted.map((event) => event.id)).toEqual(["good", "fine"]);
    expect((await push(hub, wireEvent({ id: "bad" }))).status).toBe(400);
  });
});

describe("a replay mark", () => {
  const body = JSON.stringify(wireEvent());
  const mark = (entry: string, signature: string, token = TOKEN): Record<string, string> => ({
    "x-kite-replay": entry,
    "x-kite-replay-signature": sign(replayMark(entry, signature), token),
  });

  test("its signature is made over the entry and the signature of the body", () => {
    expect(replayMark("17-2-0", "sha256=ab")).toBe("replay:17-2-0:sha256=ab");
  });

  test("shows an event that is here to listeners again", async () => {
    const hub = fakeHub();
    await push(hub, body);
    const answer = await push(hub, body, mark("17-2-0", sign(body)));
    expect(answer).toMatchObject({ status: 200, body: { status: "replayed", id: "evt-1" } });
    expect(hub.replayed).toEqual([1]);
  });

  test("an event that is new here is simply accepted", async () => {
    const hub = fakeHub();
    expect((await push(hub, body, mark("17-2-0", sign(body)))).status).toBe(202);
    expect(hub.replayed).toEqual([]);
  });

  test.each([
    ["made for another body", mark("17-2-0", sign("another body"))],
    ["made for another entry", { ...mark("17-2-0", sign(body)), "x-kite-replay": "18-2-0" }],
    ["made with another token", mark("17-2-0", sign(body), "other")],
    ["without a signature", { "x-kite-replay": "17-2-0" }],
  ])("a mark %s is ignored and recorded", async (_name, headers) => {
    const hub = fakeHub();
    await push(hub, body);
    const answer = await push(hub, body, headers);
    expect(answer).toMatchObject({ status: 200, body: { status: "duplicate_ignored" } });
    expect(hub.replayed).toEqual([]);
    expect(hub.refusals).toMatchObject([{ reason: "bad_signature", evidence: { header: "x-kite-replay-signature" } }]);
  });

  test("a conflict, or an event that is not retained, is a duplicate and nothing is shown", async () => {
    const hub = fakeHub();
    await push(hub, body);
    const other = JSON.stringify(wireEvent({ data: 2 }));
    expect((await push(hub, other, mark("1-1-0", sign(other)))).body).toMatchObject({ conflict: true });
    expect(hub.replayed).toEqual([]);
    const gone = fakeHub([fakePeer()], { replayer: { replayToListeners: async () => [null] } });
    await push(gone, body);
    expect((await push(gone, body, mark("1-1-0", sign(body)))).body).toMatchObject({ status: "duplicate_ignored" });
  });
});
