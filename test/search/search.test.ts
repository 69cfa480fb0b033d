import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import type { EventRow as HubRow } from "../../src/main/hub/event-row.ts";
import { chooseDrive } from "../../src/main/hub/store/search-drive.ts";
import { type EventRow, FacetsMessage, SearchMessage } from "../../src/shared/contract/index.ts";
import { evaluate, printFilter } from "../../src/shared/filter/index.ts";
import { NOW, PEERS, parsed, row, shortFilter } from "../filter/arbitraries.ts";
import { insertEvents, makeEvent } from "../support/events.ts";
import { collect, emptyLog, fillLog, openStage, type SearchStage, type Stored } from "./search-fixture.ts";

const context = { peers: PEERS, now: NOW };
const TOTAL = 9_000;

let stage: SearchStage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

async function fillPlain(): Promise<void> {
  await emptyLog(stage.db);
  for (let first = 1; first <= TOTAL; first += 3_000)
    await insertEvents(
      stage.db,
      Array.from({ length: 3_000 }, (_, index) =>
        makeEvent(first + index, { type: (first + index) % 1_000 === 0 ? "com.rare" : "com.common" }),
      ),
    );
}

const search = (filter: string, limit = 200, before: number | null = null) =>
  collect(stage.searches.search("t", { filter, before, limit }));

describe("a search", () => {
  beforeAll(fillPlain);

  test("goes through the whole log in stretches, newest first, and says how far it has come", async () => {
    const messages = await search("type:rare");
    expect(messages.length).toBeGreaterThan(1);
    expect(messages.flatMap(({ rows }) => rows.map(({ seq }) => seq))).toEqual(
      [9, 8, 7, 6, 5, 4, 3, 2, 1].map((n) => n * 1_000),
    );
    let last = TOTAL + 1;
    for (const { searchedTo, oldest, scanned, rows } of messages) {
      expect(searchedTo).toBeLessThan(last);
      expect(scanned).toBe(TOTAL + 1 - searchedTo);
      for (const { seq } of rows) expect(seq).toBeGreaterThanOrEqual(searchedTo);
      expect(oldest).toBe(1);
      last = searchedTo;
    }
    expect(messages.map(({ state }) => state)).toEqual([...messages.slice(1).map(() => "searching"), "done"]);
  });

  test("ends when it has enough, and goes on from there", async () => {
    const first = await search("type:rare", 4);
    const { searchedTo, state } = first.at(-1) ?? { searchedTo: 0, state: "" };
    expect([searchedTo, state]).toEqual([6_000, "full"]);
    const rest = await search("type:rare", 10, searchedTo);
    expect(rest.flatMap(({ rows }) => rows.map(({ seq }) => seq))).toEqual([5_000, 4_000, 3_000, 2_000, 1_000]);
  });

  test("looks only where seq and time say", async () => {
    expect((await search("seq:100..110 type:common")).at(-1)).toMatchObject({
      oldest: 100,
      scanned: 11,
      state: "done",
    });
    const since = new Date(Date.UTC(2026, 0, 1) + 8_500).toISOString();
    const messages = await search(`since:${since} type:rare`);
    expect(messages.flatMap(({ rows }) => rows.map(({ seq }) => seq))).toEqual([9_000]);
  });

  test("sees nothing of another team", async () => {
    const messages = await collect(stage.searches.search("other", { filter: "", before: null, limit: 10 }));
    expect(messages.flatMap(({ rows }) => rows)).toEqual([]);
    expect(messages.at(-1)?.state).toBe("done");
  });

  test("says what is wrong with a filter", async () => {
    await expect(search("hosp:2")).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("Did you mean hops?"),
    });
  });

  test("that is cancelled stops the statement at work, and gives the connection back unharmed", async () => {
    const blocker = await stage.db.pool.connect();
    try {
      await blocker.query("BEGIN");
      await blocker.query("LOCK TABLE events IN ACCESS EXCLUSIVE MODE");
      const controller = new AbortController();
      const found = collect(
        stage.searches.search("t", { filter: "type:rare", before: null, limit: 10 }, controller.signal),
      );
      const waiting = async (): Promise<number> =>
        Number(
          (
            await stage.db.pool.query(
              "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
            )
          ).rows[0].count,
        );
      await expect.poll(waiting).toBe(1);
      controller.abort(new Error("the reader went"));
      await expect(found).rejects.toThrow("the reader went");
      expect(await waiting()).toBe(0);
    } finally {
      await blocker.query("ROLLBACK");
      blocker.release();
    }
    expect((await search("type:rare", 1)).at(-1)?.state).toBe("full");
  });

  test("makes rows and messages as the contract has them", async () => {
    expectTypeOf<HubRow>().toExtend<EventRow>();
    for (const message of await search("type:rare")) expect(SearchMessage.parse(message)).toEqual(message);
  });
});

