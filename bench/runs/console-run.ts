import { setTimeout as sleep } from "node:timers/promises";
import { Browser, type MeasuredPage } from "../browser/browser.ts";
import { newRun } from "../load/events.ts";
import { SEND_OPEN, type Sent } from "../load/sending.ts";
import type { Worker } from "../processes/worker.ts";
import type { Bench } from "../scenario.ts";
import type { Hub } from "../systems/hub.ts";
import { checkAnswers } from "./accept-run.ts";

const CONNECTIONS = 8;
/** Fast, and no faster than the feed of a console: beyond 2,000 rows that wait it leaves rows out. */
const FILL_PER_SECOND = 2_000;
const FILL_BATCH = 50;
const PORTION_SECONDS = 5;
const POLL_MS = 100;
const SHOWN_MS = 60_000;

/** A hub that serves its console, and a browser to look at it. */
export async function openConsole(bench: Bench): Promise<{ hub: Hub; browser: Browser; stream: string }> {
  const hub = await bench.startHub({ name: "console", console: true });
  const browser = await Browser.start(bench.path("chromium"), bench.resources);
  return { hub, browser, stream: await screenUrl(hub, browser, "stream") };
}

/** The address of a screen. The session's token is left with the browser, as on a person's first visit. */
export async function screenUrl(hub: Hub, browser: Browser, screen: string): Promise<string> {
  if (hub.consoleUrl === null) throw new Error(`hub ${hub.name} serves no console`);
  const first = await browser.open(hub.consoleUrl);
  await first.page.getByRole("navigation", { name: "Screens" }).waitFor();
  await first.close();
  return `${hub.consoleUrl.split("#")[0]}#/local/${screen}`;
}

/** Posts single events at a rate. */
export async function postAt(
  bench: Bench,
  sender: Worker,
  hub: Hub,
  load: { readonly perSecond: number; readonly seconds: number; readonly batch?: number },
): Promise<Sent> {
  const { perSecond, seconds, batch = 1 } = load;
  const sent = await sender.ask(SEND_OPEN, {
    target: hub.target,
    run: newRun(),
    ids: "random",
    batch,
    perSecond,
    events: Math.ceil((perSecond * seconds) / batch) * batch,
    connections: CONNECTIONS,
  });
  checkAnswers(bench, sent);
  return sent;
}

/** Waits until the list has so many rows. @returns how many it has, also when they did not come in time */
export async function waitForRows(page: MeasuredPage, rows: number, patienceMs = SHOWN_MS): Promise<number> {
  for (const deadline = performance.now() + patienceMs; ; await sleep(POLL_MS)) {
    const there = await page.rows();
    if (there >= rows || performance.now() > deadline) return there;
  }
}

/** Posts events while the page is open, until its list has so many rows. @returns how many were posted */
export async function fillList(
  bench: Bench,
  sender: Worker,
  hub: Hub,
  page: MeasuredPage,
  rows: number,
): Promise<number> {
  let posted = 0;
  for (let there = await page.rows(); there < rows; ) {
    const seconds = Math.min(PORTION_SECONDS, (rows - there) / FILL_PER_SECOND);
    posted += (await postAt(bench, sender, hub, { perSecond: FILL_PER_SECOND, seconds, batch: FILL_BATCH })).posted;
    there = await waitForRows(page, Math.min(rows, there + seconds * FILL_PER_SECOND), 5_000);
    bench.say(`filling the list: ${there.toLocaleString("en")} of ${rows.toLocaleString("en")} rows`);
  }
  return posted;
}
