import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { HubError } from "../../../src/main/hub/errors.ts";
import { DeliveryFailed, type DeliveryFailure } from "../../../src/main/hub/federation/delivery-failed/index.ts";
import { parseStructured, renderEvent } from "../../../src/shared/event/index.ts";
import { decide, isInternalType } from "../../../src/shared/rules/index.ts";
import { makeEvent } from "../../support/events.ts";
import { FakeAcceptor, fakePeer, fakeRegistry, NOW, TEAM } from "../inbound/fake-hub.ts";

const Data = z.strictObject({
  event_id: z.string(),
  event_source: z.string(),
  event_type: z.string(),
  peer_id: z.string(),
  peer_name: z.string(),
  reason: z.string(),
  hops: z.int(),
  max_hops: z.int(),
  attempts: z.int(),
  last_error: z.string().nullable(),
  count: z.int(),
});

const peer = fakePeer();
const other = fakePeer({ no: 2, id: "00000000-0000-7000-8000-000000000002", name: "b" });

const failure = (change: Partial<DeliveryFailure> = {}): DeliveryFailure => ({
  team: TEAM,
  event: { id: "evt-1", source: "https://shop", type: "com.shop.order" },
  peer,
  reason: "http_400",
  hops: 1,
  maxHops: 3,
  attempts: 4,
  lastError: "The peer said no.",
  ...change,
});

let acceptor: FakeAcceptor;
let failed: DeliveryFailed;
let timers: (() => void)[];
let errors: unknown[];

beforeEach(() => {
  acceptor = new FakeAcceptor();
  timers = [];
  errors = [];
  failed = new DeliveryFailed({
    acceptor,
    registry: fakeRegistry([peer, other]),
    source: "https://a.kite.example.com",
    now: () => NOW,
    timer: (callback, ms) => {
      expect(ms).toBe(1_000);
      timers.push(callback);
      return () => timers.splice(timers.indexOf(callback), 1);
    },
    onError: (error) => errors.push(error),
  });
});

const endOfWindow = async (): Promise<void> => {
  timers.shift()?.();
  await Promise.resolve();
};
const data = (): z.infer<typeof Data>[] => acceptor.accepted.map((event) => Data.parse(JSON.parse(event.data ?? "")));

describe("the event", () => {
  test("tells what was not delivered, to whom and why", async () => {
    failed.report(failure());
    await failed.close();
    expect(data()).toEqual([
      {
        event_id: "evt-1",
        event_source: "https://shop",
        event_type: "com.shop.order",
        peer_id: peer.id,
        peer_name: "a",
        reason: "http_400",
        hops: 1,
        max_hops: 3,
        attempts: 4,
        last_error: "The peer said no.",
        count: 1,
      },
    ]);
    expect(acceptor.accepted[0]).toMatchObject({
      type: "kite.federation.delivery_failed",
      source: "https://a.kite.example.com",
      team: TEAM,
      hook: null,
      via: null,
      identity: null,
      summary: "Not delivered to a: com.shop.order (http_400)",
    });
  });

  test("never leaves this instance, whatever a peer's scopes say", async () => {
    failed.report(failure());
    await failed.close();
    const { type = "", dataBytes = 0 } = acceptor.accepted[0] ?? {};
    expect(isInternalType(type)).toBe(true);
    const event = { type, dataBytes, provenance: { origin: null, chain: [], hops: 0 } };
    expect(decide(event, { instanceId: "me" }, peer.policy)).toMatchObject({ reason: "internal_event" });
  });

  test("is one that clients can read, whatever the failed event was called", async () => {
    const nasty = `\u0000\ud800\n${"x".repeat(100_000)}`;
    failed.report(failure({ event: { id: nasty, source: nasty, type: nasty }, lastError: nasty }));
    await failed.close();
    const [event] = acceptor.accepted;
    if (event === undefined) throw new Error("nothing was accepted");
    const wire = renderEvent(event, { seq: 1, ...event.copy });
    expect(parseStructured(wire, JSON.parse(wire))).toMatchObject({ ok: true });
    expect(wire.length).toBeLessThan(10_000);
  });
});

