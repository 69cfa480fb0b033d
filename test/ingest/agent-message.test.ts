import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HubError } from "../../src/main/hub/errors.ts";
import { agentMessage, agentRecipient } from "../../src/main/hub/ingest/agent-message.ts";
import { parseStructured, renderEvent } from "../../src/shared/event/index.ts";

const context = {
  team: "t",
  publicUrl: "https://a.kite.example.com/",
  now: Date.parse("2026-04-14T10:00:00Z"),
  newId: () => "0192d3a0-0000-7000-8000-000000000001",
};
const post = (body: unknown): ReturnType<typeof agentMessage> => agentMessage(JSON.stringify(body), context);

describe("a message of the protocol's shape", () => {
  test("becomes an event of kite-wire.md 10", () => {
    expect(post({ from: "alpha", to: "beta", body: "hello" })).toEqual({
      id: context.newId(),
      source: "https://getkite.sh/agents/alpha",
      type: "com.kite.agent.message",
      attrs: '"time":"2026-04-14T10:00:00.000Z","datacontenttype":"application/json"',
      data: '{"from":"alpha","to":"beta","body":"hello"}',
      summary: "[agent msg] alpha → beta: hello",
      headers: null,
      dataBytes: 43,
      team: "t",
      hook: null,
      via: null,
      copy: { origin: null, chain: "[]", hops: 0 },
      integrity: null,
      verified: false,
      agentTo: "beta",
      identity: `t\u0000https://getkite.sh/agents/alpha\u0000${context.newId()}`,
    });
  });

  test("thread_id and reply_to_id are kept when they are set, and left out when not", () => {
    const message = post({ from: "a", to: "b", body: "x", thread_id: "th", reply_to_id: "re", extra: 1 });
    expect(message.data).toBe('{"from":"a","to":"b","body":"x","thread_id":"th","reply_to_id":"re"}');
    expect(post({ from: "a", to: "b", body: "x", thread_id: null }).data).toBe('{"from":"a","to":"b","body":"x"}');
  });

  test("each message has an id of its own", () => {
    const text = JSON.stringify({ from: "a", to: "b", body: "x" });
    const fresh = { team: "t", publicUrl: "http://x", now: 0 };
    expect(agentMessage(text, fresh).id).not.toBe(agentMessage(text, fresh).id);
  });

  test.each([
    ["80 bytes", "x".repeat(80), "x".repeat(80)],
    ["81 bytes", "x".repeat(81), `${"x".repeat(80)}…`],
    ["a character that straddles the 80th byte", `${"x".repeat(79)}é`, `${"x".repeat(79)}…`],
    ["a character that ends with it", `${"x".repeat(78)}é`, `${"x".repeat(78)}é`],
    ["an emoji on the edge", `${"x".repeat(78)}😀y`, `${"x".repeat(78)}…`],
    ["wide characters", "漢".repeat(27), `${"漢".repeat(26)}…`],
    ["line breaks", "one\ntwo\u0000", "one two "],
    ["an unpaired surrogate", "a\ud800b", "a\ufffdb"],
  ])("the summary quotes 80 bytes: %s", (_name, body, quoted) => {
    expect(post({ from: "a", to: "b", body }).summary).toBe(`[agent msg] a → b: ${quoted}`);
  });

  test("ids that are no slugs make a source that is a URI all the same", () => {
    expect(post({ from: "Agent Ä <x>", to: "b", body: "x" }).source).toBe(
      "https://getkite.sh/agents/Agent%20%C3%84%20%3Cx%3E",
    );
  });

  test.each([
    [{ to: "b", body: "x" }, /from/],
    [{ from: "a", body: "x" }, /to/],
    [{ from: "a", to: "b" }, /body/],
    [{ from: "a", to: " ", body: "x" }, /to/],
    [{ from: "a\n", to: "b", body: "x" }, /from/],
    [{ from: "a", to: "b", body: 7 }, /body/],
    [{ from: "x".repeat(257), to: "b", body: "x" }, /from/],
    [{ from: "a", to: "b", body: "x", thread_id: 1 }, /thread_id/],
    [[], /\. body: .*must be an object/],
    [null, /\. body: .*must be an object/],
    ["x", /\. body: .*must be an object/],
  ])("%j is refused with the field that is wrong", (body, message) => {
    expect(() => post(body)).toThrow(message);
    expect(() => post(body)).toThrow(expect.objectContaining({ code: "bad_request" }));
  });

  test("a body over 256 KiB is too large, and what is no JSON is said so", () => {
    expect(() => post({ from: "a", to: "b", body: "x".repeat(262_144) })).toThrow(
      expect.objectContaining({ code: "too_large", details: { max_bytes: 262_144 } }),
    );
    expect(() => agentMessage("{", context)).toThrow(/JSON/);
  });
});

