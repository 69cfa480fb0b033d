import { measureLatency, openWay } from "../runs/end-to-end-run.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { headOf } from "../systems/sql.ts";

/** One hub with many listeners, each of which gets every event. */
export const listeners: Scenario = {
  name: "listeners",
  title: "Many listeners: every event goes to each of them",
  about: "(f) 1,000 listeners: pushes/s and p99 latency at 100 events/s",
  run,
};

const PER_SECOND = 100;

async function run(bench: Bench): Promise<void> {
  const { options, report } = bench;
  const { listeners: sockets, latencySeconds, latencyWarmupSeconds } = options;
  const hub = await bench.startHub({ name: "a" });
  const sender = bench.startSender();
  const way = await openWay(
    bench,
    {
      label: `${sockets} listeners`,
      target: hub.target,
      listen: hub.stream,
      cpuGroups: hub.cpuGroups,
      stored: () => headOf(hub.connection),
    },
    sockets,
  );
  const pushes = report.addSeries(`${sockets} listeners, at ${PER_SECOND} events/s`, "pushes/s");
  const p50 = report.addSeries(`${sockets} listeners, p50`, "ms");
  const p99 = report.addSeries(`${sockets} listeners, p99`, "ms");
  report.compare(`pushes/s with ${sockets} listeners`, pushes, null);
  report.compare(`p99 with ${sockets} listeners`, p99, null);

  await bench.rounds(async () => {
    await measureLatency(bench, way, sender, { perSecond: PER_SECOND, seconds: latencyWarmupSeconds });
    const result = await measureLatency(bench, way, sender, { perSecond: PER_SECOND, seconds: latencySeconds });
    const { heard, sent, latency, cpu } = result;
    pushes.add((heard.received * 1_000) / (heard.lastAt - sent.firstSentAt), cpu);
    p50.add(latency.p50);
    p99.add(latency.p99);
  }, options.latencyRounds);
}
