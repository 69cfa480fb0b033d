import { afterEach, describe, expect, test } from "vitest";
import type { FreshEntry, LogEvent } from "../../../src/main/hub/model.ts";
import { LEASE_MS } from "../../../src/main/hub/store/outbox.ts";
import { insertEvents, makeEvent } from "../../support/events.ts";
import { FakePeer, type Handler, takesBatches, takesSingles } from "./fake-peer.ts";
import { makePeer, Stage, until } from "./stage.ts";

let stage: Stage;
const peers: FakePeer[] = [];

async function startPeer(handler: Handler = takesSingles): Promise<FakePeer> {
  const peer = await FakePeer.start(handler);
  peers.push(peer);
  return peer;
}

afterEach(async () => {
  await stage?.close();
  await Promise.all(peers.splice(0).map((peer) => peer.stop()));
});

/** What the log does for an event that it routes to a peer whose lane has room. */
async function accept(
  hub: Awaited<ReturnType<Stage["start"]>>,
  peer: number,
  events: readonly LogEvent[],
): Promise<boolean> {
  const leased = hub.mayLease(peer, events.length);
  await stage.owe(peer, events, leased ? { state: "sending", leased_by: 1, leased_until: leaseEnd() } : {});
  if (leased)
    hub.offer(
      peer,
      events.map((event) => fresh(peer, event)),
    );
  else hub.wake(peer);
  return leased;
}

const leaseEnd = (): string => new Date(stage.now + LEASE_MS).toISOString();
const fresh = (peer: number, event: LogEvent): FreshEntry => ({
  peer,
  seq: event.seq,
  gen: 0,
  event,
  createdAt: stage.now,
});

describe("several peers", () => {
  test("one hangs, one fails, and the lane of the healthy one drains completely meanwhile", async () => {
    const hanging = await startPeer(() => "hang");
    const failing = await startPeer(() => ({ status: 500 }));
    const healthy = await startPeer(takesBatches);
    stage = await Stage.open([makePeer(1, hanging.url), makePeer(2, failing.url), makePeer(3, healthy.url)]);
    const events = await stage.events(800);
    for (const peer of [1, 2, 3]) await stage.owe(peer, events);
    const hub = await stage.start();
    await until(async () => (await stage.done()).length === 800, "the healthy lane");
    expect((await stage.done()).every(({ peer, state }) => peer === 3 && state === "delivered")).toBe(true);
    expect(new Set(healthy.ids).size).toBe(800);
    const [slow, broken, well] = hub.snapshot();
    expect(slow).toMatchObject({ peer: 1, inFlight: 32, breaker: "closed" });
    expect(broken).toMatchObject({ peer: 2, breaker: "open", waitReason: "breaker_open" });
    expect(well).toMatchObject({ peer: 3, queued: 0, inFlight: 0, backlog: false, waitReason: null });
  });
});

