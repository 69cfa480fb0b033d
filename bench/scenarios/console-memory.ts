import { fillList, openConsole, postAt } from "../runs/console-run.ts";
import type { Bench, Scenario } from "../scenario.ts";

/** Whether a console that stays open stays small. */
export const consoleMemory: Scenario = {
  name: "console-memory",
  title: "The console's memory after an hour of 20 events/s, played fast, and after what no longer fits",
  about: "(m) JavaScript heap of the Stream after an hour's traffic",
  run,
};

const FIRST_EVENTS = 500;

async function run(bench: Bench): Promise<void> {
  const { options, report } = bench;
  const { hub, browser, stream } = await openConsole(bench);
  const sender = bench.startSender();
  await postAt(bench, sender, hub, { perSecond: FIRST_EVENTS, seconds: 1 });
  const fresh = report.addSeries("heap, just opened", "MB");
  const hour = report.addSeries(`heap, ${options.hourEvents.toLocaleString("en")} events later`, "MB");
  const again = report.addSeries("heap, as many again (the list holds the newest 100,000)", "MB");
  report.compare("heap after an hour at 20 events/s", hour, null);
  const page = await browser.open(stream);
  await page.start();
  fresh.add((await page.heapBytes()) / 1e6);
  await fillList(bench, sender, hub, page, options.hourEvents);
  hour.add((await page.heapBytes()) / 1e6);
  await postAt(bench, sender, hub, { perSecond: 2_000, seconds: options.hourEvents / 2_000, batch: 50 });
  await page.page.waitForTimeout(2_000);
  again.add((await page.heapBytes()) / 1e6);
  await page.close();
}
