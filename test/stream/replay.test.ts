import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dropSegment, openSegment } from "../support/events.ts";
import { eventually, range, StreamHub } from "./fixture.ts";

let hub: StreamHub;

beforeAll(async () => {
  hub = await StreamHub.start();
});
afterAll(() => hub.close());

describe("the live stream", () => {
  it("brings every event, in order, to everybody of the team", async () => {
    const listeners = await Promise.all([hub.listener(), hub.listener({ client_id: "live" }), hub.listener()]);
    const first = hub.tail.seq + 1;
    for (let batch = 0; batch < 20; batch++) await hub.appendMany(10);
    for (const listener of listeners) {
      await listener.untilSeq(hub.tail.seq);
      expect(listener.seqs).toEqual(range(first, hub.tail.seq));
    }
  });

  it("keeps to the team, and to the scopes of the connection", async () => {
    const all = await hub.listener();
    const pushes = await hub.listener({ scopes: ["type:push", "agent_to:beta"] });
    const nothing = await hub.listener({ scopes: [] });
    const [, , push, message, last] = await hub.append(
      { team: "other" },
      {},
      { type: "com.github.push" },
      { type: "com.kite.agent.message", agentTo: "beta" },
      { type: "com.kite.agent.message", agentTo: "gamma" },
    );
    await all.untilSeq(last?.seq ?? 0);
    await pushes.settled();
    await nothing.settled();
    expect(all.seqs).toEqual(range((push?.seq ?? 0) - 1, last?.seq ?? 0));
    expect(pushes.seqs).toEqual([push?.seq, message?.seq]);
    expect(nothing.seqs).toEqual([]);
  });

  it("starts at the tail for a listener without a name, and for one that is new", async () => {
    await hub.appendMany(3);
    const listeners = [await hub.listener(), await hub.listener({ client_id: "brand-new" })];
    const [event] = await hub.append({});
    for (const listener of listeners) {
      await listener.untilSeq(event?.seq ?? 0);
      expect(listener.seqs).toEqual([event?.seq]);
    }
  });

  it("goes on from the log when the tail left out a stretch", async () => {
    const listener = await hub.listener();
    const first = hub.tail.seq + 1;
    await hub.append({});
    const missed = await hub.commit({}, {});
    hub.tail.seq = missed.at(-1)?.seq ?? 0;
    await hub.append({});
    await listener.untilSeq(first + 3);
    expect(listener.seqs).toEqual(range(first, first + 3));
  });

  it("shows a replayed event at its new place", async () => {
    const listener = await hub.listener();
    const [event] = await hub.append({ id: "again", replayOf: 1 });
    const frame = await listener.untilSeq(event?.seq ?? 0);
    expect(frame.event).toMatchObject({ id: "again", kiteseq: event?.seq });
  });
});

