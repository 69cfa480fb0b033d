import fc from "fast-check";
import { expect, test } from "vitest";
import { findHole } from "../../../src/main/hub/federation/pull/index.ts";

test.each([
  ["the next one came", 4, 5, [3, 4, 5, 6], [], null],
  ["seqs of other teams lie between", 4, 9, [3, 4, 9, 10], [], null],
  ["the stream went on live, and the list still has what it passed over", 4, 9, [3, 4, 5, 7, 9], [5, 7], null],
  ["it went on live, and the list does not reach back", 4, 90, [50, 70, 90], [50, 70], { from: 5, to: 49 }],
  ["nothing came, and the list has something", 4, null, [3, 4, 6], [6], null],
  ["nothing came, and the list begins later", 4, null, [50, 60], [50, 60], { from: 5, to: 49 }],
  ["it sends what is older than all it lists: it does resume", 4, 20, [50, 60], [], null],
  ["it sends the oldest that it lists: all there is", 4, 50, [50, 60], [], null],
  ["nothing is listed", 4, null, [], [], null],
])("%s", (_, cursor, next, listed, missed, gap) => {
  expect(findHole(cursor, next, listed)).toEqual({ missed, gap });
});

test("whatever was listed, nothing that is new is passed over without a word", () => {
  const seqs = fc
    .uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1 })
    .map((all) => all.sort((a, b) => a - b));
  fc.assert(
    fc.property(seqs, fc.nat(60), fc.integer({ min: 1, max: 20 }), fc.nat(60), (log, cursor, limit, from) => {
      // A peer that goes on live at `from` and lists its newest events.
      const next = log.find((seq) => seq > Math.max(cursor, from)) ?? null;
      const listed = log.slice(-limit);
      const { missed, gap } = findHole(cursor, next, listed);
      const resumed = next === log.find((seq) => seq > cursor);
      for (const seq of log) {
        if (seq <= cursor || (next !== null && seq >= next)) continue;
        const seen = missed.includes(seq) || (gap !== null && seq >= gap.from && seq <= gap.to);
        // One case cannot be told: it sends exactly the oldest that it lists.
        expect(seen || resumed || next === listed[0] || (next !== null && next < (listed[0] ?? 0))).toBe(true);
      }
    }),
  );
});
