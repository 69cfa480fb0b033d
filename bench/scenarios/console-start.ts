import { Browser } from "../browser/browser.ts";
import { postAt, screenUrl } from "../runs/console-run.ts";
import type { Bench, Scenario } from "../scenario.ts";

/** How long a person waits for the console. */
export const consoleStart: Scenario = {
  name: "console-start",
  title: "From opening the console's address to its first paint, and to the first row of the Stream",
  about: "(l) first paint, and time to a live screen, with an empty and with a filled browser cache",
  run,
};

/** As many as the first snapshot has. */
const EVENTS = 500;

async function run(bench: Bench): Promise<void> {
  const { report, resources } = bench;
  const hub = await bench.startHub({ name: "console", console: true });
  await postAt(bench, bench.startSender(), hub, { perSecond: EVENTS, seconds: 1 });
  const kinds = ["cold", "warm"] as const;
  const lines = kinds.map((kind) => ({
    paint: report.addSeries(`first paint, ${kind}`, "ms"),
    live: report.addSeries(`first row, ${kind}`, "ms"),
  }));
  for (const [at, kind] of kinds.entries()) {
    const line = lines[at];
    if (line !== undefined) report.compare(`first row of the Stream, ${kind}`, line.live, null);
  }
  await bench.rounds(async (index) => {
    const browser = await Browser.start(bench.path(`chromium-${index}`), resources);
    const stream = await screenUrl(hub, browser, "stream");
    await browser.clearCache();
    for (const line of lines) {
      const page = await browser.open(stream);
      const { paint, live } = await page.start();
      line.paint.add(paint);
      line.live.add(live);
      // The cache is written behind the page.
      await page.page.waitForTimeout(1_000);
      await page.close();
    }
    await browser.close();
  });
}
