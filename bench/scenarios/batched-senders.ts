import { measureAccept } from "../runs/accept-run.ts";
import { measureInserts, startRawPostgres } from "../runs/insert-run.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { countEvents, headOf } from "../systems/sql.ts";

/** Senders that have many events at hand and post them together. */
export const batchedSenders: Scenario = {
  name: "batched-senders",
  title: "Accepting batches: application/cloudevents-batch+json of 100 events",
  about: "(g) accepted events/s from senders that batch, beside PostgreSQL's single-row commits",
  run,
};

const BATCH = 100;
const IN_FLIGHT = 8;

async function run(bench: Bench): Promise<void> {
  const { report } = bench;
  const hub = await bench.startHub({ name: "a" });
  const sender = bench.startSender();
  const raw = await startRawPostgres(bench, hub);
  const batched = report.addSeries(`hub, batches of ${BATCH}, ${IN_FLIGHT} in flight`, "events/s");
  const singles = report.addSeries("PostgreSQL, single-row commits, 32 connections", "events/s");
  const rows = report.addSeries("PostgreSQL, 256 rows a commit, 2 connections", "events/s");
  report.compare("batched senders / single-row commits on 32 connections", batched, singles, { atLeast: 2 });
  report.compare("batched senders / rows in batches of 256", batched, rows);

  const { target, cpuGroups } = hub;
  await bench.rounds(async () => {
    const before = await headOf(hub.connection);
    const result = await measureAccept(bench, sender, { target, cpuGroups, inFlight: IN_FLIGHT, batch: BATCH });
    batched.add(result.rate, result.cpu);
    const stored = await countEvents(hub.connection, before);
    report.check("events in the log, of those accepted", result.sent.accepted, stored);
    singles.add(await measureInserts(bench, raw, { batch: 1, connections: 32 }));
    rows.add(await measureInserts(bench, raw, { batch: 256, connections: 2 }));
  });
}
