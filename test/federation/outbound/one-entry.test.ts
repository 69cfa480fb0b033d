import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../../src/main/hub/store/database.ts";
import { LEASE_MS, releaseUnheld } from "../../../src/main/hub/store/outbox.ts";
import { settle } from "../../../src/main/hub/store/outbox-settle.ts";
import { cancelEntry, cancelLetters, expireWaiting, retryNow } from "../../../src/main/hub/store/outbox-waiting.ts";
import { readEventsBySeq, reviveEntries } from "../../../src/main/hub/store/replay-entries.ts";
import { makeEvent } from "../../support/events.ts";
import { Stage } from "./stage.ts";

const HUB = 1;

let stage: Stage;
let db: Database;

beforeAll(async () => {
  stage = await Stage.open([], { own: true });
  db = stage.db;
  await stage.events(20);
});

beforeEach(() => stage.sql.query("DELETE FROM outbox; DELETE FROM outbox_done; DELETE FROM rollups"));

afterAll(() => stage.close());

const entry = (seq: number, gen = 0, peer = 1) => ({ peer, seq, gen });
const later = () => new Date(stage.now + 60_000).toISOString();
const owe = (seq: number, over: Record<string, unknown> = {}, peer = 1) => stage.owe(peer, [makeEvent(seq)], over);

/** Puts a finished entry there, by hand. */
async function finish(seq: number, state: string, over: { gen?: number; peer?: number; cause?: string } = {}) {
  const { gen = 0, peer = 1, cause = "http_400" } = over;
  await stage.sql.query(
    `INSERT INTO outbox_done (peer, seq, gen, segment, state, revision, hops, tries, replay, created_at, finished_at,
                              result, cause, attempts)
     VALUES ($1, $2, $3, 1, $4, 1, 0, 1, false, $5, $5, 'result', $6, '{}')`,
    [peer, seq, gen, state, new Date(stage.now), cause],
  );
}

/** What there is, as "peer/seq/gen state". */
async function all(): Promise<string[]> {
  const { rows } = await stage.sql.query<{ line: string }>(
    `SELECT concat(peer, '/', seq, '/', gen, ' ', state) AS line FROM outbox
     UNION ALL SELECT concat(peer, '/', seq, '/', gen, ' ', state) FROM outbox_done ORDER BY 1`,
  );
  return rows.map(({ line }) => line);
}

describe("what is asked of one entry", () => {
  test("cancelling leaves the others of its event alone: its successor, and what other peers are owed", async () => {
    await owe(1);
    await owe(1, { gen: 1 });
    await owe(1, {}, 2);
    expect(await cancelEntry(db, entry(1), stage.now)).toBe(true);
    expect(await all()).toEqual(["1/1/0 cancelled", "1/1/1 pending", "2/1/0 pending"]);
    expect(await cancelEntry(db, entry(1, 7), stage.now)).toBe(false);
  });

  test("cancelling a dead letter leaves an earlier one of its event alone", async () => {
    await finish(1, "dead");
    await finish(1, "dead", { gen: 1 });
    await finish(1, "dead", { peer: 2 });
    expect(await cancelEntry(db, entry(1, 1), stage.now)).toBe(true);
    expect(await all()).toEqual(["1/1/0 dead", "1/1/1 cancelled", "2/1/0 dead"]);
  });

  test("trying it now leaves its successor's time alone, and never puts off what is due already", async () => {
    await owe(1, { available_at: later() });
    await owe(1, { gen: 1, available_at: later() });
    await owe(2, { available_at: new Date(stage.now - 5_000).toISOString() });
    expect(await retryNow(db, entry(1), stage.now)).toBe(true);
    expect(await retryNow(db, entry(2), stage.now)).toBe(true);
    const due = (await stage.owed()).map(({ seq, gen, available_ms }) => [seq, gen, available_ms - stage.now]);
    expect(due).toEqual([
      [1, 0, 0],
      [1, 1, 60_000],
      [2, 0, -5_000],
    ]);
  });
});

