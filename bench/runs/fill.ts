import { newRun } from "../load/events.ts";
import { SEND_CLOSED, type Target } from "../load/sending.ts";
import type { Worker } from "../processes/worker.ts";
import type { Bench } from "../scenario.ts";
import { checkAnswers } from "./accept-run.ts";

const BATCH = 500;
const IN_FLIGHT = 4;

/**
 * Posts many events as fast as they can be posted: in batches, through the same door as all others, so that log,
 * segments and memory of keys are what they would be.
 * @param events is rounded up to whole batches
 * @returns the run that the events are of, and how many there are
 */
export async function fill(
  bench: Bench,
  sender: Worker,
  target: Target,
  events: number,
): Promise<{ readonly run: string; readonly events: number }> {
  const run = newRun();
  const total = Math.ceil(events / BATCH) * BATCH;
  const sent = await sender.ask(SEND_CLOSED, {
    target,
    inFlight: IN_FLIGHT,
    ids: "random",
    batch: BATCH,
    run,
    warmupMs: 0,
    until: { events: total },
  });
  checkAnswers(bench, sent);
  return { run, events: total };
}
