import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Database, Queryable } from "../../../src/main/hub/store/database.ts";
import {
  claim,
  claimOrdered,
  expireLeases,
  LEASE_MS,
  nextDue,
  OUTBOX_SESSION,
  renewLeases,
} from "../../../src/main/hub/store/outbox.ts";
import { countWaiting, depths, peersOwed } from "../../../src/main/hub/store/outbox-depth.ts";
import { type SettleEvent, settle } from "../../../src/main/hub/store/outbox-settle.ts";
import {
  cancelEntry,
  cancelPeer,
  expireWaiting,
  retryNow,
  retryPeerNow,
} from "../../../src/main/hub/store/outbox-waiting.ts";
import { relaxEntries } from "../../../src/main/hub/store/relax.ts";
import { reviveEntries } from "../../../src/main/hub/store/replay-entries.ts";
import { OUTBOX_EVENTS, OUTBOX_STATES, type OutboxEvent, transition } from "../../../src/shared/rules/index.ts";
import { makeEvent } from "../../support/events.ts";
import { Stage } from "./stage.ts";

const HUB = 1;
const PEER = 1;

let stage: Stage;
let db: Database;

beforeAll(async () => {
  stage = await Stage.open([], { own: true });
  db = stage.db;
  await stage.events(2_000);
});

afterAll(() => stage.close());

const key = (seq: number) => ({ peer: PEER, seq, gen: 0 });
const event = (seq: number) => makeEvent(seq);
const at = () => new Date(stage.now);

/** Puts an entry into a state, by hand. */
async function put(seq: number, state: string, over: Record<string, unknown> = {}): Promise<void> {
  await stage.sql.query("DELETE FROM outbox WHERE seq = $1", [seq]);
  await stage.sql.query("DELETE FROM outbox_done WHERE seq = $1", [seq]);
  if (state === "pending" || state === "sending") {
    const lease = { leased_by: HUB, leased_until: new Date(stage.now + LEASE_MS).toISOString() };
    await stage.owe(PEER, [event(seq)], { state, hops: 2, ...(state === "sending" ? lease : {}), ...over });
    return;
  }
  await stage.sql.query(
    `INSERT INTO outbox_done (peer, seq, gen, segment, state, revision, hops, tries, replay, created_at, finished_at,
                              result, cause, attempts)
     VALUES ($1, $2, 0, 1, $3, 1, 2, 3, false, $4, $4, 'result', 'cause', '{}')`,
    [PEER, seq, state, at()],
  );
}

async function stateOf(seq: number): Promise<string[]> {
  const { rows } = await stage.sql.query<{ state: string }>(
    "SELECT state FROM outbox WHERE seq = $1 UNION ALL SELECT state FROM outbox_done WHERE seq = $1",
    [seq],
  );
  return rows.map(({ state }) => state);
}

async function settleAs(name: SettleEvent, seq: number, hub = HUB): Promise<number> {
  const { finished, returned } = await settle(
    db,
    hub,
    stage.now,
    [
      {
        event: name,
        entries: [{ ...key(seq), hops: 2, availableAt: stage.now + 1_000 }],
        result: "result",
        cause: "cause",
        error: null,
        counted: true,
        attempts: [randomUUID()],
        waitReason: "schedule",
        evidence: null,
      },
    ],
    [],
  );
  return finished + returned;
}

const claimOne = async (): Promise<number> =>
  (await claim(db, { peer: PEER, hub: HUB, now: stage.now, limit: 10, bytes: 1e9 })).entries.length;

/** How the store carries out each event of the table; the number of entries it says it changed. */
const STORE: Readonly<Record<OutboxEvent, (seq: number) => Promise<number>>> = {
  claim: claimOne,
  deliver: (seq) => settleAs("deliver", seq),
  retry: (seq) => settleAs("retry", seq),
  split: (seq) => settleAs("split", seq),
  release: (seq) => settleAs("release", seq),
  fail: (seq) => settleAs("fail", seq),
  abandon: (seq) => settleAs("abandon", seq),
  lease_expired: () => expireLeases(db, { own: 9, dead: [HUB], now: stage.now }),
  expire: async () => (await expireWaiting(db, PEER, stage.now, stage.now)).length,
  cancel: async (seq) => ((await cancelEntry(db, key(seq), stage.now)) ? 1 : 0),
  retry_now: async (seq) => ((await retryNow(db, key(seq), stage.now)) ? 1 : 0),
  relax: async (seq) => {
    await db.transaction((tx) => relaxEntries(tx, [{ ...key(seq), segment: 1, revision: 2, hops: 1 }]));
    const { rows } = await stage.sql.query(
      "SELECT 1 FROM outbox WHERE seq = $1 AND hops = 1 UNION ALL SELECT 1 FROM outbox_done WHERE seq = $1 AND hops = 1",
      [seq],
    );
    return rows.length;
  },
  // One statement brings back what either event is legal for.
  replay_dead: async (seq) => (await db.transaction((tx) => reviveEntries(tx, at(), [key(seq)]))).length,
  replay_delivered: async (seq) => (await db.transaction((tx) => reviveEntries(tx, at(), [key(seq)]))).length,
};

