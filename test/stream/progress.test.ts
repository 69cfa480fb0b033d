import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Progress } from "../../src/main/hub/stream/progress.ts";

describe("the progress of a connection", () => {
  it("takes an acknowledgement as cumulative", () => {
    const progress = new Progress(10, 10);
    progress.advance(13, 3, 13);
    expect(progress.ack(12)).toBe(true);
    expect(progress.cursor(["*"])).toEqual({ seq: 12, passed: 0, scopes: ["*"] });
  });

  it.each([
    ["sent earlier and acknowledged already", 11],
    ["lower than the cursor", 3],
    ["zero", 0],
  ])("ignores one that is %s", (_, seq) => {
    const progress = new Progress(10, 10);
    progress.advance(12, 2, 12);
    progress.ack(11);
    expect(progress.ack(seq)).toBe(false);
    expect(progress.acked).toBe(11);
  });

  it("takes an invented number for no more than what was sent", () => {
    const progress = new Progress(10, 10);
    expect(progress.ack(500)).toBe(false);
    progress.advance(30, 1, 12);
    expect(progress.ack(500)).toBe(true);
    expect(progress.acked).toBe(12);
  });

  it("passes over what was not for the listener only when everything sent is acknowledged", () => {
    const progress = new Progress(10, 10);
    progress.advance(20);
    expect(progress.cursor([])).toMatchObject({ seq: 10, passed: 20 });
    progress.advance(30, 1, 25);
    expect(progress.cursor([])).toMatchObject({ seq: 10, passed: 0 });
    progress.ack(25);
    expect(progress.cursor([])).toMatchObject({ seq: 25, passed: 30 });
  });

  it("never has a listener resume beyond an event that was sent and not acknowledged", () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({
          kind: fc.constant("sent" as const),
          gap: fc.integer({ min: 0, max: 5 }),
          count: fc.integer({ min: 1, max: 4 }),
        }),
        fc.record({ kind: fc.constant("passed" as const), gap: fc.integer({ min: 1, max: 5 }), count: fc.constant(0) }),
        fc.record({ kind: fc.constant("ack" as const), gap: fc.integer({ min: 0, max: 80 }), count: fc.constant(0) }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        const progress = new Progress(10, 10);
        const sent: number[] = [];
        let claimed = 0;
        let cursor = 10;
        for (const { kind, gap, count } of list) {
          if (kind === "ack") {
            progress.ack(gap);
            // What a client says of events it has not been sent is no acknowledgement of those that come later.
            claimed = Math.max(claimed, Math.min(gap, sent.at(-1) ?? 0));
          } else if (kind === "passed") progress.advance(progress.position + gap);
          else {
            const first = progress.position + 1 + gap;
            for (let i = 0; i < count; i++) sent.push(first + i);
            progress.advance(first + count - 1, count, first + count - 1);
          }
          const { seq, passed } = progress.cursor([]);
          expect(seq).toBeGreaterThanOrEqual(cursor);
          cursor = seq;
          const owed = sent.find((each) => each > claimed);
          if (owed !== undefined) expect(Math.max(seq, passed)).toBeLessThan(owed);
        }
      }),
      { numRuns: 500 },
    );
  });
});
