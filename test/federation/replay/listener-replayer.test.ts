import { afterAll, beforeAll, expect, test } from "vitest";
import { ListenerReplayer, type ReplayLog } from "../../../src/main/hub/federation/replay/index.ts";
import type { LogEvent } from "../../../src/main/hub/model.ts";
import { candidate, LogHarness } from "../../support/log-harness.ts";

let hub: LogHarness;

beforeAll(async () => {
  hub = await LogHarness.open();
  await hub.log.acceptMany(Array.from({ length: 300 }, (_, i) => candidate({ id: `e${i + 1}` })));
});

afterAll(async () => {
  await hub.close();
});

/** Counts how the log is asked; the seqs it gives are made up. */
function countingLog(): ReplayLog & { calls: LogEvent[][] } {
  const calls: LogEvent[][] = [];
  let seq = 1_000;
  return {
    calls,
    appendReplays: async (events) => {
      calls.push([...events]);
      return events.map(() => ++seq);
    },
  };
}

test("each gets the seq it was shown under; what is not retained gets none", async () => {
  const replayer = new ListenerReplayer(hub.db, hub.log);
  const head = hub.tail.seq;
  expect(await replayer.replayToListeners([2, 9_999, 1, 2])).toEqual([head + 1, null, head + 2, head + 3]);
  expect(hub.published.slice(-3).map(({ id, replayOf }) => [id, replayOf])).toEqual([
    ["e2", 2],
    ["e1", 1],
    ["e2", 2],
  ]);
  // A replay of a replay points to the event itself.
  expect(await replayer.replayToListeners([head + 1])).toEqual([head + 4]);
  expect(hub.published.at(-1)).toMatchObject({ id: "e2", replayOf: 2 });
});

test("those that come while others are read share one reading and one append", async () => {
  const log = countingLog();
  const replayer = new ListenerReplayer(hub.db, log);
  const shown = await Promise.all(Array.from({ length: 300 }, (_, i) => replayer.replayToListeners([i + 1])));
  expect(shown.flat()).toEqual(Array.from({ length: 300 }, (_, i) => 1_001 + i));
  expect(log.calls.map((events) => events.length)).toEqual([1, 256, 43]);
});

test("a failure reaches those who asked, and the next ones are tried again", async () => {
  const log = countingLog();
  let fail = true;
  const replayer = new ListenerReplayer(hub.db, {
    appendReplays: (events) => (fail ? Promise.reject(new Error("connection lost")) : log.appendReplays(events)),
  });
  await expect(replayer.replayToListeners([1])).rejects.toMatchObject({ code: "unavailable" });
  fail = false;
  expect(await replayer.replayToListeners([1])).toEqual([1_001]);
  expect(await replayer.replayToListeners([])).toEqual([]);
});
