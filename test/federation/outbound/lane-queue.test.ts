import { describe, expect, test } from "vitest";
import { MAX_BATCH_EVENTS, MAX_SENT_BYTES } from "../../../src/main/hub/federation/batch-limits.ts";
import { entryFromFresh, type LaneEntry } from "../../../src/main/hub/federation/outbound/lane-entry.ts";
import { LaneQueue } from "../../../src/main/hub/federation/outbound/lane-queue.ts";
import { makeEvent } from "../../support/events.ts";

function entry(seq: number, over: Partial<LaneEntry> = {}): LaneEntry {
  return {
    ...entryFromFresh({ peer: 1, seq, gen: 0, event: makeEvent(seq), createdAt: 0 }, 1_000),
    bytes: 100,
    ...over,
  };
}

function queueOf(...entries: LaneEntry[]): LaneQueue {
  const queue = new LaneQueue();
  for (const one of entries) queue.push(one);
  return queue;
}

const seqs = (group: { entries: readonly LaneEntry[] } | null) => group?.entries.map(({ seq }) => seq) ?? null;

describe("a lane's queue", () => {
  test("hands out entries in order, one or a batch at a time, and counts what is left", () => {
    const queue = queueOf(...[1, 2, 3, 4].map((seq) => entry(seq)));
    expect([queue.size, queue.bytes]).toEqual([4, 400]);
    expect(seqs(queue.takeOne())).toEqual([1]);
    expect(seqs(queue.takeBatch())).toEqual([2, 3, 4]);
    expect([queue.size, queue.bytes]).toEqual([0, 0]);
    expect([queue.takeOne(), queue.takeBatch(), queue.takeAgain()]).toEqual([null, null, null]);
  });

  test("limits a batch by events and by bytes, and never leaves out the first", () => {
    const many = queueOf(...Array.from({ length: 300 }, (_, index) => entry(index + 1)));
    expect(many.takeBatch()?.entries).toHaveLength(MAX_BATCH_EVENTS);
    expect(many.takeBatch()?.entries).toHaveLength(300 - MAX_BATCH_EVENTS);
    const large = queueOf(entry(1, { bytes: 2 * MAX_SENT_BYTES }), entry(2), entry(3, { bytes: MAX_SENT_BYTES }));
    expect(seqs(large.takeBatch())).toEqual([1]);
    expect(seqs(large.takeBatch())).toEqual([2]);
    expect(seqs(large.takeBatch())).toEqual([3]);
  });

  test("ends a batch before a replay, which travels alone", () => {
    const queue = queueOf(entry(1), entry(2, { replay: true }), entry(3));
    expect(seqs(queue.takeBatch())).toEqual([1]);
    expect(queue.first?.replay).toBe(true);
    expect(queue.takeBatch()).toBeNull();
    expect(seqs(queue.takeOne())).toEqual([2]);
    expect(seqs(queue.takeBatch())).toEqual([3]);
  });

  test("hands out groups that go again first, whole and in their order", () => {
    const queue = queueOf(entry(9));
    queue.pushAgain([
      { entries: [entry(1), entry(2)], attempts: ["a"] },
      { entries: [entry(3)], attempts: ["a"] },
    ]);
    expect([queue.size, queue.bytes]).toEqual([4, 400]);
    expect([...queue].map(({ seq }) => seq).sort()).toEqual([1, 2, 3, 9]);
    expect(queue.takeAgain()).toMatchObject({ attempts: ["a"], entries: [{ seq: 1 }, { seq: 2 }] });
    queue.pushAgain([{ entries: [entry(4)], attempts: [] }]);
    expect(seqs(queue.takeAgain())).toEqual([4]);
    expect(seqs(queue.takeAgain())).toEqual([3]);
    expect(queue.again).toBeUndefined();
    expect(seqs(queue.takeOne())).toEqual([9]);
  });

  test("gives everything back, once", () => {
    const queue = queueOf(entry(1), entry(2), entry(3));
    queue.takeOne();
    queue.pushAgain([{ entries: [entry(7)], attempts: ["a"] }]);
    expect(queue.drain().map(seqs)).toEqual([[7], [2, 3]]);
    expect([queue.size, queue.bytes, queue.drain().length]).toEqual([0, 0, 0]);
  });

  test("keeps its order over many rounds of taking and adding", () => {
    const queue = new LaneQueue();
    const taken: number[] = [];
    let next = 1;
    for (let round = 0; round < 200; round++) {
      for (let add = 0; add < 1 + (round % 7); add++) queue.push(entry(next++));
      for (let take = 0; take < 1 + (round % 5); take++) taken.push(...(seqs(queue.takeOne()) ?? []));
    }
    while (queue.size > 0) taken.push(...(seqs(queue.takeBatch()) ?? []));
    expect(taken).toEqual(Array.from({ length: next - 1 }, (_, index) => index + 1));
    expect(queue.bytes).toBe(0);
  });
});
