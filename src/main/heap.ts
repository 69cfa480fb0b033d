import { setFlagsFromString } from "node:v8";

/** How far the heap may grow over what survived the last full collection, in percent of it. */
const GROWTH_PERCENT = 300;

/**
 * Spares this process full collections, whose marking takes both cores of a small machine for 20 to 40 ms while every
 * event waits (bench/README.md, "What was tried"). A hub keeps little and lets go of much, so two of V8's guesses are
 * wrong for it, and it made a full collection a second under load:
 *
 * * that the heap should stay close to what is alive. It may grow, which costs up to three times the live heap more (36
 *   to 40 MB under load);
 * * that what survived some collections while a commit took long will always live long. V8 then makes such objects among
 *   the old ones at once, where they are dead a moment later, and keep alive what they point to.
 *
 * To be called once, at the start. In Electron it was never run.
 */
export function spareFullCollections(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  setFlagsFromString("--no-allocation-site-pretenuring");
}
