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

test("an event that is delivered before its row can be shown does not stay on its way for ever", async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const news = new HubNews();
  let publish: (events: readonly LogEvent[]) => void = () => undefined;
  const rows = new LiveRows({
    news,
    tail: {
      seq: 6,
      subscribe: (listener: typeof publish) => {
        publish = listener;
        return () => undefined;
      },
    },
    ledger: { outcomes: () => Promise.reject(new Error("nothing here needs the database")) },
    registry: { peersOf: () => [{}], peerByNo: () => ({ team: "team" }) },
    log: pino({ level: "silent" }),
  } as unknown as ConstructorParameters<typeof LiveRows>[0]);
  const shown = new Map<number, EventRow["outcomes"]>();
  rows.follow({
    team: "team",
    push: (fresh, changes) => {
      for (const row of fresh) shown.set(row.seq, row.outcomes);
      for (const { seq, ...outcome } of changes) if (shown.has(seq)) shown.set(seq, [outcome]);
    },
  });

  // The tail is reading what another hub has committed before it, and holds this one's row back meanwhile.
  const event = makeEvent(7, { team: "team" });
  news.committed.emit({
    events: [event],
    entries: [{ ord: 1, peer: 1, leased: true }],
    drops: [],
  } as unknown as Committed);
  const delivered = { event: "deliver", cause: null, entries: [{ peer: 1, seq: 7, gen: 0 }] };
  news.settled.emit([delivered] as unknown as Parameters<typeof news.settled.emit>[0]);
  await vi.advanceTimersByTimeAsync(200);
  publish([event]);
  await vi.advanceTimersByTimeAsync(200);
  expect(shown.get(7)).toEqual([{ peer: 1, state: "delivered", reason: null }]);
});
