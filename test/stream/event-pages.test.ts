import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LogEvent } from "../../src/main/hub/model.ts";
import { Database, type Queryable } from "../../src/main/hub/store/database.ts";
import {
  countWebhooksSince,
  headSeq,
  oldestSeq,
  readEvents,
  readPage,
  recentEvents,
} from "../../src/main/hub/store/event-pages.ts";
import { dropSegment, insertEvents, makeEvent, openSegment } from "../support/events.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { range } from "./fixture.ts";

let testDatabase: TestDatabase;
let db: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  db = new Database(testDatabase.connection, 4, () => undefined);
});

afterAll(async () => {
  await db.close();
  await testDatabase.drop();
});

const seqs = (events: readonly LogEvent[]): number[] => events.map((event) => event.seq);

// A log of 12 events in three segments; every third event is another team's.
const log = range(1, 12).map((seq) =>
  makeEvent(seq, {
    segment: Math.ceil(seq / 4),
    team: seq % 3 === 0 ? "other" : "t",
    data: seq === 5 ? null : `"${"x".repeat(98)}"`,
    ...(seq === 4 && {
      hook: null,
      via: 3,
      summary: null,
      headers: '{"a":"b"}',
      copy: { origin: "a", chain: '["a"]', hops: 1 },
      integrity: "hops_mismatch",
      verified: true,
      agentTo: "beta",
      replayOf: 2,
    }),
  }),
);

describe("reading the log", () => {
  beforeAll(async () => {
    for (const segment of [1, 2, 3]) {
      await insertEvents(
        db,
        log.filter((event) => event.segment === segment),
      );
      if (segment < 3) await openSegment(db, segment + 1);
    }
  });

  it("gives events as they were stored", async () => {
    expect(await readEvents(db, { afterSeq: 0, limit: 100 })).toEqual(log);
    expect(await headSeq(db)).toBe(12);
    expect(await oldestSeq(db)).toBe(1);
  });

  it("gives a range, a team, a number of them", async () => {
    expect(seqs(await readEvents(db, { afterSeq: 3, limit: 100, upToSeq: 6 }))).toEqual([4, 5, 6]);
    expect(seqs(await readEvents(db, { team: "t", afterSeq: 3, limit: 4 }))).toEqual([4, 5, 7, 8]);
    expect(seqs(await readEvents(db, { team: "other", afterSeq: 0, limit: 9, upToSeq: 9 }))).toEqual([3, 6, 9]);
    expect(await readEvents(db, { afterSeq: 12, limit: 100 })).toEqual([]);
    expect(await readEvents(db, { team: "nobody", afterSeq: 0, limit: 100 })).toEqual([]);
  });

  it("ends a page with the event that fills it", async () => {
    const request = { team: "t", afterSeq: 0, upToSeq: 12, limit: 100, maxSeqs: 100 };
    // Each event weighs 100 bytes of data and some of attributes.
    const page = await readPage(db, { ...request, maxBytes: 250 });
    expect(page).toMatchObject({ through: 2 });
    expect(seqs(page.events)).toEqual([1, 2]);
    expect(seqs((await readPage(db, { ...request, maxBytes: 1 })).events)).toEqual([1]);
  });

  it("says how far a page reaches, also where the team has nothing", async () => {
    const request = { team: "other", afterSeq: 6, upToSeq: 8, limit: 100, maxBytes: 1_000, maxSeqs: 100 };
    expect(await readPage(db, request)).toEqual({ events: [], through: 8 });
    expect(await readPage(db, { ...request, upToSeq: 11 })).toMatchObject({ through: 11, events: [{ seq: 9 }] });
    expect(await readPage(db, { ...request, upToSeq: 12, limit: 1 })).toMatchObject({ through: 9 });
    expect(await readPage(db, { ...request, upToSeq: 12, maxSeqs: 1 })).toEqual({ events: [], through: 7 });
  });

  it("leaves out nothing and repeats nothing, whatever the pages", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 700 }),
        fc.integer({ min: 1, max: 6 }),
        async (start, limit, maxBytes, maxSeqs) => {
          const got: number[] = [];
          for (let position = start; position < 12; ) {
            const page = await readPage(db, { team: "t", afterSeq: position, upToSeq: 12, limit, maxBytes, maxSeqs });
            expect(page.through).toBeGreaterThan(position);
            got.push(...seqs(page.events));
            position = page.through;
          }
          expect(got).toEqual(seqs(log.filter(({ seq, team }) => seq > start && team === "t")));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("gives the newest first, up to a number and a weight", async () => {
    expect(seqs(await recentEvents(db, "t", 3))).toEqual([11, 10, 8]);
    expect(seqs(await recentEvents(db, "t", 0))).toEqual([]);
    expect(seqs(await recentEvents(db, "t", 10, { maxBytes: 250 }))).toEqual([11, 10]);
  });

  it("gives as many of the newest as were asked for, whatever part of them is shown", async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray(range(1, 12)), fc.integer({ min: 0, max: 12 }), async (meant, limit) => {
        const show = (page: readonly LogEvent[]) => page.filter(({ seq }) => meant.includes(seq));
        const expected = log.filter(({ seq, team }) => team === "t" && meant.includes(seq)).reverse();
        expect(seqs(await recentEvents(db, "t", limit, { show }))).toEqual(seqs(expected).slice(0, limit));
      }),
      { numRuns: 60 },
    );
  });

  it("counts webhooks since a time: by an endpoint, of the team, and none shown again", async () => {
    await db.query({
      text: "UPDATE segments SET opened_at = $1::timestamptz + first_seq * interval '1 ms'",
      values: [new Date(Date.UTC(2026, 0, 1))],
    });
    const since = (seq: number): Date => new Date(Date.UTC(2026, 0, 1) + seq);
    // 4 came from a peer.
    expect(await countWebhooksSince(db, "t", since(0))).toBe(7);
    expect(await countWebhooksSince(db, "t", since(8))).toBe(3);
    expect(await countWebhooksSince(db, "other", since(0))).toBe(4);
  });

  it("knows what retention has taken", async () => {
    await dropSegment(db, 1);
    expect(await oldestSeq(db)).toBe(5);
    expect(seqs(await readEvents(db, { afterSeq: 0, limit: 100 }))).toEqual(range(5, 12));
  });
});

