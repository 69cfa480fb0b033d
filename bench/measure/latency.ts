import { createHistogram } from "node:perf_hooks";
import { z } from "zod";

/** Latencies of one run, in milliseconds. */
export const LatencySummary = z.object({
  count: z.int(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
});
export type LatencySummary = z.infer<typeof LatencySummary>;

const HOUR_US = 3_600_000_000;

/** Collects latencies; percentiles are exact to three digits, however many there are. */
export class LatencyRecorder {
  // Whole microseconds, from 1 on.
  readonly #histogram = createHistogram({ lowest: 1, highest: HOUR_US, figures: 3 });

  /** @param ms from the moment an event should have been sent; below a microsecond counts as one */
  record(ms: number): void {
    this.#histogram.record(Math.min(Math.max(Math.round(ms * 1_000), 1), HOUR_US));
  }

  summary(): LatencySummary {
    const at = (percentile: number): number => this.#histogram.percentile(percentile) / 1_000;
    const count = this.#histogram.count;
    if (count === 0) return { count, p50: 0, p95: 0, p99: 0, max: 0 };
    return { count, p50: at(50), p95: at(95), p99: at(99), max: this.#histogram.max / 1_000 };
  }
}
