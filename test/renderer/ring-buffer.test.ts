import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RingBuffer } from "../../src/renderer/data/stream/ring-buffer.ts";
import { rowOf } from "../support/fake-console/generated.ts";

const seqsOf = (buffer: RingBuffer): (number | string)[] => {
  const seqs: (number | string)[] = [];
  for (let at = buffer.first; at < buffer.next; at += 1) {
    const item = buffer.at(at);
    if (item?.kind === "row") seqs.push(item.row.seq);
    if (item?.kind === "gap") seqs.push(`${item.gap.from}-${item.gap.to}`);
  }
  return seqs;
};

describe("RingBuffer", () => {
  it("keeps the newest and lets the oldest go", () => {
    const buffer = new RingBuffer(3);
    for (const seq of [1, 2, 3, 4, 5]) buffer.push(rowOf(seq));
    expect(seqsOf(buffer)).toEqual([3, 4, 5]);
    expect(buffer.ordinalOf(2)).toBeUndefined();
    expect(buffer.at(buffer.first - 1)).toBeUndefined();
  });

  it("takes each seq once, in order only", () => {
    const buffer = new RingBuffer(10);
    expect(buffer.push(rowOf(5))).toBe(true);
    expect(buffer.push(rowOf(5))).toBe(false);
    expect(buffer.push(rowOf(4))).toBe(false);
    expect(seqsOf(buffer)).toEqual([5]);
  });

  it("cuts a gap to what is not here, and leaves out one that tells nothing", () => {
    const buffer = new RingBuffer(10);
    buffer.push(rowOf(5));
    expect(buffer.pushGap({ from: 3, to: 9, reason: "slow_console" })).toBe(true);
    expect(buffer.pushGap({ from: 6, to: 9, reason: "slow_console" })).toBe(false);
    buffer.push(rowOf(10));
    expect(seqsOf(buffer)).toEqual([5, "6-9", 10]);
  });

  it("replaces the outcome at one peer, and gives the row anew", () => {
    const buffer = new RingBuffer(10);
    buffer.push(rowOf(1));
    const before = buffer.at(0);
    expect(buffer.setOutcome(1, { peer: 2, state: "dead", reason: "rejected" })).toBe(0);
    const after = buffer.at(0);
    expect(after).not.toBe(before);
    const outcomes = after?.kind === "row" ? after.row.outcomes : [];
    expect(outcomes.filter(({ peer }) => peer === 2)).toEqual([{ peer: 2, state: "dead", reason: "rejected" }]);
    expect(outcomes.map(({ peer }) => peer)).toEqual([1, 2, 3]);
    expect(buffer.setOutcome(99, { peer: 2, state: "dead", reason: null })).toBeUndefined();
  });

  it("holds the last distinct ascending seqs of any input", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 120 }),
        fc.integer({ min: 1, max: 20 }),
        (input, capacity) => {
          const buffer = new RingBuffer(capacity);
          const wanted: number[] = [];
          for (const seq of input) {
            buffer.push(rowOf(seq));
            if (seq > (wanted.at(-1) ?? 0)) wanted.push(seq);
          }
          expect(seqsOf(buffer)).toEqual(wanted.slice(-capacity));
        },
      ),
    );
  });
});
