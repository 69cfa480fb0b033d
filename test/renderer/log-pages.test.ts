import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LogPages } from "../../src/renderer/data/stream/log-pages.ts";
import type { EventRow } from "../../src/shared/contract/index.ts";
import { rowOf } from "../support/fake-console/generated.ts";

/** Pages over a log of these seqs; `read` lists what was asked of it, and `settled` waits until nothing is asked. */
function setUp(seqs: readonly number[]) {
  const read: number[] = [];
  let broken = false;
  let answered: Promise<unknown> = Promise.resolve();
  const ask = (below: number, limit: number): Promise<readonly EventRow[]> => {
    read.push(below);
    const rows = seqs.filter((seq) => seq < below).sort((a, b) => b - a);
    const answer = broken ? Promise.reject(new Error("no line")) : Promise.resolve(rows.slice(0, limit).map(rowOf));
    answered = answer.catch(() => undefined);
    return answer;
  };
  const pages = new LogPages(ask);
  const settled = async (): Promise<void> => {
    for (let before = -1; before !== read.length; ) {
      before = read.length;
      await answered;
      await new Promise((turn) => setImmediate(turn));
    }
  };
  const seqAt = (seq: number): number | undefined => {
    const item = pages.at(seq);
    return item?.kind === "row" ? item.row.seq : undefined;
  };
  return { pages, read, settled, seqAt, breakLine: (now: boolean) => (broken = now) };
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);

describe("LogPages", () => {
  it("has every event in sight at its place, and nothing where there is none", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 2_000 }), { maxLength: 400 }),
        fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 6 }),
        async (seqs, tops) => {
          const { pages, settled, seqAt } = setUp(seqs);
          for (const top of tops) {
            pages.show(Math.max(1, top - 40), top);
            await settled();
            for (let seq = Math.max(1, top - 40); seq <= top; seq += 1)
              expect(seqAt(seq)).toBe(seqs.includes(seq) ? seq : undefined);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("does not read what was only scrolled past", async () => {
    const { pages, read, settled, seqAt } = setUp(upTo(100_000));
    for (let top = 100_000; top > 100; top -= 100) pages.show(top - 40, top);
    pages.show(1, 40);
    await settled();
    expect(seqAt(1)).toBe(1);
    expect(read.length).toBe(2);
  });

  it("keeps a bounded part of the log, and reads the rest again", async () => {
    const { pages, read, settled, seqAt } = setUp(upTo(40_000));
    for (let top = 40_000; top > 0; top -= 200) {
      pages.show(top - 39, top);
      await settled();
    }
    expect(seqAt(40_000)).toBeUndefined();
    const before = read.length;
    pages.show(39_960, 40_000);
    await settled();
    expect(seqAt(40_000)).toBe(40_000);
    expect(read.length).toBe(before + 1);
  });

  it("says what went wrong, and tries again with the next look", async () => {
    const { pages, settled, seqAt, breakLine } = setUp(upTo(500));
    breakLine(true);
    pages.show(1, 40);
    await settled();
    expect(pages.error).toEqual(new Error("no line"));
    breakLine(false);
    pages.show(1, 41);
    await settled();
    expect(pages.error).toBeNull();
    expect(seqAt(41)).toBe(41);
  });
});
