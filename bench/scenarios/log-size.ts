import { statfs } from "node:fs/promises";
import type { Worker } from "../processes/worker.ts";
import type { Series } from "../report/scenario-report.ts";
import { measureAccept } from "../runs/accept-run.ts";
import { fill } from "../runs/fill.ts";
import type { Bench, Scenario } from "../scenario.ts";
import type { Hub } from "../systems/hub.ts";
import { checkpoint, countEvents, headOf } from "../systems/sql.ts";

/** Whether the ten-millionth event costs what the first did. */
export const logSize: Scenario = {
  name: "log-size",
  title: "Accepting with a long log behind, random ids, 256 in flight",
  about: "(d) accept rate with 0, 1 and 5 million events in the log, and right after a checkpoint",
  run,
};

const IN_FLIGHT = 256;
/** On the disk, an event of 1 KB with its keys and indexes. */
const BYTES_AN_EVENT = 1_400;
/** For the WAL of several servers, of up to 4 GB each, and for the events of the rounds. */
const MARGIN_BYTES = 12e9;
/** Between two lines for the person who waits. */
const PORTION = 500_000;

async function run(bench: Bench): Promise<void> {
  const { options, report } = bench;
  await expectSpace(bench);
  const sender = bench.startSender();
  const empty = report.addSeries("hub, empty log", "events/s");
  const emptyAfter = report.addSeries("hub, empty log, right after a checkpoint", "events/s");
  const filled: { hub: Hub; usual: Series; after: Series }[] = [];
  for (const size of options.logSizes) {
    const hub = await bench.startHub({ name: `log-${size}` });
    const events = await fillLog(bench, sender, hub, size);
    report.check("events in the filled logs", events, await countEvents(hub.connection, 0));
    const name = `${size.toLocaleString("en")} events in the log`;
    const usual = report.addSeries(`hub, ${name}`, "events/s");
    const after = report.addSeries(`hub, ${name}, right after a checkpoint`, "events/s");
    filled.push({ hub, usual, after });
    const last = size === options.logSizes.at(-1);
    report.compare(`${name} / empty log`, usual, empty, last ? { atLeast: 0.8 } : null);
    report.compare(`${name}, right after a checkpoint / empty log`, after, empty, last ? { atLeast: 0.7 } : null);
  }

  await bench.rounds(async (index) => {
    // A new one each time: otherwise the log would not stay empty.
    const fresh = await bench.startHub({ name: `empty-${index}` });
    await measure(bench, sender, fresh, null);
    await measure(bench, sender, fresh, empty);
    await checkpoint(fresh.connection);
    await measure(bench, sender, fresh, emptyAfter);
    await fresh.stop();
    for (const { hub, usual, after } of filled) {
      // Warms up, and pays for the pages that the last checkpoint made expensive.
      await measure(bench, sender, hub, null);
      await measure(bench, sender, hub, usual);
      await checkpoint(hub.connection);
      await measure(bench, sender, hub, after);
    }
  });
}

/** @returns how many events are in it now */
async function fillLog(bench: Bench, sender: Worker, hub: Hub, size: number): Promise<number> {
  let filled = 0;
  while (filled < size) {
    filled += (await fill(bench, sender, hub.target, Math.min(PORTION, size - filled))).events;
    bench.say(`filling a log: ${filled.toLocaleString("en")} of ${size.toLocaleString("en")} events`);
  }
  return filled;
}

async function measure(bench: Bench, sender: Worker, hub: Hub, series: Series | null): Promise<void> {
  const { target, cpuGroups, connection } = hub;
  const before = await headOf(connection);
  const until = { events: bench.options.logRunEvents };
  const { rate, cpu, sent } = await measureAccept(bench, sender, { target, cpuGroups, inFlight: IN_FLIGHT, until });
  bench.report.check("events in the log, of those accepted", sent.accepted, await countEvents(connection, before));
  series?.add(rate, cpu);
}

/** @throws Error when the disk would run full, an hour into the run */
async function expectSpace({ options, folder }: Bench): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const events = options.logSizes.reduce((sum, size) => sum + size, 0);
  const needed = options.quick ? 0 : events * BYTES_AN_EVENT + MARGIN_BYTES;
  const free = bavail * bsize;
  if (free < needed)
    throw new Error(
      `${folder} has ${gigabytes(free)} free, and this needs ${gigabytes(needed)}: set KITE_BENCH_DIR to a larger ` +
        "disk, or --log-sizes to fewer events.",
    );
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(0)} GB`;
