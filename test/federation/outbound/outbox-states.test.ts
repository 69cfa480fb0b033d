import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../../src/main/hub/store/database.ts";
import { claim, expireLeases, LEASE_MS, renewLeases } from "../../../src/main/hub/store/outbox.ts";
import { type SettleEvent, settle } from "../../../src/main/hub/store/outbox-settle.ts";
import { cancelEntry, expireWaiting, retryNow } from "../../../src/main/hub/store/outbox-waiting.ts";
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

beforeEach(() => stage.sql.query("DELETE FROM outbox; DELETE FROM outbox_done; DELETE FROM rollups"));

afterAll(() => stage.close());

const key = (seq: number) => ({ peer: PEER, seq, gen: 0 });
const event = (seq: number) => makeEvent(seq);
const at = () => new Date(stage.now);

/** Puts an entry into a state, by hand. */
async function put(seq: number, state: string, over: Record<string, unknown> = {}): Promise<void> {
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
    await stage.sql.query("DELETE FROM outbox");
    await put(1, "pending");
    expect(await renewLeases(db, HUB, PEER, [1], stage.now)).toBe(0);
  });

  test("that is settled twice counts once", async () => {
    await put(1, "sending");
    expect(await settleAs("deliver", 1)).toBe(1);
    expect(await settleAs("deliver", 1)).toBe(0);
    expect(await stage.counts()).toEqual({ "1 delivered result": 1 });
  });
});

describe("settling many", () => {
  test("writes each entry's own values, whatever the order they come in", async () => {
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
