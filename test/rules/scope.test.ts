import { describe, expect, it } from "vitest";
import { compileScopes, invalidScope, MAX_SCOPE_LENGTH, matchScope } from "../../src/shared/rules/index.ts";

describe("matchScope", () => {
  it.each([
    ["*", "com.github.push", true],
    ["**", "anything", true],
    ["*", "", true],
    ["stripe.*", "com.stripe.payment_intent.succeeded", true],
    ["stripe.*", "stripe.charge", true],
    ["stripe.*", "com.stripe", false],
    ["stripe.*", "com.stripes.charge", false],
    ["stripe.*", "org.stripe.charge", false],
    ["com.stripe.*", "com.stripe.charge.failed", true],
    ["com.stripe.*", "stripe.charge", false],
    ["com.kite.agent.message", "com.kite.agent.message", true],
    ["kite.agent.message", "com.kite.agent.message", true],
    ["com.kite.agent.message", "com.kite.agent.messages", false],
    ["com.kite.agent.message", "com.com.kite.agent.message", true],
    ["*.failed", "com.stripe.charge.failed", true],
    ["*.failed", "failed", false],
    ["a*c", "ac", true],
    ["a*c", "abbbc", true],
    ["a*a", "a", false],
    ["*b*b*", "abcb", true],
    ["*bc*b*", "abcb", true],
    ["*b*bb*", "abcb", false],
    ["a*b*a", "aba", true],
    ["a*bb*ba", "abba", false],
    ["stripe.*", "com.STRIPE.charge", false],
    ["a.c", "abc", false],
    ["a?c", "abc", false],
    ["", "", true],
    ["", "com.github.push", false],
    ["", "com.", true],
  ])("%j on %j: %j", (pattern, type, expected) => {
    expect(matchScope(pattern, type)).toBe(expected);
  });

  it("takes no exponential time for what a user wrote", () => {
    const pattern = `${"*a".repeat(100)}*b`;
    const start = performance.now();
    expect(matchScope(pattern, "a".repeat(20_000))).toBe(false);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

describe("compileScopes", () => {
  it("matches what any of the patterns matches", () => {
    const matches = compileScopes(["stripe.*", "com.github.push", "*.opened"]);
    expect(["com.stripe.x", "com.github.push", "x.opened", "com.github.pull"].map(matches)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it("matches nothing without a pattern", () => {
    expect(compileScopes([])("com.github.push")).toBe(false);
  });
});

describe("invalidScope", () => {
  it.each(["*", "stripe.*", "com.kite.agent.message", "com.acme.order-placed_v2/x:y", "**", "é.*"])(
    "takes %j",
    (pattern) => {
      expect(invalidScope(pattern)).toBeNull();
    },
  );

  it.each([
    ["", "empty"],
    ["stripe.*, github.*", "spaces"],
    [" stripe.*", "spaces"],
    ["a\u0000", "control"],
    ["com.{github,stripe}.*", "{ cannot be used"],
    ["com.github.pus?", "? cannot be used"],
    ["!com.github.*", "! cannot be used"],
    ["x".repeat(MAX_SCOPE_LENGTH + 1), "at most 256"],
  ])("refuses %j and says why: %s", (pattern, said) => {
    expect(invalidScope(pattern)).toContain(said);
  });
});
