import { afterEach, expect, test } from "vitest";
import { Completions } from "../../../src/main/hub/federation/outbound/completions.ts";
import { entryFromFresh } from "../../../src/main/hub/federation/outbound/lane-entry.ts";
import { dead, delivered, postponed } from "../../../src/main/hub/federation/outbound/outcomes.ts";
import type { Queryable } from "../../../src/main/hub/store/database.ts";
import type { DeadEntry } from "../../../src/main/hub/store/outbox-waiting.ts";
import { makeEvent } from "../../support/events.ts";
import { Stage, until } from "./stage.ts";

let stage: Stage;

afterEach(() => stage?.close());

const ATTEMPT = "019b7c01-0400-7609-8c9a-932d69e96d14";

async function hold(count: number) {
  const events = await stage.events(count);
  await stage.owe(1, events, { state: "sending", leased_by: 1 });
  return events.map((event) => entryFromFresh({ peer: 1, seq: event.seq, gen: 0, event, createdAt: stage.now }, 1_000));
}

function completions(db: Queryable, told: DeadEntry[] = []) {
  const errors: unknown[] = [];
  const made = new Completions({
    db,
    hub: 1,
    clock: () => stage.now,
    onSettled: () => undefined,
    onDead: (entries) => told.push(...entries),
    onError: (error) => errors.push(error),
  });
  return { made, errors };
}

test("outcomes of several lanes share a statement", async () => {
  stage = await Stage.open([]);
  const entries = await hold(40);
  let statements = 0;
  const counting: Queryable = {
    query: (query) => {
      statements++;
      return stage.db.query(query);
    },
  };
  const { made } = completions(counting);
  let written = 0;
  for (const entry of entries)
    made.add({ attempts: [], outcomes: [delivered([entry], [ATTEMPT], "accepted")], written: () => written++ });
  await made.flush(1_000);
  expect([written, statements]).toEqual([40, 1]);
  expect(await stage.done()).toHaveLength(40);
});

test("what PostgreSQL refuses is found by halving, and given up alone", async () => {
  stage = await Stage.open([]);
  const entries = await hold(20);
  const { made, errors } = completions(stage.db);
  let written = 0;
  entries.forEach((entry, index) => {
    const result = index === 13 ? "a \u0000 that no text can hold" : "accepted";
    made.add({ attempts: [], outcomes: [delivered([entry], [ATTEMPT], result)], written: () => written++ });
  });
  await made.flush(1_000);
  expect(written).toBe(20);
  expect(errors).toHaveLength(1);
  expect(await stage.done()).toHaveLength(19);
  expect(await stage.owed()).toMatchObject([{ seq: 14, state: "sending" }]);
});

test("while the database is away they are kept in their order, and nothing is lost between two halves", async () => {
  stage = await Stage.open([]);
  const entries = await hold(20);
  let failures = 3;
  const away: Queryable = {
    query: (query) => {
      if (failures-- > 0) return Promise.reject(Object.assign(new Error("gone"), { code: "ECONNREFUSED" }));
      return stage.db.query(query);
    },
  };
  const { made, errors } = completions(away);
  let written = 0;
  for (const entry of entries)
    made.add({ attempts: [], outcomes: [delivered([entry], [ATTEMPT], "accepted")], written: () => written++ });
  await until(() => written === 20, "everything to be written");
  expect(await stage.done()).toHaveLength(20);
  expect(errors).toEqual([]);
});

test("a database that stays away ends with what is left given up", async () => {
  stage = await Stage.open([]);
  const entries = await hold(3);
  const { made } = completions({ query: () => Promise.reject(Object.assign(new Error("gone"), { code: "57P01" })) });
  let written = 0;
  for (const entry of entries)
    made.add({ attempts: [], outcomes: [delivered([entry], [ATTEMPT], "accepted")], written: () => written++ });
  await made.flush(20);
  expect(written).toBe(0);
});

test("dead letters are told after they are written, and only those that this hub still held", async () => {
  stage = await Stage.open([]);
  const entries = await hold(4);
  await stage.sql.query("UPDATE outbox SET leased_by = 2 WHERE seq = 2");
  const told: DeadEntry[] = [];
  const { made } = completions(stage.db, told);
  const outcomes = [
    dead(entries.slice(0, 2), [ATTEMPT], "refused", "http_400", "no"),
    dead(entries.slice(2, 3), [ATTEMPT], "given_up", "schedule_ended", "late"),
    postponed(entries.slice(3), [ATTEMPT], "schedule", "later"),
  ];
  made.add({ attempts: [], outcomes, written: () => undefined });
  await made.flush(1_000);
  const { team, id, source, type } = makeEvent(1);
  expect(told).toEqual([
    {
      peer: 1,
      seq: 1,
      gen: 0,
      hops: 0,
      tries: 1,
      cause: "http_400",
      lastError: "no",
      event: { team, id, source, type },
    },
    expect.objectContaining({ seq: 3, cause: "schedule_ended", lastError: "late" }),
  ]);
  expect((await stage.owed()).map(({ seq, state }) => [seq, state])).toEqual([
    [2, "sending"],
    [4, "pending"],
  ]);
});
