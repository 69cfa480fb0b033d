import { compareWithPgBoss } from "../runs/pg-boss-comparison.ts";
import type { Scenario } from "../scenario.ts";

/** End to end again, to a receiver that has not announced batches, as a hub of another make would be. */
export const singles: Scenario = {
  name: "singles",
  title: "End to end with one delivery for each event",
  about: "(c) the same with single deliveries",
  run: (bench) => compareWithPgBoss(bench, { batches: false, atLeast: 4 }),
};
