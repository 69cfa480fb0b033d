import { setFlagsFromString } from "node:v8";

/** How far the heap may grow over what survived the last full collection, in percent of it. */
const GROWTH_PERCENT = 300;

/**
 * Lets the heap of this process grow before V8 collects it in full. A hub keeps little and lets go of much: V8's own
 * choice under load is a full collection a second, whose marking takes both cores of a small machine for 20 to 40 ms,
 * and every event of that time waits (bench/README.md, "What was tried"). Costs up to three times the live heap more, which
 * was 36 to 40 MB under load. To be called once, at the start. In Electron it was never run.
 */
export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
