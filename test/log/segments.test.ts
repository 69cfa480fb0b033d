import { randomBytes } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { candidate, LogHarness, type LogHarnessOptions } from "../support/log-harness.ts";

const DAY = 86_400_000;
const open: LogHarness[] = [];
async function harness(options: LogHarnessOptions): Promise<LogHarness> {
  const made = await LogHarness.open(options);
  open.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((made) => made.close()));
});

const fill = async (h: LogHarness, from: number, to: number): Promise<void> => {
  for (let i = from; i < to; i++) await h.log.accept(candidate({ id: `e${i}` }));
};

test("a full segment is sealed, and the log goes on in the next without a gap", async () => {
  const h = await harness({ segmentEvents: 10 });
  await fill(h, 0, 25);
  expect(
    await h.rows(
      "SELECT segment, first_seq::int, last_seq::int, sealed_at IS NOT NULL AS sealed FROM segments ORDER BY 1",
    ),
  ).toEqual([
    { segment: 1, first_seq: 1, last_seq: 10, sealed: true },
    { segment: 2, first_seq: 11, last_seq: 20, sealed: true },
    { segment: 3, first_seq: 21, last_seq: null, sealed: false },
  ]);
  expect(h.published.map((event) => event.seq)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
});

test("a segment with events is closed when it is a day old", async () => {
  const h = await harness({ segmentEvents: 1_000 });
  await fill(h, 0, 1);
  h.now += DAY + 1;
  await fill(h, 1, 2);
  expect(h.segments.current).toBe(2);
});

test("retention drops whole segments past their days, and their ids are still known", async () => {
  const h = await harness({ segmentEvents: 10 });
  await fill(h, 0, 25);
  h.now += 8 * DAY;
  const would = await h.previewSweep({ eventDays: 7, eventMb: 0, keyDays: 14 });
  expect(would).toMatchObject({ segments: 2, events: 20, held: 0 });
  expect(would.bytes).toBeGreaterThan(0);
  expect(await h.previewSweep({ eventDays: 9, eventMb: 0, keyDays: 14 })).toMatchObject({ segments: 0, events: 0 });
  expect(await h.rows("SELECT min(seq)::int AS oldest FROM events")).toEqual([{ oldest: 1 }]);
  expect(await h.sweep({ eventDays: 7, eventMb: 0, keyDays: 14 })).toEqual({ eventsOf: [1, 2], keysOf: [], held: [] });
  expect(await h.rows("SELECT min(seq)::int AS oldest FROM events")).toEqual([{ oldest: 21 }]);
  expect(await h.log.accept(candidate({ id: "e3" }))).toMatchObject({ status: "duplicate", seq: 4 });

  h.now += 8 * DAY;
  expect(await h.sweep({ eventDays: 7, eventMb: 0, keyDays: 14 })).toMatchObject({ keysOf: [1, 2] });
  expect(await h.log.accept(candidate({ id: "e3" }))).toMatchObject({ status: "accepted" });
});

test("a segment with an entry that is still owed stays, whatever its age", async () => {
  const h = await harness({ segmentEvents: 10 });
  await h.admin.createPeer("team", {
    name: "p",
    hookUrl: "https://p.example.com/hooks/t/kite",
    outboundToken: "o",
    inboundToken: "i",
  });
  await fill(h, 0, 15);
  h.now += 30 * DAY;
  const limits = { eventDays: 7, eventMb: 0, keyDays: 14 };
  expect(await h.previewSweep(limits)).toEqual({ segments: 0, events: 0, bytes: 0, held: 1 });
  expect(await h.sweep(limits)).toEqual({ eventsOf: [], keysOf: [], held: [1] });
  await h.rows("DELETE FROM outbox");
  expect(await h.sweep(limits)).toMatchObject({ eventsOf: [1], held: [] });
});

test("retention by size drops the oldest segments first", async () => {
  const h = await harness({ segmentEvents: 10 });
  for (let i = 0; i < 35; i++) {
    // Random, or compression would leave nothing to measure.
    const data = JSON.stringify(randomBytes(100_000).toString("base64"));
    await h.log.accept(candidate({ id: `e${i}`, data, dataBytes: data.length }));
  }
  const [size] = await h.rows<{ bytes: number }>("SELECT pg_total_relation_size('events_s1')::int AS bytes");
  const mb = Math.ceil(((size?.bytes ?? 0) * 1.5) / 1024 / 1024) + 1;
  const swept = await h.sweep({ eventDays: 7, eventMb: mb, keyDays: 14 });
  expect(swept.eventsOf).toContain(1);
  expect(swept.eventsOf).not.toContain(3);
});
