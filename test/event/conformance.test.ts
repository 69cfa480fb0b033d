import { CloudEvent } from "cloudevents";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseStructured, renderEvent } from "../../src/shared/event/index.ts";

/** What the CloudEvents project's own SDK says of an event; strict validation throws. */
function accepted(value: Record<string, unknown>): boolean {
  try {
    return new CloudEvent(value, true).validate();
  } catch {
    return false;
  }
}

const name = fc.stringMatching(/^[a-z0-9]{1,20}$/).filter((key) => key !== "data" && key !== "specversion");
const text = fc.stringMatching(/^[\w .:/-]{1,30}$/).filter((s) => s.trim() === s);
const event = fc
  .record({
    id: text,
    source: fc.webUrl(),
    type: fc.stringMatching(/^[a-z]{1,8}(\.[a-z]{1,8}){0,3}$/),
    time: fc
      .date({ noInvalidDate: true, min: new Date("1970-01-01"), max: new Date("2999-01-01") })
      .map((d) => d.toISOString()),
    subject: text,
    data: fc.jsonValue().filter((data) => data !== null),
    extensions: fc.dictionary(name, fc.oneof(text, fc.boolean(), fc.integer()), { maxKeys: 4 }),
  })
  .map(({ extensions, ...rest }) => ({
    ...extensions,
    ...rest,
    specversion: "1.0",
    datacontenttype: "application/json",
  }));

test("what the CloudEvents SDK accepts, we accept, and hand on with every attribute", () => {
  fc.assert(
    fc.property(event, (value) => {
      fc.pre(accepted(value));
      const body = JSON.stringify(value);
      const parsed = parseStructured(body, JSON.parse(body));
      if (!parsed.ok) throw new Error(parsed.problem);
      const copy = { origin: null, chain: "[]", hops: 0 };
      const { kiteseq: _seq, ...expected } = JSON.parse(body) as Record<string, unknown>;
      expect(JSON.parse(renderEvent(parsed.event, copy))).toEqual(expected);
    }),
  );
});

test("what we hand on, the CloudEvents SDK accepts", () => {
  fc.assert(
    fc.property(event, (value) => {
      const body = JSON.stringify(value);
      const parsed = parseStructured(body, JSON.parse(body));
      fc.pre(parsed.ok);
      if (!parsed.ok) return;
      const rendered = JSON.parse(renderEvent(parsed.event, { seq: 3, origin: "a", chain: '["a"]', hops: 1 }));
      expect(accepted(rendered)).toBe(true);
    }),
  );
});

test.each(["id", "source", "type", "specversion"])("without %s, neither accepts", (missing) => {
  const value: Record<string, unknown> = { specversion: "1.0", id: "1", source: "https://x", type: "t" };
  delete value[missing];
  const body = JSON.stringify(value);
  expect(parseStructured(body, JSON.parse(body)).ok).toBe(false);
});
