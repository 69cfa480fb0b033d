import { now } from "../measure/clock.ts";
import type { Worker } from "../processes/worker.ts";
import type { Bench } from "../scenario.ts";
import { expectBatches } from "../systems/hub-pair.ts";
import { measureLatency, measureSustained, type OpenWay, openWay } from "./end-to-end-run.ts";
import { hubWay, pgBossWay } from "./ways.ts";

const IN_FLIGHT = [64, 256] as const;
const RATES = [200, 1_000] as const;
/** The assembly cannot take more. */
const PG_BOSS_RATE = 200;

export interface Comparison {
  /** Whether the receiving hub announces that it takes batches. */
  readonly batches: boolean;
  /** How many times the assembly's rate the hubs should reach, and what would be better still. */
  readonly atLeast: number;
  readonly better?: number;
  /** Milliseconds that 99 of 100 events should stay below, at the higher of the rates. */
  readonly p99Below?: number;
}

/**
 * Measures two hubs and the assembly in turns: events a second with a fixed number in flight, and latency at fixed
 * rates.
 */
export async function compareWithPgBoss(bench: Bench, { batches, p99Below, ...goal }: Comparison): Promise<void> {
  const { options, report } = bench;
  const hubs = await hubWay(bench, { label: "hubs", names: ["a", "b"], batches });
  const ours = await openWay(bench, hubs);
  const theirs = await openWay(bench, await pgBossWay(bench));
  const sender = bench.startSender();

  bench.say("warming up");
  for (const way of [ours, theirs]) await warmUp(bench, way, sender);
  await expectBatches(hubs.link, batches);

  const sustained = IN_FLIGHT.map((inFlight) => {
    const rate = report.addSeries(`hubs, ${inFlight} in flight`, "events/s");
    const theirRate = report.addSeries(`pg-boss, ${inFlight} in flight`, "events/s");
    report.compare(`end to end / pg-boss, ${inFlight} in flight`, rate, theirRate, goal);
    return { inFlight, rate, theirRate };
  });
  const accepted = report.addSeries("hubs, accepted meanwhile, 64 in flight", "events/s");
  const theirAccepted = report.addSeries("pg-boss, accepted meanwhile, 64 in flight", "events/s");
  const latencies = RATES.map((perSecond) => ({
    perSecond,
    p50: report.addSeries(`hubs, p50 at ${perSecond}/s`, "ms"),
    p99: report.addSeries(`hubs, p99 at ${perSecond}/s`, "ms"),
  }));
  const theirP50 = report.addSeries(`pg-boss, p50 at ${PG_BOSS_RATE}/s`, "ms");
  const theirP99 = report.addSeries(`pg-boss, p99 at ${PG_BOSS_RATE}/s`, "ms");
  for (const { perSecond, p99 } of latencies)
    report.compare(
      `p99 at ${perSecond}/s`,
      p99,
      null,
      p99Below !== undefined && perSecond === Math.max(...RATES) ? { below: p99Below } : null,
    );

  await bench.rounds(async () => {
    for (const { inFlight, rate, theirRate } of sustained) {
      const our = await measureSustained(bench, ours, sender, { inFlight, events: options.endToEndEvents });
      const their = await measureSustained(bench, theirs, sender, { inFlight, events: options.pgBossEvents });
      rate.add(our.rate, our.cpu);
      theirRate.add(their.rate, their.cpu);
      if (inFlight !== IN_FLIGHT[0]) continue;
      accepted.add(our.acceptRate);
      theirAccepted.add(their.acceptRate);
    }
  });
  await bench.rounds(async () => {
    for (const { perSecond, p50, p99 } of latencies) {
      const { latency, cpu } = await measureAt(bench, ours, sender, perSecond);
      p50.add(latency.p50, cpu);
      p99.add(latency.p99);
    }
    const { latency, cpu } = await measureAt(bench, theirs, sender, PG_BOSS_RATE);
    theirP50.add(latency.p50, cpu);
    theirP99.add(latency.p99);
  }, options.latencyRounds);
}

/** V8 needs seconds of load, not a number of events: what it has not compiled yet costs a third more. */
async function warmUp(bench: Bench, way: OpenWay, sender: Worker): Promise<void> {
  const until = now() + bench.options.endToEndWarmupSeconds * 1_000;
  do await measureSustained(bench, way, sender, { inFlight: 64, events: Math.ceil(bench.options.pgBossEvents / 5) });
  while (now() < until);
}

async function measureAt(bench: Bench, way: OpenWay, sender: Worker, perSecond: number) {
  const { latencyWarmupSeconds, latencySeconds } = bench.options;
  await measureLatency(bench, way, sender, { perSecond, seconds: latencyWarmupSeconds });
  const result = await measureLatency(bench, way, sender, { perSecond, seconds: latencySeconds });
  const late = result.sent.late?.p99 ?? 0;
  // A sender that is late itself adds to what it measures; that belongs beside the number.
  if (late > 5) bench.report.notes.push(`The sender itself was late by ${late.toFixed(1)} ms (p99) at ${perSecond}/s.`);
  return result;
}
