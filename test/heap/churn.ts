// A process that keeps much for what it allocates, as a hub under load does, and then needs more than as much again. Prints how
// often V8 collected the whole heap for that. Run with --expose-gc.
import { constants, PerformanceObserver } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { spareFullCollections } from "../../src/main/heap.ts";

if (process.argv[2] === "grow") spareFullCollections();

/** A megabyte that is collected in no time, for there is nothing in it to follow. */
const megabyte = (): number[] => new Array<number>(131_072).fill(0.5);
const never = new Int32Array(new SharedArrayBuffer(4));

const kept = Array.from({ length: 60 }, megabyte);
for (let n = 0; n < 10; n++) {
  // How fast a process allocates, compared to how fast it is collected, is what V8 goes by.
  Atomics.wait(never, 0, 0, 100);
  globalThis.gc?.();
}

let collections = 0;
const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries() as { detail?: { kind?: number } }[])
    if (entry.detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections++;
});
observer.observe({ entryTypes: ["gc"] });
for (let n = 0; n < 100; n++) {
  kept.push(megabyte());
  await setImmediate();
}
// What the observer is told comes in a later turn.
await setImmediate();
process.stdout.write(String(collections));
