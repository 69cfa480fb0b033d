import { Worker } from "../processes/worker.ts";
import { measureAccept } from "../runs/accept-run.ts";
import { measureInserts, startRawPostgres } from "../runs/insert-run.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { START_ECHO } from "../systems/fastify-calls.ts";
import { countEvents, headOf } from "../systems/sql.ts";

/** How many events a second one hub accepts, beside what its database and its HTTP server can do alone. */
export const accept: Scenario = {
  name: "accept",
  title: "Accepting: events of 1 KB over HTTP, answered when they are on the disk",
  about: "(a) accepted events/s at 1, 32 and 256 in flight, beside raw PostgreSQL and a Fastify echo",
  run,
};

const ECHO_IN_FLIGHT = 256;

async function run(bench: Bench): Promise<void> {
  const { report } = bench;
  const hub = await bench.startHub({ name: "a" });
  const sender = bench.startSender();
  const raw = await startRawPostgres(bench, hub);
  const echo = Worker.start("echo", new URL("../systems/fastify-echo.ts", import.meta.url), bench.resources);
  const echoTarget = { url: await echo.ask(START_ECHO, null), contentType: "application/json" };

  const one = report.addSeries("hub, 1 in flight", "events/s");
  const some = report.addSeries("hub, 32 in flight", "events/s");
  const someSorted = report.addSeries("hub, 32 in flight, ids sorted by time", "events/s");
  const many = report.addSeries("hub, 256 in flight", "events/s");
  const manySorted = report.addSeries("hub, 256 in flight, ids sorted by time", "events/s");
  const singles = report.addSeries("PostgreSQL, single-row commits, 32 connections", "events/s");
  const batches = report.addSeries("PostgreSQL, 256 rows a commit, 2 connections", "events/s");
  const echoed = report.addSeries(`Fastify echo, ${ECHO_IN_FLIGHT} in flight`, "events/s");
  report.compare("accepted at 32 in flight / single-row commits on 32 connections", some, singles, { atLeast: 0.9 });
  report.compare("accepted at 256 in flight / Fastify echo", many, echoed, { atLeast: 0.3 });
  report.compare("accepted at 256 in flight / rows in batches of 256", many, batches);
  report.compare("ids sorted by time / random ids, 256 in flight", manySorted, many);

  const hubRuns = [
    { series: one, inFlight: 1, ids: "random" },
    { series: some, inFlight: 32, ids: "random" },
    { series: someSorted, inFlight: 32, ids: "sorted" },
    { series: many, inFlight: 256, ids: "random" },
    { series: manySorted, inFlight: 256, ids: "sorted" },
  ] as const;
  await bench.rounds(async () => {
    for (const { series, inFlight, ids } of hubRuns) {
      const before = await headOf(hub.connection);
      const { target, cpuGroups } = hub;
      const { rate, cpu, sent } = await measureAccept(bench, sender, { target, inFlight, ids, cpuGroups });
      series.add(rate, cpu);
      const stored = await countEvents(hub.connection, before);
      report.check("events in the log, of those accepted", sent.accepted, stored);
      // What is compared with it comes right behind it.
      if (series === some) singles.add(await measureInserts(bench, raw, { batch: 1, connections: 32 }));
    }
    batches.add(await measureInserts(bench, raw, { batch: 256, connections: 2 }));
    const groups = [{ label: "fastify", pid: echo.pid, children: false }];
    const alone = await measureAccept(bench, sender, {
      target: echoTarget,
      inFlight: ECHO_IN_FLIGHT,
      cpuGroups: groups,
    });
    echoed.add(alone.rate, alone.cpu);
  });
}
