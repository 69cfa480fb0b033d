import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecentEvents } from "../../src/main/hub/stream/recent-events.ts";
import { makeEvent } from "../support/events.ts";
import { range } from "./fixture.ts";

const seqs = (page: { events: readonly { seq: number }[] } | null): number[] | null =>
  page?.events.map((event) => event.seq) ?? null;

describe("the newest events in memory", () => {
  it("know nothing of what they have forgotten, and say so", () => {
    const recent = new RecentEvents(3, 1_000, () => 0);
    expect(recent.after("t", 0, 10, 1_000)).toBeNull();
    recent.push(range(1, 5).map((seq) => makeEvent(seq)));
    expect(recent.after("t", 1, 10, 1_000)).toBeNull();
    expect(seqs(recent.after("t", 2, 10, 1_000))).toEqual([3, 4, 5]);
    expect(recent.after("t", 5, 10, 1_000)).toBeNull();
  });

  it("forget more when events are large", () => {
    const recent = new RecentEvents(100, 250, () => 0);
    recent.push(range(1, 5).map((seq) => makeEvent(seq, { data: `"${"x".repeat(98)}"` })));
    expect(seqs(recent.after("t", 3, 10, 1_000))).toEqual([4, 5]);
    expect(recent.after("t", 2, 10, 1_000)).toBeNull();
  });

  it("start anew after a gap", () => {
    const recent = new RecentEvents(100, 1_000, () => 0);
    recent.push([makeEvent(1)]);
    recent.push([makeEvent(5)]);
    expect(recent.after("t", 0, 10, 1_000)).toBeNull();
    expect(seqs(recent.after("t", 4, 10, 1_000))).toEqual([5]);
  });

  it("do not show for long what may have been purged from the database since", () => {
    const { receivedAt } = makeEvent(1);
    let now = receivedAt + 60_000;
    const recent = new RecentEvents(100, 1_000, () => now);
    recent.push([makeEvent(1), makeEvent(2, { receivedAt: receivedAt + 1_000 })]);
    expect(seqs(recent.after("t", 0, 10, 1_000))).toEqual([1, 2]);
    now += 1;
    expect(recent.after("t", 0, 10, 1_000)).toBeNull();
    expect(seqs(recent.after("t", 1, 10, 1_000))).toEqual([2]);
    now += 1_000;
    expect(recent.after("t", 1, 10, 1_000)).toBeNull();
  });

  it("give every event of a team once, page by page, or nothing at all", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 60 }),
        (batches, keep, limit, maxBytes) => {
          const recent = new RecentEvents(keep, 10_000, () => 0);
          const all = batches.flat().map((ours, index) => makeEvent(index + 1, { team: ours ? "t" : "other" }));
          let at = 0;
          for (const batch of batches) {
            recent.push(all.slice(at, at + batch.length));
            at += batch.length;
          }
          const start = Math.max(0, all.length - keep);
          const got: number[] = [];
          for (let position = start; position < all.length; ) {
            const page = recent.after("t", position, limit, maxBytes);
            if (page === null) throw new Error(`nothing after ${position}`);
            expect(page.through).toBeGreaterThan(position);
            got.push(...page.events.map((event) => event.seq));
            position = page.through;
          }
          expect(got).toEqual(all.filter(({ seq, team }) => seq > start && team === "t").map(({ seq }) => seq));
          if (start > 0) expect(recent.after("t", start - 1, limit, maxBytes)).toBeNull();
        },
      ),
    );
  });
});
