import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSecretBox, HubRegistry, RegistryAdmin } from "../../../src/main/hub/registry/index.ts";
import { Database } from "../../../src/main/hub/store/database.ts";
import { candidate } from "../../support/log-harness.ts";
import { copyVia, RelaxFixture } from "./relax-fixture.ts";
import { sharedDatabase } from "./shared-database.ts";

const freshDatabase = sharedDatabase();
let hub: RelaxFixture;

beforeEach(async () => {
  hub = await RelaxFixture.open(await freshDatabase());
});

afterEach(async () => {
  await hub.close();
});

describe("a shorter copy wins", () => {
  test("S→A→V→W→X and a late S→V: W is sent the shorter copy, though it was delivered the longer one", async () => {
    const w = await hub.peer("w");
    await hub.accept("e", copyVia("s", "a"));
    await hub.finish(w, "deliver");
    expect(await hub.entries()).toMatchObject([{ peer: "w", gen: 0, state: "delivered", hops: 2 }]);

    expect(await hub.again("e", copyVia("s"), { via: 9 })).toEqual([w.no]);
    expect(await hub.held()).toEqual([{ seq: 1, origin: "s", chain: '["s"]', hops: 1, integrity: null }]);
    expect(await hub.entries()).toEqual([
      { seq: 1, peer: "w", gen: 0, state: "delivered", hops: 2, replay: false },
      { seq: 1, peer: "w", gen: 1, state: "pending", hops: 1, replay: false },
    ]);
    const [sent] = await hub.claim(w);
    expect(sent?.event?.copy).toEqual(copyVia("s"));
    expect(await hub.arrivals()).toMatchObject([{ seq: 1, kind: "shorter", via: 9, hops: 1, chain: '["s"]' }]);
    expect(await hub.counts("duplicate")).toEqual([{ peer: 9, reason: "shorter", n: 1 }]);
    expect(await hub.counts("forward")).toEqual([{ peer: w.no, reason: "", n: 2 }]);
  });

  test("an entry that waits takes the shorter copy in its place", async () => {
    const w = await hub.peer("w");
    await hub.accept("e", copyVia("s", "a"));
    expect(await hub.again("e", copyVia("s"))).toEqual([w.no]);
    expect(await hub.entries()).toEqual([{ seq: 1, peer: "w", gen: 0, state: "pending", hops: 1, replay: false }]);
    expect(await hub.counts("forward")).toMatchObject([{ n: 1 }]);
  });

  test("an entry that is being sent gets a successor, and goes its way", async () => {
    const w = await hub.peer("w");
    await hub.accept("e", copyVia("s", "a"));
    const sending = await hub.claim(w);
    await hub.again("e", copyVia("s"));
    expect(await hub.entries()).toMatchObject([
      { gen: 0, state: "sending", hops: 2 },
      { gen: 1, state: "pending", hops: 1 },
    ]);
    await hub.settle(sending, "deliver");
    await hub.finish(w, "deliver");
    expect(await hub.entries()).toMatchObject([
      { gen: 0, state: "delivered", hops: 2 },
      { gen: 1, state: "delivered", hops: 1 },
    ]);
  });

  test("a dead letter stays one, and carries the shorter copy when it is replayed", async () => {
    const w = await hub.peer("w");
    await hub.accept("e", copyVia("s", "a"));
    await hub.finish(w, "fail");
    await hub.again("e", copyVia("s"));
    expect(await hub.entries()).toMatchObject([{ gen: 0, state: "dead", hops: 1 }]);
  });

  test("what a person cancelled stays cancelled", async () => {
    const w = await hub.peer("w");
    await hub.accept("e", copyVia("s", "a"));
    await hub.finish(w, "abandon");
    expect(await hub.again("e", copyVia("s"))).toEqual([]);
    expect(await hub.entries()).toMatchObject([{ gen: 0, state: "cancelled", hops: 2 }]);
    expect(await hub.held()).toMatchObject([{ hops: 1 }]);
  });

  test("a peer that was out of reach is decided again: forwarded now, or dropped for the reason of now", async () => {
    const near = await hub.peer("near", { maxHops: 2 });
    await hub.peer("nearer", { maxHops: 1 });
    await hub.peer("elsewhere", { scopes: ["com.other.*"] });
    await hub.accept("e", copyVia("s", "a", "b"));
    expect((await hub.drops()).map(({ peer, reason }) => [peer, reason])).toEqual([
      ["elsewhere", "out_of_scope"],
      ["near", "hop_limit"],
      ["nearer", "hop_limit"],
    ]);
    const before = await hub.drops();
    expect(await hub.again("e", copyVia("s"))).toEqual([near.no]);
    expect(await hub.entries()).toMatchObject([{ peer: "near", gen: 0, state: "pending", hops: 1 }]);
    const after = await hub.drops();
    expect(after[0]).toEqual(before[0]);
    expect(after.slice(1)).toEqual([{ seq: 1, peer: "nearer", reason: "hop_limit", evidence: '{"hops":1,"limit":1}' }]);
    // What was decided again as before is no second decision.
    expect((await hub.counts("drop")).filter(({ reason }) => reason === "out_of_scope")).toMatchObject([{ n: 1 }]);
    expect(hub.hopLimitDrops).toEqual([]);
  });

  test("a drop by the hop limit where a loop stood before is told", async () => {
    const near = await hub.peer("near", { maxHops: 1 });
    await hub.accept("e", copyVia("s", "near", "b"));
    expect(await hub.drops()).toMatchObject([{ reason: "loop" }]);
    await hub.again("e", copyVia("s", "b"));
    expect(await hub.drops()).toMatchObject([{ reason: "hop_limit" }]);
    expect(hub.hopLimitDrops).toMatchObject([{ event: { seq: 1, id: "e" }, peer: { no: near.no }, hops: 2 }]);
    expect(await hub.counts("drop")).toEqual([
      { peer: near.no, reason: "hop_limit", n: 1 },
      { peer: near.no, reason: "loop", n: 1 },
    ]);
  });

  test("a local copy of what a peer told us first wins too", async () => {
    const w = await hub.peer("w");
    await hub.accept("e", copyVia("s"));
    await hub.again("e", { origin: null, chain: "[]", hops: 0 });
    expect(await hub.held()).toMatchObject([{ origin: null, chain: "[]", hops: 0 }]);
    expect(await hub.entries()).toMatchObject([{ peer: "w", hops: 0 }]);
    expect((await hub.claim(w))[0]?.event?.copy.hops).toBe(0);
  });

  test("the copy's integrity goes with it", async () => {
    await hub.accept("e", copyVia("s", "a"), { integrity: "caller_mismatch" });
    await hub.again("e", copyVia("s"));
    expect(await hub.held()).toMatchObject([{ integrity: null }]);
  });

  test("many events in one call, with peers in every state", async () => {
    const w = await hub.peer("w");
    const ids = Array.from({ length: 40 }, (_, i) => `e${i}`);
    for (const id of ids) await hub.accept(id, copyVia("s", "a", ...(Number(id.slice(1)) % 2 ? ["b"] : [])));
    hub.hub.duplicates.length = 0;
    await hub.hub.log.acceptMany(ids.map((id) => candidate({ id, copy: copyVia("s") })));
    expect(await hub.relaxer.handle([...hub.hub.duplicates])).toEqual([w.no]);
    const entries = await hub.entries();
    expect(entries).toHaveLength(40);
    expect(entries.every((entry) => entry.hops === 1 && entry.state === "pending" && entry.peer === "w")).toBe(true);
    expect(await hub.claim(w)).toHaveLength(40);
  });
});

