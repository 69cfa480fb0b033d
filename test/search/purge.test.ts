import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EventSearches, Purges } from "../../src/main/hub/search/index.ts";
import { LiveSettings, PayloadKeeper } from "../../src/main/hub/settings/index.ts";
import { readEvents } from "../../src/main/hub/store/event-pages.ts";
import type { HubSettings } from "../../src/shared/hub-settings.ts";
import { ReplayFixture } from "../federation/replay/replay-fixture.ts";
import { candidate } from "../support/log-harness.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { until } from "../support/until.ts";
import { collect } from "./search-fixture.ts";

const MARK = "marker-4711";
const payload = (n: number) => ({
  type: n % 2 === 0 ? "com.secret.a" : "com.open.b",
  data: `{"card":"${MARK}","n":${n}}`,
  dataBytes: 30,
  summary: `paid with ${MARK}`,
  headers: `{"x-card":"${MARK}"}`,
});

let database: TestDatabase;
let fixture: ReplayFixture;
let purges: Purges;
beforeEach(async () => {
  database = await createTestDatabase();
  fixture = await ReplayFixture.open(database);
  const { db } = fixture.hub;
  purges = new Purges(db, new EventSearches(db, () => fixture.hub.now), () => fixture.hub.now);
});
afterEach(async () => {
  await fixture.close();
  await database.drop();
});

/** Which tables hold the mark in any column, dead versions of rows not among them. */
async function tablesWith(mark: string, where = ""): Promise<string[]> {
  const found: string[] = [];
  for (const table of ["events", "arrivals", "attempts", "drops", "outbox", "outbox_done"]) {
    const rows = await fixture.hub.rows(
      `SELECT 1 FROM ${table} t WHERE t::text LIKE $1 ${table === "events" ? where : ""} LIMIT 1`,
      [`%${mark}%`],
    );
    if (rows.length > 0) found.push(table);
  }
  return found;
}

async function peerWithEntries(count: number): Promise<{ no: number; seqs: number[] }> {
  const { no } = await fixture.ledger.peer("staging");
  return { no, seqs: await fixture.events(count, payload) };
}

