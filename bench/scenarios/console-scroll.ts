import { openConsole } from "../runs/console-run.ts";
import { fill } from "../runs/fill.ts";
import type { Bench, Scenario } from "../scenario.ts";

/** Whether a long log can be walked through like a short one. */
export const consoleScroll: Scenario = {
  name: "console-scroll",
  title: "Scrolling through the whole log, from the jump to the frame with the rows",
  about: "(k) scroll to the oldest of a million events, and to places between",
  run,
};

const PORTION = 250_000;
/** Parts of the list that no round has been at. */
const STEPS = 10;

async function run(bench: Bench): Promise<void> {
  const { options, report } = bench;
  const { hub, browser, stream } = await openConsole(bench);
  const sender = bench.startSender();
  let filled = 0;
  while (filled < options.scrollEvents) {
    filled += (await fill(bench, sender, hub.target, Math.min(PORTION, options.scrollEvents - filled))).events;
    bench.say(`filling the log: ${filled.toLocaleString("en")} of ${options.scrollEvents.toLocaleString("en")} events`);
  }
  const oldest = report.addSeries("to the oldest event", "ms");
  const between = report.addSeries("to a place between", "ms");
  const worst = report.addSeries("to a place between, the slowest", "ms");
  const back = report.addSeries("back to the newest", "ms");
  report.compare(`to the oldest of ${filled.toLocaleString("en")} events`, oldest, null);
  report.compare(`to a place among ${filled.toLocaleString("en")} events`, between, null);

  await bench.rounds(async (index) => {
    const page = await browser.open(stream);
    await page.start();
    report.check("rows to scroll through, of the events in the log", filled, await page.rows());
    oldest.add((await page.scrollTo(1)).ms);
    const there = await page.page.locator("[role='row'][data-key='1']").count();
    report.check("the oldest event in sight", 1, there);
    const jumps: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const part = (step + (index + 1) / (options.rounds + 1)) / STEPS;
      jumps.push((await page.scrollTo(part)).ms);
    }
    jumps.sort((a, b) => a - b);
    between.add(jumps[Math.floor(STEPS / 2)] ?? 0);
    worst.add(jumps.at(-1) ?? 0);
    back.add((await page.scrollTo(0)).ms);
    await page.close();
  });
}
