import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  complete,
  evaluate,
  needsPayload,
  negateItem,
  parseFilter,
  printFilter,
} from "../../src/shared/filter/index.ts";
import { bare, filter, filterText, NOW, PEERS, parsed, row, shortFilter } from "./arbitraries.ts";

const context = { peers: PEERS, now: NOW };

describe("the text of a filter", () => {
  test("what is printed is read as the same filter", () => {
    fc.assert(
      fc.property(filter, (made) => {
        expect(parsed(printFilter(made))).toEqual(made);
      }),
      { numRuns: 2_000 },
    );
  });

  test("printing is canonical: what was read and printed is printed so again", () => {
    fc.assert(
      fc.property(filterText, (text) => {
        const result = parseFilter(text);
        fc.pre(result.ok);
        const printed = printFilter(result.filter);
        expect(printFilter(parsed(printed))).toBe(printed);
        expect(parsed(printed)).toEqual(bare(result.filter));
      }),
      { numRuns: 3_000 },
    );
  });

  test("every item and every error says where it stands", () => {
    fc.assert(
      fc.property(filterText, (text) => {
        const result = parseFilter(text);
        for (const { span } of result.filter.items)
          expect(parsed(text.slice(span?.from, span?.to)).items).toHaveLength(1);
        if (result.ok) return;
        expect(result.errors.length).toBeGreaterThan(0);
        for (const { span, message, mend } of result.errors) {
          expect(span.from).toBeGreaterThanOrEqual(0);
          expect(span.to).toBeLessThanOrEqual(text.length);
          expect(span.to).toBeGreaterThanOrEqual(span.from);
          expect(message).not.toBe("");
          expect(mend).not.toBe("");
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("a completion can be asked for anywhere", () => {
    fc.assert(
      fc.property(filterText, fc.nat(40), (text, at) => {
        const caret = Math.min(at, text.length);
        const { span } = complete(text, caret, () => ["a b", "x"]);
        expect(span.to).toBe(caret);
        expect(span.from).toBeLessThanOrEqual(caret);
      }),
    );
  });
});

describe("what a filter says of an event", () => {
  test("with its payload it never needs data, and without it never says anything else", () => {
    fc.assert(
      fc.property(filter, row, (made, event) => {
        const whole = evaluate(made, event, context, event);
        expect(whole).not.toBe("needs data");
        const alone = evaluate(made, event, context);
        if (alone === "needs data") expect(made.items.some(needsPayload)).toBe(true);
        else expect(alone).toBe(whole);
      }),
      { numRuns: 2_000 },
    );
  });

  test("items are joined by and, and a minus turns an item round, but for outcomes, which speak together", () => {
    const separate = shortFilter.filter(({ items }) =>
      items.every(({ term }) => term.kind === "text" || !["peer", "outcome", "reason"].includes(term.field)),
    );
    fc.assert(
      fc.property(separate, row, (made, event) => {
        const alone = made.items.map((item) => evaluate({ items: [item] }, event, context, event));
        expect(evaluate(made, event, context, event)).toBe(alone.every((each) => each === "yes") ? "yes" : "no");
        const turned = evaluate({ items: negateItem(made, 0).items.slice(0, 1) }, event, context, event);
        expect(turned).toBe(alone[0] === "yes" ? "no" : "yes");
      }),
      { numRuns: 2_000 },
    );
  });
});