describe("fresh entries", () => {
  test("go from memory to the peer, without a claim", async () => {
    const peer = await startPeer(takesBatches);
    stage = await Stage.open([makePeer(1, peer.url, { batches: true })]);
    const hub = await stage.start();
    await until(() => hub.snapshot()[0]?.backlog === false, "the empty backlog");
    const events = await stage.events(50);
    expect(await accept(hub, 1, events)).toBe(true);
    await stage.settled(0, 50);
    expect(peer.ids).toEqual(events.map(({ id }) => id));
  });

  test("are refused while the lane has a backlog, is paused, waits, is ordered or unknown", async () => {
    const peer = await startPeer(() => "hang");
    stage = await Stage.open([makePeer(1, peer.url), makePeer(2, peer.url, { ordered: true })]);
    const hub = await stage.start();
    await until(() => hub.snapshot().every(({ backlog }) => !backlog), "the empty backlogs");
    expect(hub.mayLease(1, 1)).toBe(true);
    hub.giveBack(1, 1);
    expect(hub.mayLease(2, 1)).toBe(false);
    expect(hub.mayLease(99, 1)).toBe(false);

    hub.wake(1);
    expect(hub.mayLease(1, 1)).toBe(false);
    await until(() => hub.snapshot()[0]?.backlog === false, "the empty backlog");
    stage.registry.change(1, { status: "paused" });
    await until(() => hub.snapshot()[0]?.waitReason === "peer_paused", "the pause");
    expect(hub.mayLease(1, 1)).toBe(false);
  });

  test("have room for 16,384, reservations and what is not written yet included", async () => {
    const peer = await startPeer(() => "hang");
    stage = await Stage.open([makePeer(1, peer.url)]);
    const hub = await stage.start();
    await until(() => hub.snapshot()[0]?.backlog === false, "the empty backlog");
    expect(hub.mayLease(1, 16_000)).toBe(true);
    expect(hub.mayLease(1, 385)).toBe(false);
    expect(hub.mayLease(1, 384)).toBe(true);
    hub.giveBack(1, 16_000);
    expect(hub.mayLease(1, 16_000)).toBe(true);
    hub.offer(
      1,
      Array.from({ length: 16_000 }, (_, index) => fresh(1, makeEvent(index + 1))),
    );
    expect(hub.snapshot()[0]).toMatchObject({ queued: 16_000 - 32, inFlight: 32 });
    expect(hub.mayLease(1, 1)).toBe(false);
    hub.giveBack(1, 384);
    expect(hub.mayLease(1, 384)).toBe(true);
  });

  test("have room for 32 MiB", async () => {
    const peer = await startPeer(() => "hang");
    stage = await Stage.open([makePeer(1, peer.url)]);
    const hub = await stage.start();
    await until(() => hub.snapshot()[0]?.backlog === false, "the empty backlog");
    const data = JSON.stringify("x".repeat(250_000));
    for (let seq = 1; seq <= 135; seq++) {
      if (!hub.mayLease(1, 1)) break;
      hub.offer(1, [fresh(1, makeEvent(seq, { data }))]);
    }
    // Each takes 250,002 bytes and its envelope, and 134 of them are the first to be more than 32 MiB.
    expect(hub.snapshot()[0]).toMatchObject({ queued: 134 - 32 });
    expect(hub.mayLease(1, 1)).toBe(false);
  });

  test("that were accepted just as their peer was deleted are cancelled", async () => {
    const peer = await startPeer();
    stage = await Stage.open([makePeer(1, peer.url)]);
    const hub = await stage.start();
    await until(() => hub.snapshot()[0]?.backlog === false, "the empty backlog");
    const events = await stage.events(2);
    expect(hub.mayLease(1, 2)).toBe(true);
    await stage.owe(1, events, { state: "sending", leased_by: 1, leased_until: leaseEnd() });
    stage.registry.change(1, null);
    hub.offer(
      1,
      events.map((event) => fresh(1, event)),
    );
    await stage.settled(0, 2);
    expect(await stage.done()).toMatchObject([
      { state: "cancelled", cause: "peer_deleted", tries: 0 },
      { state: "cancelled", cause: "peer_deleted" },
    ]);
    expect(peer.received).toEqual([]);
  });

  test("and a backlog arrive all, while the one turns into the other", async () => {
    const peer = await startPeer(takesBatches);
    stage = await Stage.open([makePeer(1, peer.url, { batches: true })]);
    await stage.owe(1, await stage.events(700));
    const hub = await stage.start();
    let leased = 0;
    for (let batch = 0; batch < 20; batch++) {
      const events = await stage.events(25, {}, 701 + batch * 25);
      if (await accept(hub, 1, events)) leased++;
    }
    await stage.settled(0, 1_200);
    expect(new Set(peer.ids).size).toBe(1_200);
    expect(peer.ids).toHaveLength(1_200);
    expect(leased).toBeLessThanOrEqual(20);
  });
});

