import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Database, Queryable } from "../../../src/main/hub/store/database.ts";
import { claim, claimOrdered, nextDue, OUTBOX_SESSION } from "../../../src/main/hub/store/outbox.ts";
import { depths, peersOwed } from "../../../src/main/hub/store/outbox-depth.ts";
import { settle } from "../../../src/main/hub/store/outbox-settle.ts";
import { cancelPeer, retryPeerNow } from "../../../src/main/hub/store/outbox-waiting.ts";
import { makeEvent } from "../../support/events.ts";
import { Stage } from "./stage.ts";

const HUB = 1;
const PEER = 1;

let stage: Stage;
let db: Database;

beforeAll(async () => {
  stage = await Stage.open([], { own: true });
  db = stage.db;
  await stage.events(20);
});

beforeEach(() => stage.sql.query("DELETE FROM outbox; DELETE FROM outbox_done; DELETE FROM rollups"));

afterAll(() => stage.close());

const event = (seq: number) => makeEvent(seq);

describe("a claim", () => {
  const request = () => ({ peer: PEER, hub: HUB, now: stage.now, limit: 100, bytes: 1e9 });

  test("takes the due entries of its peer, oldest time first, up to the limit, and says that there are more", async () => {
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
    await stage.owe(PEER, [1, 2, 3].map(event));
    await stage.sql.query("BEGIN");
    await stage.sql.query("SELECT 1 FROM outbox WHERE seq = 2 FOR UPDATE");
    expect((await claim(db, request())).entries.map(({ seq }) => seq)).toEqual([1, 3]);
    await stage.sql.query("ROLLBACK");
  });

  test("in order passes nothing that is being sent, or waits for its time", async () => {
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
      const entries = [{ peer: PEER, seq: 1, gen: 0, hops: 0, availableAt: null }];
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

  test("of a peer are cancelled all, those of others and those being sent are not", async () => {
    await stage.owe(PEER, [1, 2, 3].map(event), { available_at: later() });
    await stage.owe(PEER, [event(4)], { state: "sending", leased_by: HUB });
    await stage.owe(2, [event(1)]);
    expect(await cancelPeer(db, PEER, stage.now, "peer_revoked")).toBe(3);
    expect(await cancelPeer(db, PEER, stage.now, "peer_revoked")).toBe(0);
    expect((await stage.owed()).map(({ peer, seq }) => [peer, seq])).toEqual([
      [1, 4],
      [2, 1],
    ]);
    expect(await stage.counts()).toEqual({ "1 cancelled peer_revoked": 3 });
  });

  test("of a peer that is back become due, but for those it asked to get later", async () => {
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