test.each([
  ["", "log"],
  ["type:a", "log"],
  ["id:x", "ids"],
  ["id:x*", "log"],
  ["-id:x", "log"],
  ["outcome:dropped", "outcomes"],
  ["reason:loop type:a", "outcomes"],
  ["peer:staging", "outcomes"],
  ["peer:staging type:a", "log"],
  ["peer:staging data.a:1", "outcomes"],
  ["-outcome:dropped", "log"],
  ["outcome:none,dead", "log"],
  ["peer:staging -outcome:delivered type:a", "outcomes"],
])("%s is driven by %s", (text, by) => {
  expect(chooseDrive(parsed(text), context).by).toBe(by);
});

test("facets count the values of what matches, and nothing else", { timeout: 120_000 }, async () => {
  const logs = fc
    .array(row, { minLength: 1, maxLength: 25 })
    .map((rows) => [...rows].sort((a, b) => a.at - b.at).map((each, index): Stored => ({ ...each, seq: index + 1 })));
  const fields = ["type", "source", "hook", "via", "origin", "outcome", "reason", "hops", "integrity"] as const;
  await fc.assert(
    fc.asyncProperty(logs, fc.array(shortFilter, { minLength: 5, maxLength: 10 }), async (rows, filters) => {
      await emptyLog(stage.db);
      await fillLog(stage.db, rows);
      for (const filter of [{ items: [] }, ...filters]) {
        const fits = rows.filter((each) => evaluate(filter, each, context, each) === "yes");
        const expected = Object.fromEntries(
          fields.map((field) => [field, countsOf(fits.map((each) => valuesOf(each, field)))]),
        );
        const messages = await collect(stage.searches.facets("t", { filter: printFilter(filter), fields }));
        const last = messages.at(-1);
        expect(FacetsMessage.parse(last)).toEqual(last);
        expect(last?.matched).toBe(fits.length);
        const got = Object.fromEntries(
          fields.map((field) => [
            field,
            Object.fromEntries((last?.fields[field] ?? []).map(({ value, count }) => [value, count])),
          ]),
        );
        expect(got).toEqual(expected);
      }
    }),
    { numRuns: 10 },
  );
});

function valuesOf(each: Stored, field: string): string[] {
  const name = (no: number): string => PEERS.find((peer) => peer.no === no)?.name ?? String(no);
  switch (field) {
    case "via":
      return each.via === null ? [] : [name(each.via)];
    case "outcome":
      return each.outcomes.length === 0 ? ["none"] : each.outcomes.map(({ state }) => state);
    case "reason":
      return each.outcomes.flatMap(({ reason }) => reason ?? []);
    case "integrity":
      return [...each.integrity];
    default: {
      const value: unknown = each[field as keyof Stored];
      return value === null ? [] : [String(value)];
    }
  }
}

/** How many events have each value. */
function countsOf(values: readonly string[][]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of values) for (const value of new Set(each)) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