describe("an ordered peer", () => {
  test("has one request in flight, and gets everything in the order of seq", async () => {
    const peer = await startPeer(takesBatches);
    stage = await Stage.open([makePeer(1, peer.url, { ordered: true, batches: true })]);
    const events = await stage.events(60);
    await stage.owe(1, [...events].reverse());
    await stage.start();
    await stage.settled(0, 60);
    expect(peer.ids).toEqual(events.map(({ id }) => id));
    expect(peer.mostWaiting).toBe(1);
    expect(peer.received.some(({ batch }) => batch)).toBe(false);
  });

  test("waits behind a failure, and goes on past a dead letter", async () => {
    const peer = await startPeer();
    const failures = new Map([
      ["evt-3", [500, 500]],
      ["evt-5", [422]],
    ]);
    peer.handler = ({ events: [event] }) => ({ status: failures.get(event?.id ?? "")?.shift() ?? 202 });
    stage = await Stage.open([makePeer(1, peer.url, { ordered: true })]);
    await stage.owe(1, await stage.events(8));
    const hub = await stage.start();
    await stage.settled(6, 2);
    await until(async () => (await stage.owed()).every(({ state }) => state === "pending"), "everything back");
    expect((await stage.owed()).map(({ seq, wait_reason }) => [seq, wait_reason])).toEqual([
      [3, "schedule"],
      ...[4, 5, 6, 7, 8].map((seq) => [seq, "ordered"]),
    ]);
    await hub.poll();
    expect(peer.ids).toEqual(["evt-1", "evt-2", "evt-3"]);
    stage.now += 6_000;
    await until(async () => (await stage.owed())[0]?.tries === 2, "the second failure");
    stage.now += 60_000;
    await stage.settled(0, 8);
    expect(peer.ids.map((id) => id.slice(4)).join(" ")).toBe("1 2 3 3 3 4 5 6 7 8");
  });

  test("keeps its order when two hubs share the database", async () => {
    const peer = await startPeer();
    stage = await Stage.open([makePeer(1, peer.url, { ordered: true })]);
    const events = await stage.events(300);
    await stage.owe(1, events);
    await Promise.all([stage.start({ hubNo: 1 }), stage.start({ hubNo: 2 })]);
    await stage.settled(0, 300);
    expect(peer.ids).toEqual(events.map(({ id }) => id));
    expect(peer.mostWaiting).toBe(1);
  });
});