describe("a purge", () => {
  test("takes the kept bodies of refused requests that fit as well, and leaves the others and what was compared", async () => {
    const { rows } = fixture.hub;
    const query = (text: string, values: unknown[] = []) => rows.call(fixture.hub, text, values);
    const refuse = (n: number, team: string | null, type: string, body: string | null) =>
      query(
        `INSERT INTO refusals (id, at, team, route, reason, event_type, evidence, hook, body, body_bytes)
         VALUES ($1, $2, $3, '/hooks', 'bad_signature', $4, '{}', 'stripe', $5, 30)`,
        [
          `00000000-0000-7000-8000-00000000000${n}`,
          new Date(fixture.hub.now - n),
          team,
          type,
          body === null ? null : Buffer.from(body),
        ],
      );
    const card = `{"card":"${MARK}"}`;
    await refuse(1, "team", "com.secret.a", card);
    await refuse(2, null, "com.open.b", card);
    await refuse(3, "team", "com.open.b", '{"n":1}');
    await refuse(4, "team", "com.secret.a", null);
    await query("INSERT INTO teams (id, name) VALUES ('other', 'other')");
    await refuse(5, "other", "com.secret.a", card);

    const count = async (filter: string, before: number | null = null) =>
      (await purges.count("team", { filter, before })).refused;
    expect(await count("")).toBe(3);
    expect(await count("", fixture.hub.now - 2)).toBe(1);
    expect(await count("type:secret.*")).toBe(1);
    expect(await count("data.n:1 hook:stripe")).toBe(1);
    const messages = await collect(purges.purge("team", { filter: `"${MARK}"`, before: null }));
    expect(messages.at(-1)).toEqual({ purged: 0, total: 2, cancelled: 0, refused: 2, done: true });
    expect(
      await query("SELECT right(id::text, 1) AS n, body_bytes FROM refusals WHERE body IS NOT NULL ORDER BY id"),
    ).toEqual([
      { n: "3", body_bytes: 30 },
      { n: "5", body_bytes: 30 },
    ]);
    expect(await count("")).toBe(1);
  });

  test("takes what matches out of every table, marks the rows, and leaves the rest and the memory of ids", async () => {
    const { seqs } = await peerWithEntries(6);
    const { rows, log } = fixture.hub;
    const query = (text: string, values: unknown[] = []) => rows.call(fixture.hub, text, values);
    await query(
      "INSERT INTO arrivals (seq, segment, at, kind, hops, chain, digest, data) VALUES (2, 1, now(), 'conflict', 0, '[]', gen_random_uuid(), $1)",
      [MARK],
    );
    await query(
      `INSERT INTO attempts (id, segment, peer, at, duration_ms, outcome, batch, entries, first_seq, last_seq, url, request_headers, request_bytes, response_body)
       VALUES ('00000000-0000-7000-8000-000000000001', 1, 1, now(), 1, 'retry', false, 1, 2, 2, 'http://x', '{}', 1, $1)`,
      [MARK],
    );
    await query("UPDATE outbox SET attempts = '{00000000-0000-7000-8000-000000000001}' WHERE seq = 2");
    const [shown] = await log.appendReplays(await readEvents(fixture.hub.db, { afterSeq: 1, limit: 1 }));

    expect(await purges.count("team", { filter: "type:secret.*", before: null })).toEqual({
      count: 4,
      owed: 3,
      refused: 0,
    });
    const messages = await collect(purges.purge("team", { filter: "type:secret.*", before: null }));
    expect(messages.at(-1)).toEqual({ purged: 4, total: 4, cancelled: 3, refused: 0, done: true });

    expect(await tablesWith(MARK, "AND type LIKE '%secret%'")).toEqual([]);
    expect(await tablesWith(MARK)).toEqual(["events"]);
    const cut = await query(
      "SELECT seq::int, data_cut, data, data_bytes FROM events WHERE data_cut IS NOT NULL ORDER BY seq",
    );
    expect(cut).toEqual([...[2, 4, 6], shown].map((seq) => ({ seq, data_cut: "purged", data: null, data_bytes: 30 })));
    expect(await query("SELECT state, cause FROM outbox_done")).toEqual(
      Array(3).fill({ state: "cancelled", cause: "purged" }),
    );
    expect(await query("SELECT seq::int FROM outbox ORDER BY seq")).toEqual([{ seq: 1 }, { seq: 3 }, { seq: 5 }]);
    const again = await log.accept(candidate({ id: "e2", ...payload(2) }));
    expect(again).toMatchObject({ status: "duplicate", seq: seqs[1] });
    expect(await purges.count("team", { filter: "", before: null })).toEqual({ count: 3, owed: 3, refused: 0 });
  });

  test("leaves nothing in the table's files once they are rewritten", async () => {
    await fixture.events(20, payload);
    const { pool } = fixture.hub.db;
    const inFiles = async (): Promise<boolean> => {
      await pool.query("CHECKPOINT");
      const { rows } = await pool.query<{ there: boolean }>({
        text: `SELECT bool_or(position($1::bytea IN pg_read_binary_file(pg_relation_filepath(oid))) > 0) AS there FROM pg_class
               WHERE oid IN ('events_s1'::regclass, (SELECT reltoastrelid FROM pg_class WHERE oid = 'events_s1'::regclass))`,
        values: [Buffer.from(MARK)],
      });
      return rows[0]?.there ?? false;
    };
    expect(await inFiles()).toBe(true);
    await collect(purges.purge("team", { filter: "", before: null }));
    // What somebody else of this database may still see is kept: an autovacuum that is at work, for one.
    await until("the rewritten files hold nothing of it", async () => {
      await pool.query("VACUUM FULL events_s1");
      return !(await inFiles());
    });
  });

  test("of the base64 form leaves the other attributes", async () => {
    const attrs = (middle: string) => `"time":"2026-01-02T03:04:05Z"${middle},"subject":"a"`;
    await fixture.events(1, () => ({ attrs: attrs(',"data_base64":"bWFyaw=="'), data: null, dataBytes: 8 }));
    await collect(purges.purge("team", { filter: "", before: null }));
    expect(await fixture.hub.rows("SELECT attrs FROM events")).toEqual([{ attrs: attrs("") }]);
    for (const [stored, left] of [
      ['"data_base64":"eA==","subject":"a"', '"subject":"a"'],
      ['"subject":"a","data_base64":"eA=="', '"subject":"a"'],
      ['"data_base64":"eA=="', ""],
    ]) {
      await fixture.hub.rows("UPDATE events SET attrs = $1, data_cut = NULL", [stored]);
      await collect(purges.purge("team", { filter: "", before: null }));
      expect(await fixture.hub.rows("SELECT attrs FROM events")).toEqual([{ attrs: left }]);
    }
  });

  test("takes only what was received before a time", async () => {
    await fixture.events(2, payload);
    expect(await purges.count("team", { filter: "", before: fixture.hub.now - 1 })).toEqual({
      count: 0,
      owed: 0,
      refused: 0,
    });
    expect(await purges.count("team", { filter: "", before: fixture.hub.now + 1 })).toEqual({
      count: 2,
      owed: 0,
      refused: 0,
    });
  });

  test("goes in steps, and keeps what it did when it is cancelled", async () => {
    await fixture.events(1_200, payload);
    const controller = new AbortController();
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      for await (const { purged, total, done } of purges.purge(
        "team",
        { filter: "", before: null },
        controller.signal,
      )) {
        seen.push(purged);
        expect([total, done]).toEqual([1_200, false]);
        controller.abort(new Error("enough"));
      }
    };
    await expect(run()).rejects.toThrow("enough");
    expect(seen).toEqual([500]);
    expect((await purges.count("team", { filter: "", before: null })).count).toBe(700);
    expect((await collect(purges.purge("team", { filter: "", before: null }))).at(-1)).toMatchObject({
      purged: 700,
      done: true,
    });
  });

  test("makes replays impossible, with the reason", async () => {
    const { no } = await peerWithEntries(2);
    await collect(purges.purge("team", { filter: "type:secret.*", before: null }));
    const service = fixture.serve();
    await expect(service.replayEntry("team", { peer: no, seq: 2, gen: 0 })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("payload was purged"),
    });
    await expect(
      service.replayEvent("team", 2, { targets: "listeners", routing: "then", id: "same" }),
    ).rejects.toMatchObject({
      message: "Event 2 cannot be replayed: its payload was purged.",
    });
  });
});

