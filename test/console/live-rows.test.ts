import pino from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { LiveRows } from "../../src/main/console/live/live-rows.ts";
import type { LogEvent } from "../../src/main/hub/model.ts";
import { type Committed, HubNews } from "../../src/main/hub/news.ts";
import type { EventRow } from "../../src/shared/contract/index.ts";
import { makeEvent } from "../support/events.ts";

test("a reading of outcomes that fails after the last console has gone is not tried again for ever", async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  let fail: (error: Error) => void = () => undefined;
  let asked = 0;
  const news = new HubNews();
  const rows = new LiveRows({
    news,
    tail: { seq: 5, subscribe: () => () => undefined },
    ledger: {
      outcomes: () => {
        asked++;
        return new Promise((_resolve, reject) => {
          fail = reject;
        });
      },
    },
    registry: { peersOf: () => [], peerByNo: () => undefined },
    log: pino({ level: "silent" }),
  } as unknown as ConstructorParameters<typeof LiveRows>[0]);
  const unfollow = rows.follow({ team: "team", push: () => undefined });
  news.touched.emit([3]);
  await vi.advanceTimersByTimeAsync(60);
  expect(asked).toBe(1);

  unfollow();
  fail(new Error("the database is gone"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

/** A log that is followed: what it publishes, and what one who looks at it knows of the outcomes. */
function openLog(head: number) {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const news = new HubNews();
  let publish: (events: readonly LogEvent[]) => void = () => undefined;
  const tail = {
    seq: head,
    subscribe: (listener: typeof publish) => {
      publish = listener;
      return () => undefined;
    },
  };
  const rows = new LiveRows({
    news,
    tail,
    ledger: { outcomes: () => Promise.reject(new Error("nothing here needs the database")) },
    registry: { peersOf: () => [{}], peerByNo: () => ({ team: "team" }) },
    log: pino({ level: "silent" }),
  } as unknown as ConstructorParameters<typeof LiveRows>[0]);
  return {
    commit: (event: LogEvent) =>
      news.committed.emit({
        events: [event],
        entries: [{ ord: 1, peer: 1, leased: true }],
        drops: [],
      } as unknown as Committed),
    publish: (event: LogEvent) => {
      tail.seq = event.seq;
      publish([event]);
    },
    deliver: (seq: number) => {
      const delivered = { event: "deliver", cause: null, entries: [{ peer: 1, seq, gen: 0 }] };
      news.settled.emit([delivered] as unknown as Parameters<typeof news.settled.emit>[0]);
    },
    /** @param past rows of its snapshot; as a feed does, it leaves out the rows of its past that come live */
    follow: (past: Record<number, EventRow["outcomes"]> = {}) => {
      const shown = new Map(Object.entries(past).map(([seq, outcomes]) => [Number(seq), outcomes]));
      const start = tail.seq;
      rows.follow({
        team: "team",
        push: (fresh, changes) => {
          for (const row of fresh) if (row.seq > start) shown.set(row.seq, row.outcomes);
          for (const { seq, ...outcome } of changes) if (shown.has(seq)) shown.set(seq, [outcome]);
        },
      });
      return shown;
    },
  };
}

const SENDING = [{ peer: 1, state: "sending", reason: null }] as const;
const DELIVERED = [{ peer: 1, state: "delivered", reason: null }];

test("an event that is delivered before its row can be shown does not stay on its way for ever", async () => {
  const log = openLog(6);
  const shown = log.follow();
  const event = makeEvent(7, { team: "team" });
  // The tail is reading what another hub has committed before it, and holds this one's row back meanwhile.
  log.commit(event);
  log.deliver(7);
  await vi.advanceTimersByTimeAsync(200);
  log.publish(event);
  await vi.advanceTimersByTimeAsync(200);
  expect(shown.get(7)).toEqual(DELIVERED);
});

test("an event whose row the tail has read before its commit was confirmed is told as delivered", async () => {
  const log = openLog(6);
  const shown = log.follow();
  const event = makeEvent(7, { team: "team" });
  log.publish({ ...event, replayOf: 1 });
  await vi.advanceTimersByTimeAsync(200);
  log.commit(event);
  log.deliver(7);
  await vi.advanceTimersByTimeAsync(200);
  expect(shown.get(7)).toEqual(DELIVERED);
});

test("one who joins between an event's row and its delivery is told of the delivery", async () => {
  const log = openLog(6);
  const first = log.follow();
  const event = makeEvent(7, { team: "team" });
  log.publish(event);
  log.commit(event);
  const second = log.follow({ 7: [...SENDING] });
  log.deliver(7);
  await vi.advanceTimersByTimeAsync(200);
  expect(first.get(7)).toEqual(DELIVERED);
  expect(second.get(7)).toEqual(DELIVERED);
});