describe("a message to an agent on another instance", () => {
  test("keeps its payload byte for byte and names the agent at the end of the URL", () => {
    const text = `{"from":"orchestrator","to":"https://b.kite.example.com/agents/executor","payload":{ "n": 1.00, "__proto__": 1 }}`;
    const message = agentMessage(text, context);
    expect(message).toMatchObject({
      source: "https://a.kite.example.com/agents/orchestrator",
      type: "com.kite.agent.message",
      data: `{"to":"https://b.kite.example.com/agents/executor","payload":{ "n": 1.00, "__proto__": 1 }}`,
      agentTo: "executor",
    });
    expect(message.summary).toMatch(
      /^\[agent msg\] orchestrator → https:\/\/b\.kite\.example\.com\/agents\/executor: \{ "n"/,
    );
  });

  test.each([
    [{ from: "a", to: "https://b.example.com/", payload: {} }, /to/],
    [{ from: "a", to: "https://b.example.com/agents/x", payload: [] }, /payload/],
    [{ from: "a", to: "https://b.example.com/agents/x", payload: "x" }, /payload/],
  ])("%j is refused", (body, message) => {
    expect(() => post(body)).toThrow(message);
  });

  test("a payload that nests too deeply is refused", () => {
    const text = `{"from":"a","to":"b","payload":{"x":${"[".repeat(200)}${"]".repeat(200)}}}`;
    expect(() => agentMessage(text, context)).toThrow(/deeper/);
  });
});

test("whatever is posted is refused with a reason, or becomes an event that peers can read", () => {
  const text = fc.string({ unit: "binary", maxLength: 120 });
  const agent = fc.oneof(text, fc.constantFrom("alpha", "Agent Ä", "https://b.example.com/agents/executor"));
  const payload = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.dictionary(text, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 }),
  );
  const body = fc.record({ from: agent, to: agent, body: text, payload }, { requiredKeys: ["from", "to"] });
  let accepted = 0;
  fc.assert(
    fc.property(body, (value) => {
      let message: ReturnType<typeof agentMessage>;
      try {
        message = post(value);
      } catch (error) {
        expect(error).toBeInstanceOf(HubError);
        return;
      }
      accepted++;
      const wire = renderEvent(message, { seq: 1, ...message.copy });
      const parsed = parseStructured(wire, JSON.parse(wire));
      expect(parsed).toMatchObject({
        ok: true,
        event: { id: message.id, data: message.data, summary: message.summary },
      });
      expect(agentRecipient(message.type, message.data)).toBe(message.agentTo);
    }),
    { numRuns: 400 },
  );
  expect(accepted).toBeGreaterThan(40);
});

describe("the recipient of an event", () => {
  const type = "com.kite.agent.message";
  test.each([
    ["the protocol's shape", '{"from":"a","to":"beta","body":"x"}', "beta"],
    ["the URL shape", '{"to":"https://b.kite.example.com/agents/executor","payload":{}}', "executor"],
    ["a trailing slash, a query", '{"to":"https://b.example.com/agents/executor/?x=1"}', "executor"],
    ["an escaped segment", '{"to":"https://b.example.com/agents/my%20agent"}', "my agent"],
    ["a broken escape", '{"to":"https://b.example.com/agents/%zz"}', null],
    ["an escaped NUL", '{"to":"https://b.example.com/agents/%00"}', null],
    ["a URL without a path", '{"to":"https://b.example.com"}', null],
    ["no recipient", '{"from":"a"}', null],
    ["a recipient that is no text", '{"to":{"a":1}}', null],
    ["an empty one", '{"to":""}', null],
    ["a NUL", '{"to":"a\\u0000"}', null],
    ["an unpaired surrogate", '{"to":"\\ud800"}', null],
    ["a key from the prototype", '{"__proto__":{"to":"x"}}', null],
    ["an array", '["to"]', null],
    ["no object", '"to"', null],
    ["no JSON", "{", null],
    ["nothing", null, null],
  ])("%s", (_name, data, recipient) => {
    expect(agentRecipient(type, data)).toBe(recipient);
  });

  test("events of other types have none", () => {
    expect(agentRecipient("com.example.thing", '{"to":"beta"}')).toBeNull();
  });
});