const REPLAYS: readonly OutboxEvent[] = ["replay_dead", "replay_delivered"];

describe("every event in every state", () => {
  const pairs = OUTBOX_STATES.flatMap((state) =>
    OUTBOX_EVENTS.filter(
      (name) => !(REPLAYS.includes(name) && REPLAYS.some((other) => other !== name && transition(state, other))),
    ).map((name) => [name, state, transition(state, name)] as const),
  );

  test.each(pairs)("%s from %s leads to %s", async (name, state, expected) => {
    await put(1, state);
    expect(await STORE[name](1)).toBe(expected === null ? 0 : 1);
    expect(await stateOf(1)).toEqual([expected ?? state]);
  });

  test("covers the whole table", () => {
    expect(Object.keys(STORE).sort()).toEqual([...OUTBOX_EVENTS].sort());
    expect(pairs.length).toBe(OUTBOX_STATES.length * OUTBOX_EVENTS.length - 2);
  });
});

describe("a lease", () => {
  test.each(["deliver", "retry", "split", "release", "fail", "abandon"] as const)(
    "of another hub is not ended by %s",
    async (name) => {
      await put(1, "sending", { leased_by: 2 });
      expect(await settleAs(name, 1)).toBe(0);
      expect(await stateOf(1)).toEqual(["sending"]);
    },
  );

  test("is prolonged by its holder only", async () => {
    await put(1, "sending");
    expect(await renewLeases(db, 2, PEER, [1], stage.now)).toBe(0);
    expect(await renewLeases(db, HUB, PEER, [1, 999], stage.now)).toBe(1);
    await put(1, "pending");
    expect(await renewLeases(db, HUB, PEER, [1], stage.now)).toBe(0);
  });

  test("that is settled twice counts once", async () => {
    await stage.sql.query("DELETE FROM rollups");
    await put(1, "sending");
    expect(await settleAs("deliver", 1)).toBe(1);
    expect(await settleAs("deliver", 1)).toBe(0);
    expect(await stage.counts()).toEqual({ "1 delivered result": 1 });
  });
});

