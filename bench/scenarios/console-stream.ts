import type { MeasuredPage } from "../browser/browser.ts";
import { openConsole, postAt, waitForRows } from "../runs/console-run.ts";
import type { Bench, Scenario } from "../scenario.ts";

/** Whether a person can read and scroll while events pour in. */
export const consoleStream: Scenario = {
  name: "console-stream",
  title: "The console's Stream with 500 events/s arriving, beside an empty page under the same load",
  about: "(i) frames per second, dropped frames and long tasks of the Stream at 500 events/s",
  run,
};

const PER_SECOND = 500;
const FRAME_MS = 1_000 / 60;
const EMPTY = "data:text/html,<title>empty</title>";
/** The load is longer than what is counted, at both ends. */
const MARGIN_SECONDS = 1;

async function run(bench: Bench): Promise<void> {
  const { options, report } = bench;
  const { hub, browser, stream } = await openConsole(bench);
  const sender = bench.startSender();
  const lines = {
    stream: series(bench, "Stream"),
    quiet: series(bench, "Stream, nothing arriving"),
    empty: series(bench, "empty page"),
  };
  report.compare("frames of the Stream at 500 events/s", lines.stream.frames, null, { atLeast: 60 });
  report.compare("frames of the Stream at 500 events/s / empty page", lines.stream.frames, lines.empty.frames);
  report.compare("long tasks of the Stream at 500 events/s, a minute", lines.stream.long, null);

  await bench.rounds(async () => {
    const empty = await browser.open(EMPTY);
    await measure(bench, empty, lines.empty, () =>
      postAt(bench, sender, hub, { perSecond: PER_SECOND, seconds: seconds(bench) }),
    );
    await empty.close();

    const page = await browser.open(stream);
    await page.start();
    await postAt(bench, sender, hub, { perSecond: PER_SECOND, seconds: options.warmupSeconds });
    await measure(bench, page, lines.quiet, () => Promise.resolve());
    const before = await page.rows();
    await measure(bench, page, lines.stream, async () => {
      const { accepted } = await postAt(bench, sender, hub, { perSecond: PER_SECOND, seconds: seconds(bench) });
      report.check("rows in the list, of those sent", accepted, (await waitForRows(page, before + accepted)) - before);
    });
    await page.close();
  }, options.latencyRounds);
}

const seconds = ({ options }: Bench): number => options.frameSeconds + 2 * MARGIN_SECONDS;

function series({ report }: Bench, label: string) {
  return {
    frames: report.addSeries(label, "frames/s"),
    dropped: report.addSeries(`${label}: frames dropped, a minute`, "frames"),
    p99: report.addSeries(`${label}: p99 from frame to frame`, "ms"),
    long: report.addSeries(`${label}: long tasks, a minute`, "tasks"),
    longest: report.addSeries(`${label}: longest task (0: below 50)`, "ms"),
    worked: report.addSeries(`${label}: processor time of the page's thread`, "ms/s"),
  };
}

/** Counts frames while the load runs, without its beginning and end. */
async function measure(
  { options }: Bench,
  page: MeasuredPage,
  into: ReturnType<typeof series>,
  load: () => Promise<unknown>,
): Promise<void> {
  const loading = load();
  await page.page.waitForTimeout(MARGIN_SECONDS * 1_000);
  const before = await page.worked();
  const { times, longTasks } = await page.frames(options.frameSeconds * 1_000);
  const worked = (await page.worked()) - before;
  await loading;
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
  const measured = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000;
  const aMinute = 60 / measured;
  into.frames.add(gaps.length / measured);
  into.dropped.add(aMinute * gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / FRAME_MS) - 1), 0));
  into.p99.add(gaps.sort((a, b) => a - b)[Math.floor(gaps.length * 0.99)] ?? 0);
  into.long.add(aMinute * longTasks.length);
  into.longest.add(Math.max(0, ...longTasks));
  into.worked.add(worked / measured);
}
