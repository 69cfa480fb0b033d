import pino from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { LiveRows } from "../../src/main/console/live/live-rows.ts";
import { HubNews } from "../../src/main/hub/news.ts";

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
