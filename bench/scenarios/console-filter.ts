import { fillList, openConsole } from "../runs/console-run.ts";
import type { Bench, Scenario } from "../scenario.ts";

/** Whether a filter over what the console holds answers at once. */
export const consoleFilter: Scenario = {
  name: "console-filter",
  title: "Filters over the rows that the console holds, from the last key to the frame with the rows",
  about: "(j) a filter over 100,000 rows that the console holds",
  run,
};

/** Judged without payloads. Of random ids the first leaves an eighth, and the second fewer. */
const FILTERS = ["id:*7f*", "type:bench.* source:orders hops:0 id:*7f* -id:*00*"];
const GOAL_MS = 100;

async function run(bench: Bench): Promise<void> {
  const { options, report } = bench;
  const { hub, browser, stream } = await openConsole(bench);
  const sender = bench.startSender();
  // The list begins with what is in the log, and that must not be nothing.
  const lines = FILTERS.map((text) => ({
    text,
    entered: report.addSeries(`${text}, from Enter`, "ms"),
    typed: report.addSeries(`${text}, from the last letter`, "ms"),
    cleared: report.addSeries(`${text}, cleared`, "ms"),
  }));
  for (const { text, entered, typed } of lines) {
    report.compare(
      `filter ${text} over ${options.bufferedEvents.toLocaleString("en")} rows, from Enter`,
      entered,
      null,
      { below: GOAL_MS },
    );
    report.compare(
      `filter ${text} over ${options.bufferedEvents.toLocaleString("en")} rows, from the last letter`,
      typed,
      null,
      { below: GOAL_MS },
    );
  }
  const page = await browser.open(stream);
  await page.page.getByText("No events yet", { exact: false }).or(page.page.getByRole("grid")).first().waitFor();
  await fillList(bench, sender, hub, page, options.bufferedEvents);
  const input = page.page.getByRole("combobox", { name: "Filter" });

  await bench.rounds(async () => {
    for (const { text, entered, typed, cleared } of lines) {
      const all = await page.rows();
      await input.fill(text.slice(0, -1));
      // The text without its last letter is a filter of its own, and has had its say before the last one comes.
      await page.page.waitForTimeout(1_000);
      typed.add(await page.rowsAfterKey(text.slice(-1)));
      const fit = await page.rows();
      await input.fill("");
      cleared.add(await page.rowsAfterKey("Enter"));
      await input.fill(text);
      entered.add(await page.rowsAfterKey("Enter"));
      report.check("rows that fit, of those found before", fit, await page.rows());
      await input.fill("");
      await page.rowsAfterKey("Enter");
      report.check("rows without a filter, of those before", all, await page.rows());
    }
  });
  await page.close();
}