describe("a listener that comes back", () => {
  it("gets what it has not acknowledged, then the live stream", async () => {
    const before = await hub.listener({ client_id: "back" });
    const first = hub.tail.seq + 1;
    await hub.appendMany(10);
    await before.untilSeq(first + 9);
    before.ack(first + 3);
    await before.settled();
    before.socket.terminate();
    await hub.appendMany(5);
    const after = await hub.listener({ client_id: "back" });
    await hub.appendMany(5);
    await after.untilSeq(first + 19);
    expect(after.seqs).toEqual(range(first + 4, first + 19));
  });

  it("gets its very first event again when it failed at it", async () => {
    const before = await hub.listener({ client_id: "failed-at-first" });
    const [event] = await hub.append({});
    await before.untilSeq(event?.seq ?? 0);
    before.socket.terminate();
    const after = await hub.listener({ client_id: "failed-at-first" });
    await after.untilSeq(event?.seq ?? 0);
    expect(after.seqs).toEqual([event?.seq]);
  });

  it("is told apart from a namesake in another team", async () => {
    const [key] = hub.registry.snapshot.keys;
    if (key === undefined) throw new Error("no key");
    hub.registry.setKeys(key, { ...key, id: "other", team: "other", secret: "other" });
    const ours = await hub.listener({ client_id: "same-name" });
    await hub.append({ team: "other" }, {});
    await ours.untilSeq(hub.tail.seq);
    ours.ack(hub.tail.seq);
    await ours.settled();
    const theirs = await hub.listener({ client_id: "same-name", token: "other", team_id: "other" });
    await hub.append({ team: "other" });
    await theirs.untilSeq(hub.tail.seq);
    expect(theirs.seqs).toEqual([hub.tail.seq]);
  });

  it("is served from the database after a restart of the hub, page by page, large events and all", async () => {
    await hub.listener({ client_id: "long-away" });
    const first = hub.tail.seq + 1;
    await hub.appendMany(700);
    await hub.appendMany(8, { data: `"${"x".repeat(200_000)}"` });
    await hub.appendMany(700, { team: "other" });
    await hub.appendMany(3);
    await hub.restart();
    hub.flaky.sent.length = 0;
    const listener = await hub.listener({ client_id: "long-away" });
    await listener.untilSeq(hub.tail.seq);
    expect(listener.seqs).toEqual([...range(first, first + 707), ...range(first + 1_408, first + 1_410)]);
    // Two pages of small events, one for every two large ones, one for the rest.
    expect(hub.flaky.sent.filter((name) => name === "event-window").length).toBeGreaterThan(5);
  });

  it("has its scopes applied to what it missed", async () => {
    const connect = { client_id: "picky", scopes: ["type:push"] };
    (await hub.listener(connect)).socket.terminate();
    const [push] = await hub.append({ type: "com.github.push" }, {}, {});
    await hub.restart();
    const listener = await hub.listener(connect);
    const [live] = await hub.append({ type: "com.github.push" });
    await listener.untilSeq(live?.seq ?? 0);
    expect(listener.seqs).toEqual([push?.seq, live?.seq]);
  });

  it("is spared what was not for it, unless its scopes have changed", async () => {
    const connect = { client_id: "rare", scopes: ["type:rare"] };
    const before = await hub.listener(connect);
    const first = hub.tail.seq + 1;
    await hub.appendMany(10);
    await before.settled();
    before.socket.terminate();
    await eventually(() => hub.stream.sessions().every((session) => session.clientId !== "rare"));
    await hub.restart();
    hub.flaky.sent.length = 0;
    await (await hub.listener(connect)).settled();
    expect(hub.flaky.sent).not.toContain("event-window");
    const changed = await hub.listener({ client_id: "rare", scopes: ["*"] });
    await changed.untilSeq(first + 9);
    expect(changed.seqs).toEqual(range(first, first + 9));
  });

  it("that another hub has served further is not taken back", async () => {
    const listener = await hub.listener({ client_id: "ahead" });
    // Committed by another hub, which has served them; this hub's tail does not know of them yet.
    const events = await hub.commit({}, {}, {});
    const [first, second, third] = events.map((event) => event.seq);
    await hub.db.query({ text: "UPDATE cursors SET seq = $1 WHERE client_id = 'ahead'", values: [second] });
    listener.socket.terminate();
    const again = await hub.listener({ client_id: "ahead" });
    expect(again.frames[0]?.last_seq).toBe(second);
    hub.tail.publish(events.slice(0, 1));
    hub.tail.publish(events.slice(1));
    await again.untilSeq(third ?? 0);
    expect(again.seqs).toEqual([third]);
    expect(first).toBeLessThan(third ?? 0);
  });
});

describe("two sockets with one client_id", () => {
  it("both get everything, and the cursor is what either of them has reached", async () => {
    const one = await hub.listener({ client_id: "twins" });
    const two = await hub.listener({ client_id: "twins" });
    const first = hub.tail.seq + 1;
    await hub.appendMany(4);
    for (const listener of [one, two]) {
      await listener.untilSeq(first + 3);
      expect(listener.seqs).toEqual(range(first, first + 3));
    }
    one.ack(first + 2);
    await one.settled();
    two.ack(first);
    await two.settled();
    await eventually(async () => (await hub.cursor("twins")) === first + 2);
    one.socket.terminate();
    two.socket.terminate();
    await eventually(() => hub.stream.sessions().every((session) => session.clientId !== "twins"));
    expect(await hub.cursor("twins")).toBe(first + 2);
  });
});