interface PlanNode {
  readonly "Relation Name"?: string;
  readonly "Actual Loops"?: number;
  readonly "Actual Rows"?: number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

const nodes = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];

describe("a log of many segments", () => {
  const SEGMENTS = 40;
  const EACH = 1_000;
  beforeAll(async () => {
    await testDatabase.drop();
    await db.close();
    testDatabase = await createTestDatabase();
    db = new Database(testDatabase.connection, 1, () => undefined);
    for (let segment = 1; segment <= SEGMENTS; segment++) {
      await db.query({
        text: `
          WITH head AS (UPDATE log_head SET seq = seq + $2::int)
          INSERT INTO events (seq, segment, team, id, source, type, received_at, digest, data_bytes, attrs, data)
          SELECT ($1::int - 1) * $2::int + n, $1::int, CASE WHEN $1::int = 7 AND n = 5 THEN 'rare' ELSE 't' END, n::text,
                 's', 't', now(), gen_random_uuid(), 2, '', '{}'
          FROM generate_series(1, $2::int) AS n`,
        values: [segment, EACH],
      });
      await openSegment(db, segment + 1);
    }
    await db.query({ text: "VACUUM ANALYZE events" });
  });

  /** The partitions and the number of rows that a statement touches. */
  async function touched(text: string, values: unknown[] = []): Promise<{ partitions: string[]; rows: number }> {
    const { rows } = await db.query<{ "QUERY PLAN": [{ Plan: PlanNode }] }>({
      text: `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      values,
    });
    const plan = rows[0]?.["QUERY PLAN"][0].Plan;
    if (plan === undefined) throw new Error("no plan");
    const scans = nodes(plan).filter(
      (node) => node["Relation Name"]?.startsWith("events_s") && (node["Actual Loops"] ?? 0) > 0,
    );
    return {
      partitions: scans.map((node) => node["Relation Name"] ?? ""),
      rows: scans.reduce((n, node) => n + (node["Actual Rows"] ?? 0) + (node["Rows Removed by Filter"] ?? 0), 0),
    };
  }

  /** What each statement that reads events touches, of all that `work` sends. */
  async function touchedBy(
    work: (db: Queryable) => Promise<unknown>,
  ): Promise<{ partitions: string[]; rows: number }[]> {
    const found: { partitions: string[]; rows: number }[] = [];
    await work({
      async query(query) {
        if (query.text.includes("FROM events")) found.push(await touched(query.text, query.values));
        return db.query(query);
      },
    });
    return found;
  }

  const middle = (SEGMENTS * EACH) / 2;
  const request = { team: "t", afterSeq: middle, upToSeq: SEGMENTS * EACH, limit: 500, maxBytes: 1e6, maxSeqs: 30_000 };

  it("costs a page of any place no more than the page", async () => {
    const { team: _, ...ofAllTeams } = request;
    for (const work of [
      (db: Queryable) => readPage(db, request),
      (db: Queryable) => readPage(db, ofAllTeams),
      (db: Queryable) => readEvents(db, { afterSeq: middle, limit: 500 }),
    ])
      expect(await touchedBy(work)).toEqual([{ partitions: ["events_s21"], rows: 500 }]);
    const newest = await touchedBy((db) => recentEvents(db, "t", 100));
    expect(newest).toHaveLength(1);
    expect(newest[0]?.rows).toBeLessThanOrEqual(500);
  });

  it("is looked through for the newest that are shown no further than ten thousand events", async () => {
    let seen = 0;
    const show = (page: readonly LogEvent[]): [] => {
      expect(page.length).toBeLessThanOrEqual(1_000);
      seen += page.length;
      return [];
    };
    expect(await recentEvents(db, "t", 100, { show })).toEqual([]);
    expect(seen).toBeGreaterThanOrEqual(10_000);
    expect(seen).toBeLessThan(11_000);
    const rarest = (page: readonly LogEvent[]) => page.filter(({ seq }) => seq === SEGMENTS * EACH - 9_000);
    expect(await recentEvents(db, "t", 1, { show: rarest })).toHaveLength(1);
  });

  it("costs no more when one plan has to serve for all values", async () => {
    await db.query({ text: "SET plan_cache_mode = force_generic_plan" });
    await readPage(db, request);
    const values = `${middle}, ${middle + 500}, 't', 500, 1000000`;
    expect(await touched(`EXECUTE "event-window" (${values})`)).toEqual({ partitions: ["events_s21"], rows: 500 });
    const { rows } = await db.query<{ generic: boolean }>({
      text: "SELECT generic_plans >= 2 AS generic FROM pg_prepared_statements WHERE name = 'event-window'",
    });
    expect(rows).toEqual([{ generic: true }]);
    await db.query({ text: "RESET plan_cache_mode" });
  });

  it("is read in bounded pieces even for a team with a single event", async () => {
    const found: number[] = [];
    for (let position = 0; position < SEGMENTS * EACH; ) {
      const page = await readPage(db, {
        team: "rare",
        afterSeq: position,
        upToSeq: SEGMENTS * EACH,
        limit: 500,
        maxBytes: 1e6,
        maxSeqs: 30_000,
      });
      expect(page.through - position).toBeLessThanOrEqual(30_000);
      found.push(...seqs(page.events));
      position = page.through;
    }
    expect(found).toEqual([6 * EACH + 5]);
  });
});
