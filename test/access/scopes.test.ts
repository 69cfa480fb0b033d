import { describe, expect, it } from "vitest";
import { parseScopes, within } from "../../src/main/hub/access/index.ts";
import { makeEvent } from "../support/events.ts";

const push = makeEvent(1, { hook: "github", source: "https://github.com/acme/app", type: "com.github.push" });
const charge = makeEvent(2, { hook: null, source: "https://api.stripe.com", type: "com.stripe.charge.succeeded" });
const note = makeEvent(3, {
  hook: null,
  source: "https://getkite.sh/agents/alpha",
  type: "com.kite.agent.message",
  agentTo: "beta",
});
const events = { push, charge, note };

function scopes(...list: string[]) {
  const parsed = parseScopes(list);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.scopes;
}

const matched = (...list: string[]): string[] =>
  Object.entries(events)
    .filter(([, event]) => scopes(...list).matches(event))
    .map(([name]) => name);

describe("a listener's scopes", () => {
  it.each([
    [["*"], ["push", "charge", "note"]],
    [[], []],
    [["source:github"], ["push"]],
    [["source:acme/app"], ["push"]],
    [["source:stripe"], ["charge"]],
    [["source:com.stripe"], ["charge"]],
    [["source:GitHub"], []],
    [["type:push"], ["push"]],
    [["type:com."], ["push", "charge", "note"]],
    [["type:github.com"], []],
    [["glob:github.*"], ["push"]],
    [["glob:com.*.*"], ["push", "charge", "note"]],
    [["glob:push"], []],
    [["agent_to:beta"], ["note"]],
    [["agent_to:bet"], []],
    [["agent_to:alpha"], []],
    [
      ["agent_to:beta", "type:push"],
      ["push", "note"],
    ],
    [["source:nothing", "type:charge"], ["charge"]],
    [
      ["*", "source:nothing"],
      ["push", "charge", "note"],
    ],
  ])("%j match %j", (list, expected) => {
    expect(matched(...list)).toEqual(expected);
  });

  it.each([
    "",
    "events.read",
    "source:",
    "type:",
    "agent_to:",
    "glob:",
    "glob:a b",
    "team:other",
    "Source:x",
    ":x",
    "**",
    `type:${"x".repeat(600)}`,
  ])("%j is refused, with a sentence that says what may stand there", (scope) => {
    const parsed = parseScopes(["*", scope]);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok)
      expect(parsed.problem).toContain("write *, source:<name>, type:<name>, glob:<pattern> or agent_to:<agent id>");
  });

  it("are limited in number", () => {
    expect(parseScopes(Array.from({ length: 257 }, (_, i) => `type:${i}`)).ok).toBe(false);
  });

  it("make one list of equal sets, whatever the order", () => {
    expect(scopes("type:b", "type:a", "type:b").list).toEqual(scopes("type:a", "type:b").list);
  });

  it("reach no further than the key's", () => {
    const both = within(scopes("*"), scopes("source:github"));
    expect(Object.values(events).filter((event) => both.matches(event))).toEqual([push]);
    expect(both.list).not.toEqual(scopes("*").list);
    expect(within(scopes("type:push"), scopes("*")).list).toEqual(["type:push"]);
  });
});