describe("the seam between replay and live", () => {
  it("has no gap and no repeat, whatever is published while a listener catches up", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          missed: fc.integer({ min: 0, max: 1_200 }),
          forget: fc.boolean(),
          listeners: fc.integer({ min: 1, max: 3 }),
          // Between connecting and the end: how many events each commit has, how many turns the log rests after it.
          commits: fc.array(
            fc.record({ events: fc.integer({ min: 1, max: 30 }), rest: fc.integer({ min: 0, max: 4 }) }),
            {
              maxLength: 25,
            },
          ),
        }),
        async ({ missed, forget, listeners, commits }) => {
          const names = Array.from({ length: listeners }, (_, i) => `seam-${++run}-${i}`);
          for (const name of names) (await hub.listener({ client_id: name })).socket.terminate();
          const first = hub.tail.seq + 1;
          for (let left = missed; left > 0; left -= 100) await hub.appendMany(Math.min(left, 100));
          if (forget) await hub.restart();
          const open = names.map((name) => hub.open({ client_id: name }));
          for (const { events, rest } of commits) {
            await hub.appendMany(events);
            for (let i = 0; i < rest; i++) await new Promise((resolve) => setImmediate(resolve));
          }
          const [last] = await hub.append({});
          for (const listener of open) {
            await listener.untilSeq(last?.seq ?? 0);
            expect(listener.seqs).toEqual(range(first, last?.seq ?? 0));
            listener.socket.terminate();
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("a cursor that retention has overtaken", () => {
  it("is told so after connected, and the stream goes on from the oldest event", async () => {
    (await hub.listener({ client_id: "overtaken" })).socket.terminate();
    (await hub.listener({ client_id: "overtaken-picky", scopes: ["type:push"] })).socket.terminate();
    await hub.appendMany(5);
    await openSegment(hub.db, 2);
    const kept = await hub.appendMany(5, { segment: 2 });
    await dropSegment(hub.db, 1);
    await hub.restart();
    const oldest = kept[0]?.seq ?? 0;
    const listener = await hub.listener({ client_id: "overtaken" });
    await listener.untilSeq(hub.tail.seq);
    expect(listener.frames.slice(0, 2)).toEqual([
      { type: "connected", last_seq: hub.tail.seq, client_id: "overtaken" },
      { type: "cursor_expired", oldest_available_seq: oldest, message: expect.stringContaining(`seq ${oldest}`) },
    ]);
    expect(listener.seqs).toEqual(range(oldest, hub.tail.seq));
    expect(listener.ofType("cursor_expired")).toHaveLength(1);

    const picky = await hub.listener({ client_id: "overtaken-picky", scopes: ["type:push"] });
    await picky.until((frame) => frame.type === "cursor_expired");
    const [push] = await hub.append({ segment: 2, type: "com.github.push" });
    await picky.untilSeq(push?.seq ?? 0);
    expect(picky.seqs).toEqual([push?.seq]);
  });

  it("is not told so when it stands right before the oldest event", async () => {
    const before = await hub.listener({ client_id: "in-time" });
    const [last] = await hub.append({ segment: 2 });
    await before.untilSeq(last?.seq ?? 0);
    before.ack(last?.seq ?? 0);
    await before.settled();
    before.socket.terminate();
    await openSegment(hub.db, 3);
    await dropSegment(hub.db, 2);
    await hub.append({ segment: 3 });
    await hub.restart();
    const after = await hub.listener({ client_id: "in-time" });
    await after.untilSeq(hub.tail.seq);
    expect(after.ofType("cursor_expired")).toEqual([]);
    expect(after.seqs).toEqual([hub.tail.seq]);
  });

  it("is told so in the middle of a replay too", async () => {
    (await hub.listener({ client_id: "mid-replay" })).socket.terminate();
    const first = hub.tail.seq + 1;
    await hub.appendMany(600, { segment: 3 });
    await openSegment(hub.db, 4);
    await hub.appendMany(600, { segment: 4 });
    await hub.restart();
    let pages = 0;
    hub.flaky.before = async (name) => {
      if (name === "event-window" && ++pages === 2) await dropSegment(hub.db, 3);
    };
    const listener = await hub.listener({ client_id: "mid-replay" });
    await listener.untilSeq(hub.tail.seq);
    hub.flaky.before = () => undefined;
    expect(listener.seqs).toEqual([...range(first, first + 499), ...range(first + 600, hub.tail.seq)]);
    expect(listener.ofType("cursor_expired")).toMatchObject([{ oldest_available_seq: first + 600 }]);
    expect(listener.frames.findIndex((frame) => frame.type === "cursor_expired")).toBe(501);
  });

  it("is told so once, however much is gone, and what is gone is not looked for", async () => {
    (await hub.listener({ client_id: "far-behind" })).socket.terminate();
    await hub.db.query({ text: "UPDATE log_head SET seq = seq + 1000000" });
    hub.tail.seq += 1_000_000;
    await openSegment(hub.db, 5);
    await dropSegment(hub.db, 4);
    const [event] = await hub.append({ segment: 5 });
    await hub.restart();
    hub.flaky.sent.length = 0;
    const listener = await hub.listener({ client_id: "far-behind" });
    await listener.untilSeq(event?.seq ?? 0);
    expect(listener.ofType("cursor_expired")).toMatchObject([{ oldest_available_seq: event?.seq }]);
    // Walking through it in the widest windows would take more than thirty; some belong to listeners of earlier tests.
    expect(hub.flaky.sent.filter((name) => name === "event-window").length).toBeLessThan(25);
  });
});
