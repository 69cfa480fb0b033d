import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluate, type Filter, parseFilter, printFilter, type Test } from "../../src/shared/filter/index.ts";
import { filter, NOW, PEERS, row, shortFilter } from "../filter/arbitraries.ts";
import {
  collect,
  emptyLog,
  fillLog,
  openStage,
  type SearchStage,
  type Stored,
  secondSegment,
} from "./search-fixture.ts";

const context = { peers: PEERS, now: NOW };
const SPLIT = 12;

let stage: SearchStage;
beforeAll(async () => {
  stage = await openStage();
  await secondSegment(stage.db, SPLIT);
});
afterAll(() => stage.close());

// Seqs have no gaps, and times rise with them, but for clocks that differ a little.
const logs = fc
  .array(row, { minLength: 1, maxLength: 25 })
  .map((rows) => [...rows].sort((a, b) => a.at - b.at).map((each, index): Stored => ({ ...each, seq: index + 1 })));

/** Filters that are about the very values an event has in its data, one of them with a wildcard. */
function aboutData({ data }: Stored): Filter[] {
  const filters: Filter[] = [];
  const visit = (value: unknown, path: string[]): void => {
    if (typeof value === "object" && value !== null) {
      for (const [key, member] of Object.entries(value)) visit(member, [...path, key]);
    } else if (path.length > 0 && !/[\0\p{Cs}]/u.test(String(value))) {
      const text = Object.is(value, -0) ? "0" : String(value);
      const half = text.length >> 1;
      const tests: Test[] = [
        { op: "match", parts: [text] },
        { op: "match", parts: [text.slice(0, half), text.slice(half + 1)] },
        ...(text === "" ? [] : ([">", "<=", "<"] as const).map((op): Test => ({ op, value: text }))),
      ];
      for (const test of tests)
        filters.push({
          items: [{ negated: false, span: null, term: { kind: "field", field: "data", path, tests: [test] } }],
        });
    }
  };
  const value: unknown = data === null ? null : JSON.parse(data);
  visit(value, []);
  return filters.filter((made) => parseFilter(printFilter(made)).ok);
}

test("a filter gives the same events in the database and over rows", { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      logs,
      fc.array(fc.oneof(shortFilter, filter), { minLength: 30, maxLength: 60 }),
      async (rows, filters) => {
        await emptyLog(stage.db);
        await fillLog(stage.db, rows, (seq) => (seq > SPLIT ? 2 : 1));
        for (const made of [...filters, ...rows.flatMap(aboutData)]) {
          const text = printFilter(made);
          if (text.length > 2_000) continue;
          const fits = rows.filter((each) => evaluate(made, each, context, each) === "yes").map(({ seq }) => seq);
          const messages = await collect(stage.searches.search("t", { filter: text, before: null, limit: 1_000 }));
          const found = messages.flatMap((message) => message.rows);
          expect({ text, seqs: found.map(({ seq }) => seq) }).toEqual({ text, seqs: fits.reverse() });
          for (const { outcomes, seq } of found)
            expect(outcomes).toEqual([...(rows[seq - 1]?.outcomes ?? [])].sort((a, b) => a.peer - b.peer));
          expect(messages.at(-1)?.state).toBe("done");
        }
      },
    ),
    { numRuns: 20, endOnFailure: false },
  );
});