describe("settling many", () => {
  test("writes each entry's own values, whatever the order they come in", async () => {
    await stage.sql.query("DELETE FROM outbox; DELETE FROM outbox_done; DELETE FROM rollups");
    const seqs = [9, 3, 7, 1, 5, 2, 8, 4];
    for (const seq of seqs) await put(seq, "sending");
    for (const seq of [1, 3]) await stage.owe(2, [event(seq)], { state: "sending", leased_by: HUB });
    for (const seq of [3, 5]) await stage.owe(PEER, [event(seq)], { gen: 1, state: "sending", leased_by: HUB });
    const [first, second] = [randomUUID(), randomUUID()];
    const blank = { result: null, cause: null, error: null, waitReason: null, evidence: null, counted: true } as const;
    const entry = (seq: number, peer = PEER, gen = 0) => ({
      peer,
      seq,
      gen,
      hops: seq,
      availableAt: stage.now + seq * 1_000,
    });
    const settled = await settle(
      db,
      HUB,
      stage.now,
      [
        {
          ...blank,
          event: "deliver",
          result: "accepted",
          entries: [entry(9), entry(1), entry(3, 2)],
          attempts: [first],
        },
        { ...blank, event: "deliver", result: "duplicate", entries: [entry(7)], attempts: [second, first] },
        {
          ...blank,
          event: "fail",
          result: "refused",
          cause: "http_400",
          error: "no",
          entries: [entry(5, PEER, 1)],
          attempts: [second],
        },
        {
          ...blank,
          event: "retry",
          waitReason: "schedule",
          error: "later",
          entries: [entry(4), entry(2)],
          attempts: [first],
        },
        { ...blank, event: "release", waitReason: "offline", counted: false, entries: [entry(8)], attempts: [] },
        // Superseded: generation 1 of the same event waits.
        { ...blank, event: "retry", waitReason: "schedule", error: "later", entries: [entry(3)], attempts: [second] },
      ],
      [],
    );
    expect(settled).toEqual({ finished: 6, returned: 3, dead: [{ peer: PEER, seq: 5, gen: 1 }] });
    const { rows: done } = await stage.sql.query(
      "SELECT peer, seq::int, gen, state, result, cause, hops, tries, last_error, attempts::text[] FROM outbox_done ORDER BY peer, seq, gen",
    );
    expect(done).toEqual([
      {
        peer: 1,
        seq: 1,
        gen: 0,
        state: "delivered",
        result: "accepted",
        cause: null,
        hops: 1,
        tries: 1,
        last_error: null,
        attempts: [first],
      },
      {
        peer: 1,
        seq: 3,
        gen: 0,
        state: "cancelled",
        result: "superseded",
        cause: "superseded",
        hops: 3,
        tries: 1,
        last_error: "later",
        attempts: [second],
      },
      {
        peer: 1,
        seq: 5,
        gen: 1,
        state: "dead",
        result: "refused",
        cause: "http_400",
        hops: 5,
        tries: 1,
        last_error: "no",
        attempts: [second],
      },
      {
        peer: 1,
        seq: 7,
        gen: 0,
        state: "delivered",
        result: "duplicate",
        cause: null,
        hops: 7,
        tries: 1,
        last_error: null,
        attempts: [second, first],
      },
      {
        peer: 1,
        seq: 9,
        gen: 0,
        state: "delivered",
        result: "accepted",
        cause: null,
        hops: 9,
        tries: 1,
        last_error: null,
        attempts: [first],
      },
      {
        peer: 2,
        seq: 3,
        gen: 0,
        state: "delivered",
        result: "accepted",
        cause: null,
        hops: 3,
        tries: 1,
        last_error: null,
        attempts: [first],
      },
    ]);
    const owed = (await stage.owed()).map(
      ({ peer, seq, gen, state, tries, wait_reason, available_ms, attempts, last_error }) => [
        `${peer}/${seq}/${gen} ${state} ${tries} ${wait_reason} ${available_ms - stage.now} ${last_error}`,
        attempts,
      ],
    );
    expect(owed).toEqual([
      ["1/2/0 pending 1 schedule 2000 later", [first]],
      ["1/3/1 sending 0 null 0 null", []],
      ["1/4/0 pending 1 schedule 4000 later", [first]],
      ["1/5/0 sending 0 null 0 null", []],
      ["1/8/0 pending 0 offline 8000 null", []],
      ["2/1/0 sending 0 null 0 null", []],
    ]);
  });
});