describe("payloads", () => {
  const DAY = 86_400_000;
  const settings = (over: Partial<HubSettings>): HubSettings => ({
    retentionDays: 7,
    retentionMb: 0,
    keepPayload: "all",
    keepPayloadBytes: 10,
    keepRefusedBytes: 0,
    ...over,
  });
  const keeper = (over: Partial<HubSettings>, now: number) =>
    new PayloadKeeper(
      fixture.hub.db,
      () => settings(over),
      () => now,
    );
  const left = () => fixture.hub.rows("SELECT seq::int, data, data_cut, headers FROM events ORDER BY seq");

  test("are reduced once nothing is owed, no listener waits for them, and they are an hour old", async () => {
    const { no } = await peerWithEntries(3);
    const { now, rows } = fixture.hub;
    const query = (text: string, values: unknown[] = []) => rows.call(fixture.hub, text, values);
    expect(await keeper({ keepPayload: "all" }, now + DAY).round()).toBe(0);
    expect(await keeper({ keepPayload: "none" }, now + 2 * 3_600_000).round()).toBe(0);
    await query("DELETE FROM outbox WHERE seq = 1");
    await query(
      `INSERT INTO outbox_done (peer, seq, gen, segment, state, revision, hops, tries, replay, created_at, finished_at, result, cause, attempts)
       SELECT $1, seq, 0, 1, CASE seq WHEN 1 THEN 'delivered' ELSE 'dead' END, 1, 1, 1, false, now(), now(), 'x', '404', '{}' FROM events WHERE seq < 3`,
      [no],
    );
    await query("DELETE FROM outbox WHERE seq = 2");
    await query("INSERT INTO cursors (team, client_id, seq, updated_at) VALUES ('team', 'slow', 0, $1)", [
      new Date(now),
    ]);
    expect(await keeper({ keepPayload: "cut" }, now + 3_500_000).round()).toBe(0);
    expect(await keeper({ keepPayload: "cut" }, now + 3_700_000).round()).toBe(0);
    await query("UPDATE cursors SET seq = 3");
    expect(await keeper({ keepPayload: "cut" }, now + 3_700_000).round()).toBe(1);
    expect(await left()).toEqual([
      { seq: 1, data: JSON.stringify(payload(1).data.slice(0, 10)), data_cut: "cut", headers: null },
      { seq: 2, data: payload(2).data, data_cut: null, headers: payload(2).headers },
      { seq: 3, data: payload(3).data, data_cut: null, headers: payload(3).headers },
    ]);
    expect(await keeper({ keepPayload: "cut", keepPayloadBytes: 5 }, now + 3_700_000).round()).toBe(1);
    expect((await left())[0]).toMatchObject({ data: JSON.stringify(payload(1).data.slice(0, 5)) });
    expect(await keeper({ keepPayload: "cut" }, now + 3_700_000).round()).toBe(0);
    expect(await keeper({ keepPayload: "none" }, now + 3_700_000).round()).toBe(1);
    expect((await left())[0]).toEqual({ seq: 1, data: null, data_cut: "none", headers: null });
  });

  test("that were passed by while they were owed, or were too young, are reduced later", async () => {
    await peerWithEntries(1);
    const { rows, now } = fixture.hub;
    let time = now;
    const one = new PayloadKeeper(
      fixture.hub.db,
      () => settings({ keepPayload: "none" }),
      () => time,
    );
    expect(await one.round()).toBe(0);
    time = now + 3_700_000;
    expect(await one.round()).toBe(0);
    await rows.call(fixture.hub, "DELETE FROM outbox");
    expect(await one.round()).toBe(0);
    time = now + 2 * DAY;
    expect(await one.round()).toBe(1);
  });
});