describe("what does not win", () => {
  test.each([
    ["the same", copyVia("s", "a")],
    ["as many hops by another way", copyVia("s", "b")],
    ["more hops", copyVia("s", "b", "c")],
  ])("%s is recorded as a duplicate, and changes nothing", async (_name, copy) => {
    await hub.peer("w");
    await hub.accept("e", copyVia("s", "a"));
    const before = [await hub.held(), await hub.entries(), await hub.drops()];
    expect(await hub.again("e", copy, { via: 3 })).toEqual([]);
    expect([await hub.held(), await hub.entries(), await hub.drops()]).toEqual(before);
    expect(await hub.arrivals()).toMatchObject([
      { kind: "duplicate", via: 3, hops: copy.hops, chain: copy.chain, data: null },
    ]);
    expect(await hub.counts("duplicate")).toEqual([{ peer: 3, reason: "", n: 1 }]);
  });

  test("a conflict is recorded with its data and never wins, however short it is", async () => {
    await hub.peer("w");
    await hub.accept("e", copyVia("s", "a"));
    const before = [await hub.held(), await hub.entries()];
    expect(await hub.again("e", copyVia("s"), { data: '{"total":13}', dataBytes: 12, via: 3 })).toEqual([]);
    expect([await hub.held(), await hub.entries()]).toEqual(before);
    expect(await hub.arrivals()).toMatchObject([{ kind: "conflict", hops: 1, data: '{"total":13}' }]);
    expect(await hub.counts("duplicate")).toEqual([{ peer: 3, reason: "conflict", n: 1 }]);
  });

  test("of a large conflict the data are not kept", async () => {
    const data = `"${"x".repeat(70_000)}"`;
    await hub.accept("e", copyVia("s"));
    await hub.again("e", copyVia("s"), { data, dataBytes: data.length });
    expect(await hub.arrivals()).toMatchObject([{ kind: "conflict", data: null }]);
  });

  test("a sender that never stops cannot fill the table; conflicts have room of their own, and all are counted", async () => {
    await hub.accept("e", copyVia("s"));
    for (let i = 0; i < 70; i++) await hub.again("e", copyVia("s"));
    await hub.again("e", copyVia("s"), { data: "1", dataBytes: 1 });
    const kinds = (await hub.arrivals()).map((arrival) => arrival.kind);
    expect(kinds.filter((kind) => kind === "duplicate")).toHaveLength(64);
    expect(kinds.filter((kind) => kind === "conflict")).toHaveLength(1);
    expect(await hub.counts("duplicate")).toEqual([
      { peer: 0, reason: "", n: 70 },
      { peer: 0, reason: "conflict", n: 1 },
    ]);
  });

  test("of an event that retention has taken, the duplicate is counted", async () => {
    await hub.peer("w");
    await hub.accept("e", copyVia("s", "a"));
    hub.hub.duplicates.length = 0;
    await hub.again("e", copyVia("s", "a"));
    const duplicates = [...hub.hub.duplicates];
    await hub.hub.rows("DELETE FROM events");
    await hub.hub.rows("DELETE FROM arrivals");
    expect(await hub.relaxer.handle(duplicates)).toEqual([]);
    expect(await hub.relaxer.handle(duplicates.map((d) => ({ ...d, segment: 99 })))).toEqual([]);
    expect(await hub.arrivals()).toEqual([]);
    expect(await hub.counts("duplicate")).toEqual([{ peer: 0, reason: "", n: 3 }]);
  });

  test("a second shorter copy that is not shorter any more under the lock is a duplicate", async () => {
    await hub.peer("w");
    await hub.accept("e", copyVia("s", "a", "b"));
    hub.hub.duplicates.length = 0;
    await hub.again("e", copyVia("s", "a"));
    const [two] = hub.hub.duplicates;
    await hub.again("e", copyVia("s"));
    const [one] = hub.hub.duplicates;
    if (one === undefined || two === undefined) throw new Error("both were duplicates");
    await hub.hub.rows("UPDATE events SET hops = 3, chain = $1", [copyVia("s", "a", "b").chain]);
    await hub.relaxer.handle([two, one]);
    expect(await hub.held()).toMatchObject([{ hops: 1 }]);
    expect((await hub.arrivals()).map(({ kind, hops }) => `${kind} ${hops}`).sort()).toEqual([
      "duplicate 2",
      "shorter 1",
      "shorter 1",
      "shorter 2",
    ]);
  });
});