describe("a claim", () => {
  const request = () => ({ peer: PEER, hub: HUB, now: stage.now, limit: 100, bytes: 1e9 });
  const clear = () => stage.sql.query("DELETE FROM outbox; DELETE FROM outbox_done");

  test("takes the due entries of its peer, oldest time first, up to the limit, and says that there are more", async () => {
    await clear();
    await stage.owe(PEER, [1, 2, 3, 4].map(event));
    await stage.owe(PEER, [event(5)], { available_at: new Date(stage.now + 1).toISOString() });
    await stage.owe(PEER, [event(9)], { available_at: new Date(stage.now - 60_000).toISOString() });
    await stage.owe(2, [event(6)]);
    const first = await claim(db, { ...request(), limit: 3 });
    expect([first.entries.map(({ seq }) => seq), first.more]).toEqual([[1, 2, 9], true]);
    const second = await claim(db, { ...request(), limit: 3 });
    expect([second.entries.map(({ seq }) => seq), second.more]).toEqual([[3, 4], false]);
    expect(await claim(db, request())).toEqual({ entries: [], more: false });
  });

  test("stops at the bytes it may take, and always takes one", async () => {
    await clear();
    const large = Array.from({ length: 4 }, (_, index) =>
      makeEvent(3_001 + index, { data: JSON.stringify("x".repeat(10_000)) }),
    );
    await stage.events(4, { data: JSON.stringify("x".repeat(10_000)) }, 3_001);
    await stage.owe(PEER, large);
    const two = await claim(db, { ...request(), bytes: 15_000 });
    expect([two.entries.length, two.more]).toEqual([2, true]);
    expect((await claim(db, { ...request(), bytes: 0 })).entries).toHaveLength(1);
  });

  test("gives the whole event, the time of the first try, and null for an event that is gone", async () => {
    await clear();
    const first = "019b7c01-0400-7609-8c9a-932d69e96d14";
    await stage.owe(PEER, [event(1)], { tries: 1, attempts: [randomUUID(), first] });
    await stage.owe(PEER, [event(1_000_000)], { hops: 7 });
    const { entries } = await claim(db, request());
    expect(entries).toEqual([
      {
        peer: PEER,
        seq: 1,
        gen: 0,
        segment: 1,
        tries: 1,
        replay: false,
        firstTriedAt: 0x019b7c010400,
        owedHops: 0,
        event: event(1),
      },
      {
        peer: PEER,
        seq: 1_000_000,
        gen: 0,
        segment: 1,
        tries: 0,
        replay: false,
        firstTriedAt: null,
        owedHops: 7,
        event: null,
      },
    ]);
  });

  test("passes over what another hub is claiming", async () => {
    await clear();
    await stage.owe(PEER, [1, 2, 3].map(event));
    await stage.sql.query("BEGIN");
    await stage.sql.query("SELECT 1 FROM outbox WHERE seq = 2 FOR UPDATE");
    expect((await claim(db, request())).entries.map(({ seq }) => seq)).toEqual([1, 3]);
    await stage.sql.query("ROLLBACK");
  });

  test("in order passes nothing that is being sent, or waits for its time", async () => {
    await clear();
    await stage.owe(PEER, [2, 3, 5].map(event));
    await stage.owe(PEER, [event(4)], { available_at: new Date(stage.now + 1).toISOString() });
    await stage.owe(PEER, [event(1)], { state: "sending", leased_by: 2 });
    expect((await claimOrdered(db, request())).entries).toEqual([]);
    await stage.sql.query("DELETE FROM outbox WHERE seq = 1");
    expect((await claimOrdered(db, request())).entries.map(({ seq }) => seq)).toEqual([2, 3]);
    await stage.sql.query("DELETE FROM outbox WHERE seq IN (2, 3)");
    expect((await claimOrdered(db, request())).entries).toEqual([]);
    stage.now += 1;
    expect((await claimOrdered(db, request())).entries.map(({ seq }) => seq)).toEqual([4, 5]);
  });

  test("and a settlement find rows along the primary key, even when the planner takes the table for empty", async () => {
    await clear();
    await stage.sql.query("VACUUM ANALYZE outbox");
    const probe = new pg.Client({ ...stage.database.connection, options: OUTBOX_SESSION });
    await probe.connect();
    try {
      const sent: pg.QueryConfig[] = [];
      const recorder: Queryable = {
        query: (query) => {
          sent.push(query);
          return probe.query(query);
        },
      };
      await claim(recorder, request());
      const blank = {
        result: null,
        cause: null,
        error: null,
        waitReason: null,
        evidence: null,
        counted: true,
      } as const;
      const entries = [{ ...key(1), hops: 0, availableAt: null }];
      await settle(
        recorder,
        HUB,
        stage.now,
        [{ ...blank, event: "deliver", result: "accepted", entries, attempts: [] }],
        [],
      );
      await settle(recorder, HUB, stage.now, [{ ...blank, event: "retry", entries, attempts: [] }], []);
      await cancelPeer(recorder, PEER, stage.now, "cancelled");
      await retryPeerNow(recorder, PEER, stage.now);
      expect(sent).toHaveLength(5);
      for (const { text, values = [] } of sent) {
        const { rows } = await probe.query({ text: `EXPLAIN (FORMAT JSON) ${text}`, values });
        const nodes = nodesOf(PlanNode.parse(rows[0]["QUERY PLAN"][0].Plan));
        expect(nodes.filter((node) => node["Node Type"] === "Seq Scan")).toEqual([]);
        const writes = nodes.filter(
          (node) => node["Node Type"] === "ModifyTable" && node["Relation Name"] === "outbox",
        );
        expect(writes.length).toBeGreaterThan(0);
        for (const { Plans: plans = [] } of writes) {
          const scans = plans.filter((node) => node["Relation Name"] === "outbox");
          expect(scans).toMatchObject([
            {
              "Node Type": "Index Scan",
              "Index Name": "outbox_pkey",
              "Index Cond": expect.stringMatching(/peer = .*seq = ANY/),
            },
          ]);
        }
      }
      const { rows } = await probe.query({
        text: `EXPLAIN (FORMAT JSON) ${sent[0]?.text}`,
        values: sent[0]?.values ?? [],
      });
      const due = nodesOf(PlanNode.parse(rows[0]["QUERY PLAN"][0].Plan)).find(
        (node) => node["Subplan Name"] === "CTE due",
      );
      expect(nodesOf(due ?? {}).some((node) => node["Index Name"] === "outbox_due")).toBe(true);
      expect(nodesOf(due ?? {}).some((node) => node["Node Type"] === "Sort")).toBe(false);
    } finally {
      await probe.end();
    }
  });
});