describe("pause, revoke and delete", () => {
  test("a pause keeps everything, and a resume sends it", async () => {
    const peer = await startPeer();
    stage = await Stage.open([makePeer(1, peer.url, { status: "paused" })]);
    await stage.owe(1, await stage.events(10));
    const hub = await stage.start();
    await hub.poll();
    expect(peer.received).toEqual([]);
    expect(hub.snapshot()).toMatchObject([{ waitReason: "peer_paused" }]);
    stage.registry.change(1, { status: "active" });
    await stage.settled(0, 10);
  });

  test("a pause in the middle gives back what was not sent", async () => {
    const answers: (() => void)[] = [];
    const peer = await startPeer(() => new Promise((resolve) => answers.push(() => resolve({ status: 202 }))));
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(100));
    await stage.start();
    await until(() => answers.length === 32, "32 on the wire");
    stage.registry.change(1, { status: "paused" });
    for (const answer of answers) answer();
    await stage.settled(68, 32);
    await until(async () => (await stage.owed()).every(({ state }) => state === "pending"), "everything back");
    expect((await stage.owed()).every(({ wait_reason, tries }) => wait_reason === "peer_paused" && tries === 0)).toBe(
      true,
    );
    expect(peer.received).toHaveLength(32);
  });

  test.each([
    ["revoke", { status: "revoked" as const }, "peer_revoked"],
    ["delete", null, "peer_deleted"],
  ])("%s cancels what is queued, in memory and in the database, and counts it", async (_name, change, cause) => {
    const answers: (() => void)[] = [];
    const peer = await startPeer(
      ({ events: [event] }) =>
        new Promise((resolve) => {
          answers.push(() => resolve({ status: event?.id === "evt-1" ? 202 : 500 }));
        }),
    );
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(700));
    await stage.start();
    await until(() => answers.length === 32, "32 on the wire");
    stage.registry.change(1, change);
    await until(async () => (await stage.done()).length === 700 - 32, "the cancellation");
    for (const answer of answers) answer();
    await stage.settled(0, 700);
    const done = await stage.done();
    // What the peer took in the end was delivered; what failed is not tried again.
    expect(done[0]).toMatchObject({ seq: 1, state: "delivered" });
    expect(done.slice(1).every(({ state }) => state === "cancelled")).toBe(true);
    expect(done.slice(1).every((row) => row.cause === cause)).toBe(true);
    expect(done.filter(({ tries }) => tries === 1)).toHaveLength(32);
    expect(await stage.counts()).toMatchObject({ [`1 cancelled ${cause}`]: 699, "1 delivered": 1 });
  });

  test("what is left of a peer that is gone is found at the start, and its count is told by cancelPeer", async () => {
    const peer = await startPeer();
    stage = await Stage.open([makePeer(1, peer.url)]);
    const events = await stage.events(30);
    await stage.owe(7, events);
    const hub = await stage.start();
    await stage.settled(0, 30);
    expect((await stage.done()).every(({ peer: no, cause }) => no === 7 && cause === "peer_deleted")).toBe(true);

    await until(() => hub.snapshot()[0]?.backlog === false, "the empty backlog");
    stage.registry.change(1, { status: "paused" });
    await stage.owe(1, events);
    expect(await hub.cancelPeer(1, "cancelled")).toBe(30);
    expect(await hub.cancelPeer(1, "cancelled")).toBe(0);
  });

  test("the count of a deletion holds what was in memory too, and is told once for all who ask", async () => {
    const peer = await startPeer(() => "hang");
    stage = await Stage.open([makePeer(1, peer.url)]);
    const hub = await stage.start({ pollMs: 60_000 });
    const events = await stage.events(1_000);
    await stage.owe(1, events.slice(0, 700));
    hub.wake(1);
    await until(() => peer.waiting === 32 && hub.snapshot()[0]?.queued === 700 - 32, "a lane at work");
    await stage.owe(1, events.slice(700));
    stage.registry.change(1, null);
    const counts = await Promise.all([hub.cancelPeer(1, "peer_deleted"), hub.cancelPeer(1, "peer_deleted")]);
    expect(counts).toEqual([1_000 - 32, 1_000 - 32]);
    await until(async () => (await stage.done()).length === 1_000 - 32, "the cancellation");
  });

  test("one entry can be cancelled, or tried at once", async () => {
    const peer = await startPeer();
    stage = await Stage.open([makePeer(1, peer.url)]);
    const later = new Date(stage.now + 3_600_000).toISOString();
    await stage.owe(1, await stage.events(2), { available_at: later, tries: 2, wait_reason: "schedule" });
    const hub = await stage.start();
    const first = { peer: 1, seq: 1, gen: 0 };
    await expect(hub.cancelEntry("another-team", first)).rejects.toMatchObject({ code: "not_found" });
    await hub.cancelEntry("t", first);
    await expect(hub.cancelEntry("t", first)).rejects.toMatchObject({ code: "conflict" });
    await hub.retryNow("t", { peer: 1, seq: 2, gen: 0 });
    await stage.settled(0, 2);
    await expect(hub.retryNow("t", { peer: 1, seq: 2, gen: 0 })).rejects.toMatchObject({ code: "conflict" });
    expect(await stage.done()).toMatchObject([
      { seq: 1, state: "cancelled", result: "cancelled", cause: "cancelled" },
      { seq: 2, state: "delivered", tries: 3 },
    ]);
  });
});