test("settings that another hub changed are read before anything is decided", async () => {
  const w = await hub.peer("w");
  await hub.accept("e", copyVia("s", "a"));
  await hub.finish(w, "deliver");
  const db = new Database(hub.hub.database.connection, 2, () => undefined);
  try {
    const box = createSecretBox("a key that is long enough for tests");
    const registry = await HubRegistry.open(db, box, "v", Date.now);
    await new RegistryAdmin(db, registry, box, () => hub.hub.now).updatePeer("team", w.id, { status: "revoked" });
  } finally {
    await db.close();
  }
  expect(hub.hub.registry.peerByNo(w.no)?.status).toBe("active");
  expect(await hub.again("e", copyVia("s"))).toEqual([]);
  expect(hub.hub.registry.peerByNo(w.no)?.status).toBe("revoked");
  expect(await hub.entries()).toMatchObject([{ gen: 0, state: "delivered" }]);
});

test("a failing database leaves nothing half done, and the next try does all of it", async () => {
  const w = await hub.peer("w");
  await hub.accept("e", copyVia("s", "a"));
  await hub.hub.rows("ALTER TABLE rollups ADD CONSTRAINT no_room CHECK (reason <> 'shorter')");
  await expect(hub.again("e", copyVia("s"))).rejects.toThrow(/no_room/);
  expect(await hub.held()).toMatchObject([{ hops: 2 }]);
  expect(await hub.entries()).toMatchObject([{ hops: 2 }]);
  expect(await hub.arrivals()).toEqual([]);
  await hub.hub.rows("ALTER TABLE rollups DROP CONSTRAINT no_room");
  expect(await hub.again("e", copyVia("s"))).toEqual([w.no]);
  expect(await hub.arrivals()).toMatchObject([{ kind: "shorter" }]);
});