describe("what is reported", () => {
  test("of a batch's drops, those by the hop limit", async () => {
    const events = [makeEvent(1, { team: TEAM, copy: { origin: "s", chain: '["s","t","u"]', hops: 3 } }), makeEvent(2)];
    const drop = { peer: 1, revision: 1 };
    failed.dropped(events, [
      { ...drop, ord: 1, reason: "hop_limit", evidence: '{"hops":3,"limit":3}' },
      { ...drop, ord: 2, reason: "loop", evidence: "{}" },
      { ...drop, ord: 2, reason: "hop_limit", evidence: '{"hops":5,"limit":3}', peer: 99 },
    ]);
    await failed.close();
    expect(data()).toMatchObject([
      { event_id: "evt-1", peer_name: "a", reason: "hop_limit", hops: 3, max_hops: 3, attempts: 0, last_error: null },
    ]);
  });

  test("drops by the hop limit that a shorter copy brought about", async () => {
    const event = { ...makeEvent(1, { team: TEAM }), dataBytes: 1 };
    failed.relaxed([{ event, peer, hops: 4 }]);
    await failed.close();
    expect(data()).toMatchObject([{ event_id: "evt-1", reason: "hop_limit", hops: 4, max_hops: 3 }]);
  });

  test("dead letters, but those of which nothing is known any more", async () => {
    const event = { team: TEAM, id: "evt-9", source: "s", type: "t" };
    const entry = { peer: 1, seq: 9, gen: 0, hops: 2, tries: 26, cause: "schedule_ended", lastError: "no answer" };
    failed.dead([
      { ...entry, event },
      { ...entry, event: null },
      { ...entry, peer: 99, event },
    ]);
    await failed.close();
    expect(data()).toMatchObject([
      { event_id: "evt-9", reason: "schedule_ended", attempts: 26, last_error: "no answer", hops: 2 },
    ]);
  });
});

describe("a flood", () => {
  test("ten a second get an event each, the others share one that counts them", async () => {
    for (let i = 1; i <= 1_000; i++) failed.report(failure({ event: { id: `evt-${i}`, source: "s", type: "t" } }));
    expect(data().map((one) => one.count)).toEqual(Array.from({ length: 10 }, () => 1));
    await endOfWindow();
    expect(data().at(-1)).toMatchObject({ event_id: "evt-1000", count: 990 });
    expect(acceptor.accepted.at(-1)?.summary).toBe("Not delivered to a: 990 events (http_400), the last of type t");
    expect(timers).toHaveLength(0);
    failed.report(failure());
    expect(data().at(-1)?.count).toBe(1);
    await failed.close();
  });

  test("of one peer and reason takes nothing from another", async () => {
    for (let i = 0; i < 50; i++) failed.report(failure());
    failed.report(failure({ reason: "hop_limit" }));
    failed.report(failure({ peer: other }));
    expect(data()).toHaveLength(12);
    await failed.close();
    expect(data().reduce((sum, one) => sum + one.count, 0)).toBe(52);
  });
});

describe("when the log cannot take it", () => {
  test("it is tried again, together with what came meanwhile", async () => {
    acceptor.failure = () => new HubError("unavailable");
    for (let i = 0; i < 30; i++) failed.report(failure());
    await endOfWindow();
    await endOfWindow();
    expect(acceptor.accepted).toEqual([]);
    acceptor.failure = null;
    await endOfWindow();
    expect(data()).toMatchObject([{ count: 30 }]);
    expect(errors).toEqual([]);
  });

  test("for good, it is given up and said", async () => {
    acceptor.failure = () => new HubError("unstorable");
    failed.report(failure());
    await failed.close();
    expect(errors).toHaveLength(1);
    acceptor.failure = () => new HubError("unavailable");
    failed.report(failure());
    await failed.close();
    expect(acceptor.accepted).toEqual([]);
  });
});
