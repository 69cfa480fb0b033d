import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arraySlices,
  assertDepth,
  isCloudEventString,
  MAX_DEPTH,
  objectSlices,
  parseStructured,
  renderEvent,
  TooDeepError,
  utf8Length,
} from "../../src/shared/event/index.ts";

const parse = (text: string) => parseStructured(text, JSON.parse(text));
const event = (change: object): string =>
  JSON.stringify({ specversion: "1.0", id: "1", source: "https://x", type: "com.x.y", ...change });

describe("slices", () => {
  test("every member of any JSON object comes out as it went in", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const slices = objectSlices(text);
        // JSON.parse orders integer-like names first, so names are compared as sets.
        expect(new Map(slices.map(({ name, raw }) => [name, JSON.parse(raw)]))).toEqual(
          new Map(Object.entries(JSON.parse(text))),
        );
      }),
    );
  });

  test("every element of any JSON array comes out as it went in", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.nat(3), (array, indent) => {
        const text = JSON.stringify(array, null, indent);
        expect(arraySlices(text).map((raw) => JSON.parse(raw))).toEqual(JSON.parse(text));
      }),
    );
  });

  test("a name that comes twice keeps its last value, as in JSON.parse", () => {
    expect(objectSlices('{"a":1,"b":2,"\\u0061":3}')).toEqual([
      { name: "a", raw: "3" },
      { name: "b", raw: "2" },
    ]);
  });

  test("digits that a number in JavaScript cannot hold survive", () => {
    const text = event({}).replace(/}$/, ',"data":{"n":12345678901234567890.10}}');
    const parsed = parse(text);
    expect(parsed.ok && parsed.event.data).toBe('{"n":12345678901234567890.10}');
  });

  test("nesting is counted, and brackets in strings are not", () => {
    const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
    expect(() => assertDepth(nested(MAX_DEPTH))).not.toThrow();
    expect(() => assertDepth(nested(MAX_DEPTH + 1))).toThrow(TooDeepError);
    expect(() => assertDepth(nested(100_000))).toThrow(TooDeepError);
    expect(() => assertDepth(JSON.stringify("[".repeat(1_000)))).not.toThrow();
  });
});

describe("structured events", () => {
  test.each([
    ["no object", "[]"],
    ["another version", event({ specversion: "0.3" })],
    ["no id", event({ id: undefined })],
    ["a null id", event({ id: null })],
    ["an empty type", event({ type: "" })],
    ["a numeric id", event({ id: 7 })],
    ["a source with a space", event({ source: "not a uri" })],
    ["a time that is none", event({ time: "yesterday" })],
    ["a time with a thirteenth month", event({ time: "2026-13-01T00:00:00Z" })],
    ["an upper-case extension", event({ Extension: "x" })],
    ["a hyphenated extension", event({ "kite-verified": "true" })],
    ["a float extension", event({ ratio: 0.5 })],
    ["an object extension", event({ nested: {} })],
    ["an array extension", event({ list: [] })],
    ["a control character", event({ subject: "a\u0000b" })],
    ["a lone surrogate", `${event({}).slice(0, -1)},"subject":"\\ud800"}`],
    ["data twice", event({ data: 1, data_base64: "AA==" })],
    ["base64 that is none", event({ data_base64: "%%%" })],
    ["a prototype key", `${event({}).slice(0, -1)},"__proto__":{"id":"x"}}`],
    ["headers that are no object", event({ kiteoriginalheaders: "[]" })],
  ])("%s is refused with a sentence", (_name, text) => {
    const parsed = parse(text);
    expect(parsed).toMatchObject({ ok: false, problem: expect.stringMatching(/\w{3,}/) });
  });

  test("a null attribute counts as absent, and kiteseq belongs to the sender", () => {
    const parsed = parse(event({ subject: null, kiteseq: 99, kitesummary: "hello", partitionkey: "p" }));
    expect(parsed).toMatchObject({ ok: true, event: { attrs: '"partitionkey":"p"', summary: "hello" } });
  });

  test("provenance comes out unread", () => {
    const parsed = parse(event({ kitefedorigin: "a", kitefedchain: '["a"]', kitefedhops: "1" }));
    expect(parsed).toMatchObject({ ok: true, wire: { origin: "a", chain: '["a"]', hops: "1" } });
  });

  test("reading what was rendered gives the same event, whatever is in it", () => {
    const attribute = fc.string().filter(isCloudEventString);
    fc.assert(
      fc.property(
        fc.record({
          id: attribute.filter((s) => s !== ""),
          subject: fc.option(
            attribute.filter((s) => s !== ""),
            { nil: undefined },
          ),
          summary: fc.option(attribute, { nil: undefined }),
          data: fc.option(fc.jsonValue(), { nil: undefined }),
        }),
        ({ id, subject, summary, data }) => {
          const text = event({ id, subject, kitesummary: summary, data });
          const first = parse(text);
          if (!first.ok) throw new Error(first.problem);
          const copy = { seq: 7, origin: "a", chain: '["a","b"]', hops: 2 };
          const second = parse(renderEvent(first.event, copy));
          expect(second).toMatchObject({ ok: true, event: first.event });
          expect(JSON.parse(renderEvent(first.event, copy))).toMatchObject({
            id,
            kiteseq: 7,
            kitefedorigin: "a",
            kitefedchain: '["a","b"]',
            kitefedhops: 2,
          });
        },
      ),
    );
  });

  test("a local event is rendered without provenance", () => {
    const parsed = parse(event({}));
    if (!parsed.ok) throw new Error(parsed.problem);
    const rendered = JSON.parse(renderEvent(parsed.event, { seq: 1, origin: null, chain: "[]", hops: 0 }));
    expect(rendered).toEqual({ specversion: "1.0", id: "1", source: "https://x", type: "com.x.y", kiteseq: 1 });
  });
});

test("UTF-8 lengths are those of an encoder", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      fc.pre(text.isWellFormed());
      expect(utf8Length(text)).toBe(Buffer.byteLength(text));
    }),
  );
});
