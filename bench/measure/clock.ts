/**
 * Milliseconds on the machine's monotonic clock, with microseconds behind the point: the same in all processes of this
 * machine, so that an event sent by one and received by another has a latency.
 */
export function now(): number {
  return offset + performance.now();
}

// `performance.now` counts from the start of the process, and is several times cheaper than `hrtime.bigint`.
const offset = Number(process.hrtime.bigint()) / 1e6 - performance.now();
