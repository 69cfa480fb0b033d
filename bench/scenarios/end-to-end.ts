import { compareWithPgBoss } from "../runs/pg-boss-comparison.ts";
import type { Scenario } from "../scenario.ts";

/** From a sender over one instance to a listener at another, beside an assembly that does the same. */
export const endToEnd: Scenario = {
  name: "end-to-end",
  title: "End to end: posted to hub A, forwarded in batches, received by a listener at hub B",
  about: "(b) events/s and latency over two hubs, beside fastify + pg-boss + undici",
  run: (bench) => compareWithPgBoss(bench, { batches: true, atLeast: 5, better: 7, p99Below: 10 }),
};