describe("live settings", () => {
  const configured: HubSettings = {
    retentionDays: 7,
    retentionMb: 0,
    keepPayload: "all",
    keepPayloadBytes: 4_096,
    keepRefusedBytes: 0,
  };
  const open = (over: Partial<HubSettings> = {}) =>
    LiveSettings.open({ db: fixture.hub.db, configured: { ...configured, ...over }, dedupDays: 14 });

  test("win over the configuration where they were changed, and last", async () => {
    const first = await open();
    const told: HubSettings[] = [];
    first.onChange((now) => told.push(now));
    expect(first.current).toEqual(configured);
    expect(await first.update({ retentionDays: 3 })).toEqual({ ...configured, retentionDays: 3 });
    expect(told).toEqual([{ ...configured, retentionDays: 3 }]);
    expect((await open({ retentionDays: 9, retentionMb: 50 })).current).toEqual({
      ...configured,
      retentionDays: 3,
      retentionMb: 50,
    });
    await first.update({ retentionDays: 7 });
    expect((await open({ retentionDays: 9 })).current.retentionDays).toBe(9);
  });

  test("are checked, and a change that is refused changes nothing", async () => {
    const live = await open();
    await expect(live.update({ retentionDays: 15 })).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("KITE_DEDUP_DAYS"),
    });
    await expect(live.update({ keepPayloadBytes: -1 })).rejects.toMatchObject({
      message: expect.stringContaining("keepPayloadBytes"),
    });
    expect((await open()).current).toEqual(configured);
  });

  test("of another hub on the database are taken over", async () => {
    const [one, other] = [await open(), await open()];
    await one.update({ keepPayload: "none" });
    await other.refresh();
    expect(other.current.keepPayload).toBe("none");
  });
});