describe("what is settled", () => {
  const blank = { result: null, cause: null, error: null, waitReason: null, evidence: null, attempts: [] } as const;
  const leased = { state: "sending", leased_by: HUB };
  const held = (gen: number) => ({ ...entry(1, gen), hops: 0, availableAt: null });

  test("goes back although an older copy of its event is on its way still: it is nobody's predecessor", async () => {
    await owe(1, leased);
    await owe(1, { ...leased, gen: 1 });
    const outcome = { ...blank, event: "retry", counted: true, entries: [held(1)] } as const;
    expect(await settle(db, HUB, stage.now, [outcome], [])).toMatchObject({ finished: 0, returned: 1 });
    expect(await all()).toEqual(["1/1/0 sending", "1/1/1 pending"]);
  });

  test("counts no attempt where none was made", async () => {
    await owe(1, leased);
    const outcome = {
      ...blank,
      event: "abandon",
      result: "loop",
      cause: "loop",
      counted: false,
      entries: [held(0)],
    } as const;
    await settle(db, HUB, stage.now, [outcome], []);
    expect(await stage.done()).toMatchObject([{ seq: 1, state: "cancelled", tries: 0 }]);
  });
});

describe("an entry that is brought back", () => {
  const revive = (...keys: ReturnType<typeof entry>[]) =>
    db.transaction((tx) => reviveEntries(tx, new Date(stage.now), keys));

  test("is none when its event is owed to the peer already: one is enough", async () => {
    await finish(1, "dead");
    await owe(1, { gen: 1 });
    await finish(2, "dead");
    await owe(2, {}, 2);
    expect(await revive(entry(1), entry(2))).toEqual([entry(2)]);
    expect(await all()).toEqual(["1/1/0 dead", "1/1/1 pending", "1/2/0 pending", "2/2/0 pending"]);
  });

  test("stands for the copy that is held now, not for the one it carried", async () => {
    await finish(3, "delivered");
    await stage.sql.query("UPDATE events SET hops = 4 WHERE seq = 3");
    await revive(entry(3));
    const { rows } = await stage.sql.query("SELECT hops FROM outbox");
    expect(rows).toEqual([{ hops: 4 }]);
  });

  test("is not sent when its payload is gone: such an event is not read for a replay", async () => {
    await stage.sql.query("UPDATE events SET data_cut = 'purged' WHERE seq = 5");
    expect((await readEventsBySeq(db, [6, 4, 5, 999])).map(({ seq }) => seq)).toEqual([4, 6]);
  });
});

test("only what was queued by a time runs out, and says which event it was", async () => {
  await owe(1, { created_at: new Date(stage.now - 1_000).toISOString(), available_at: later() });
  await owe(2, { created_at: new Date(stage.now - 999).toISOString(), available_at: later() });
  await owe(3, { created_at: new Date(stage.now - 5_000).toISOString() }, 2);
  const expired = await expireWaiting(db, 1, stage.now, stage.now - 1_000);
  expect(expired).toMatchObject([{ seq: 1, cause: "schedule_ended", event: { id: makeEvent(1).id } }]);
  expect(await all()).toEqual(["1/1/0 dead", "1/2/0 pending", "2/3/0 pending"]);
});

test("dead letters of one peer, of one cause or of all, are cancelled; nobody else's, and nothing else", async () => {
  await finish(1, "dead");
  await finish(2, "dead", { cause: "schedule_ended" });
  await finish(3, "delivered");
  await finish(1, "dead", { peer: 2 });
  expect(await cancelLetters(db, 1, "schedule_ended", stage.now)).toBe(1);
  expect(await all()).toEqual(["1/1/0 dead", "1/2/0 cancelled", "1/3/0 delivered", "2/1/0 dead"]);
  expect(await cancelLetters(db, 1, null, stage.now)).toBe(1);
  expect(await cancelLetters(db, 1, null, stage.now)).toBe(0);
  expect(await all()).toEqual(["1/1/0 cancelled", "1/2/0 cancelled", "1/3/0 delivered", "2/1/0 dead"]);
});

test("what nobody here holds is given back: this hub's leases among these events and peers, and no others", async () => {
  const leased = (by: number) => ({
    state: "sending",
    leased_by: by,
    leased_until: new Date(stage.now + LEASE_MS).toISOString(),
  });
  for (const seq of [4, 5, 6, 7]) await owe(seq, leased(HUB));
  await owe(6, leased(2), 2);
  await owe(6, leased(HUB), 3);
  await owe(6, { available_at: later() }, 4);
  // The peers that have something waiting among them are told, whoever put it there.
  expect((await releaseUnheld(db, HUB, [1, 2, 4], 4, 6)).sort()).toEqual([1, 4]);
  expect(await all()).toEqual([
    "1/4/0 sending",
    "1/5/0 pending",
    "1/6/0 pending",
    "1/7/0 sending",
    "2/6/0 sending",
    "3/6/0 sending",
    "4/6/0 pending",
  ]);
});