/** A node of a plan, as EXPLAIN (FORMAT JSON) shows it. */
interface PlanNode {
  readonly "Node Type"?: string | undefined;
  readonly "Relation Name"?: string | undefined;
  readonly "Index Name"?: string | undefined;
  readonly "Index Cond"?: string | undefined;
  readonly "Subplan Name"?: string | undefined;
  readonly Plans?: readonly PlanNode[] | undefined;
}
const text = z.string().optional();
const PlanNode: z.ZodType<PlanNode> = z.lazy(() =>
  z.object({
    "Node Type": text,
    "Relation Name": text,
    "Index Name": text,
    "Index Cond": text,
    "Subplan Name": text,
    Plans: z.array(PlanNode).optional(),
  }),
);

function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

describe("waiting entries", () => {
  const later = () => new Date(stage.now + 60_000).toISOString();
  const clear = () => stage.sql.query("DELETE FROM outbox; DELETE FROM outbox_done; DELETE FROM rollups");

  test("of a peer are cancelled all, those of others and those being sent are not", async () => {
    await clear();
    await stage.owe(PEER, [1, 2, 3].map(event), { available_at: later() });
    await stage.owe(PEER, [event(4)], { state: "sending", leased_by: HUB });
    await stage.owe(2, [event(1)]);
    expect(await countWaiting(db, PEER)).toBe(3);
    expect(await cancelPeer(db, PEER, stage.now, "peer_revoked")).toBe(3);
    expect(await cancelPeer(db, PEER, stage.now, "peer_revoked")).toBe(0);
    expect((await stage.owed()).map(({ peer, seq }) => [peer, seq])).toEqual([
      [1, 4],
      [2, 1],
    ]);
    expect(await stage.counts()).toEqual({ "1 cancelled peer_revoked": 3 });
  });

  test("of a peer that is back become due, but for those it asked to get later", async () => {
    await clear();
    await stage.owe(PEER, [1, 2].map(event), { available_at: later(), wait_reason: "schedule" });
    await stage.owe(PEER, [event(3)], { available_at: later(), wait_reason: "retry_after" });
    await stage.owe(2, [event(1)], { available_at: later() });
    expect(await retryPeerNow(db, PEER, stage.now)).toBe(2);
    expect(await retryPeerNow(db, PEER, stage.now)).toBe(0);
    expect(
      (await claim(db, { peer: PEER, hub: HUB, now: stage.now, limit: 9, bytes: 1e9 })).entries.map(({ seq }) => seq),
    ).toEqual([1, 2]);
  });

  test("are counted for display up to a limit, with the oldest and the next", async () => {
    await clear();
    await stage.owe(PEER, [1, 2, 3].map(event), {
      available_at: later(),
      created_at: new Date(stage.now - 5_000).toISOString(),
    });
    await stage.owe(3, [event(1)], { state: "sending", leased_by: HUB });
    expect(await peersOwed(db)).toEqual([1, 3]);
    expect(await depths(db, [1, 2, 3], 2)).toEqual([
      { peer: 1, owed: 2, more: true, oldest: stage.now - 5_000, next: stage.now + 60_000 },
      { peer: 2, owed: 0, more: false, oldest: null, next: null },
      { peer: 3, owed: 1, more: false, oldest: stage.now, next: null },
    ]);
    expect(await nextDue(db, [1, 2, 3])).toEqual(new Map([[1, stage.now + 60_000]]));
  });
});