describe("what has changed since an entry was queued", () => {
  test("an instance id that was learned shows a loop, which is recorded as the decision", async () => {
    const peer = await startPeer();
    stage = await Stage.open([makePeer(1, peer.url, { instanceId: "instance-x", revision: 9 })]);
    const events = [
      makeEvent(1, { copy: { origin: "instance-x", chain: '["instance-x"]', hops: 1 } }),
      makeEvent(2, { copy: { origin: "instance-y", chain: '["instance-y"]', hops: 1 } }),
    ];
    await insertEvents(stage.db, events);
    await stage.owe(1, events);
    await stage.start();
    await stage.settled(0, 2);
    expect(peer.ids).toEqual(["evt-2"]);
    expect(await stage.done()).toMatchObject([
      { seq: 1, state: "cancelled", cause: "loop", tries: 0, attempts: [] },
      { seq: 2, state: "delivered" },
    ]);
    const { rows } = await stage.sql.query("SELECT seq::int, peer, reason, evidence::json FROM drops");
    expect(rows).toEqual([
      {
        seq: 1,
        peer: 1,
        reason: "loop",
        evidence: { instance: "instance-x", known_by: "instance_id", chain: ["instance-x", "instance-a"] },
      },
    ]);
    expect(await stage.counts()).toMatchObject({ "1 drop loop": 1, "1 cancelled loop": 1, "1 delivered": 1 });
  });

  test("a narrower scope or a lower limit does not take an owed entry back", async () => {
    const peer = await startPeer();
    stage = await Stage.open([makePeer(1, peer.url, { scopes: ["nothing.*"], maxHops: 1, maxBytes: 1 })]);
    const events = [makeEvent(1, { copy: { origin: "x", chain: '["x","y"]', hops: 2 } })];
    await insertEvents(stage.db, events);
    await stage.owe(1, events);
    await stage.start();
    await stage.settled(0, 1);
    expect(await stage.done()).toMatchObject([{ state: "delivered", hops: 2 }]);
  });

  test("an event that retention has taken is a dead letter with its cause", async () => {
    const peer = await startPeer(takesBatches);
    stage = await Stage.open([makePeer(1, peer.url, { batches: true })]);
    const events = await stage.events(3);
    await stage.owe(1, events);
    await stage.sql.query("DELETE FROM events WHERE seq = 2");
    await stage.start();
    await stage.settled(0, 3);
    expect(await stage.done()).toMatchObject([
      { state: "delivered" },
      { seq: 2, state: "dead", result: "given_up", cause: "event_gone", tries: 0 },
      { state: "delivered" },
    ]);
    await stage.died(1);
    expect(stage.dead).toMatchObject([{ seq: 2, cause: "event_gone", event: null }]);
  });

  test("a shorter copy that waits as successor takes the place of an attempt that failed", async () => {
    let fail: (() => void) | undefined;
    const peer = await startPeer(
      (_request, count) =>
        new Promise((resolve) => {
          if (count === 1) fail = () => resolve({ status: 500 });
          else resolve({ status: 202 });
        }),
    );
    stage = await Stage.open([makePeer(1, peer.url)]);
    const events = [makeEvent(1, { copy: { origin: "x", chain: '["x","y"]', hops: 2 } })];
    await insertEvents(stage.db, events);
    await stage.owe(1, events);
    const hub = await stage.start();
    await until(() => fail !== undefined, "the first request");
    await stage.sql.query(`UPDATE events SET chain = '["x"]', hops = 1`);
    await stage.owe(1, events, { gen: 1, hops: 1 });
    fail?.();
    await until(async () => (await stage.done()).length > 0, "the failure");
    hub.wake(1);
    await stage.settled(0, 2);
    const { rows } = await stage.sql.query(
      "SELECT gen, state, result, cause, hops, tries FROM outbox_done ORDER BY gen",
    );
    expect(rows).toEqual([
      { gen: 0, state: "cancelled", result: "superseded", cause: "superseded", hops: 2, tries: 1 },
      { gen: 1, state: "delivered", result: "accepted", cause: null, hops: 1, tries: 1 },
    ]);
    expect(peer.received.map(({ events: [event] }) => event?.kitefedhops)).toEqual([3, 2]);
  });

  test("an entry read while its event's shorter copy was being written goes back at once", async () => {
    const peer = await startPeer();
    stage = await Stage.open([makePeer(1, peer.url)]);
    const events = [makeEvent(1, { copy: { origin: "x", chain: '["x","y"]', hops: 2 } })];
    await insertEvents(stage.db, events);
    // The entry stands for the shorter copy already, the event was read a moment before.
    await stage.owe(1, events, { hops: 1 });
    const hub = await stage.start();
    await until(
      async () => (await stage.owed())[0]?.state === "pending" && hub.snapshot()[0]?.unwritten === 0,
      "the release",
    );
    expect(peer.received).toEqual([]);
    await stage.sql.query(`UPDATE events SET chain = '["x"]', hops = 1`);
    await stage.settled(0, 1);
    expect(peer.received.map(({ events: [event] }) => event?.kitefedhops)).toEqual([2]);
    expect(await stage.done()).toMatchObject([{ hops: 1, tries: 1 }]);
  });
});
