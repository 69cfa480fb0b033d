// npm run screenshots: starts the demo, looks at every screen in dark and light, and writes docs/screenshots/*.png.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { CHROMIUM_ARGS, HOW_TO_GET_ONE, obtainChromium } from "./chromium.mjs";
import { main, prepare, root, SetupError } from "./setup.mjs";

const SIZE = { width: 1280, height: 800 };
/** The demo's peers fail and are retried in this time, so that there is something of each kind to see. */
const SETTLE_MS = 20_000;
/** A screen counts as drawn when nothing of it waits for data any more; live figures move on. */
const DRAWN_MS = 20_000;
const STILL_MS = 700;
const LOADING = "main [role=status][aria-label=Loading]";

await main(async () => {
  await prepare({ build: true });
  const browser = await obtainChromium((line) => console.error(line));
  if (browser.path === null) throw new SetupError(`Screenshots need a Chromium: ${HOW_TO_GET_ONE}.`);
  const folder = join(root, "docs", "screenshots");
  mkdirSync(folder, { recursive: true });
  const demo = spawn(
    process.execPath,
    [join(root, "out", "main", "server.js"), "--demo", "--console", "--json", "--port", "0", "--log-level", "error"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise((done) => demo.once("exit", done));
  try {
    const ready = await new Promise((done, fail) => {
      createInterface({ input: demo.stdout }).once("line", (line) => done(JSON.parse(line)));
      void ended.then(() => fail(new SetupError("The demo ended before it was ready.")));
    });
    await sleep(SETTLE_MS);
    const program = await chromium.launch({ executablePath: browser.path, args: CHROMIUM_ARGS });
    try {
      for (const theme of /** @type {const} */ (["dark", "light"])) await takeAll(program, ready, theme, folder);
    } finally {
      await program.close();
    }
  } finally {
    demo.kill("SIGTERM");
    await ended;
  }
  return 0;
});

/**
 * Every screen that the rail leads to, and the event there is most to see on.
 * @param {import("playwright-core").Browser} program
 * @param {{ console_url: string, url: string, admin_key: string }} ready
 * @param {"dark" | "light"} theme
 * @param {string} folder
 * @throws {SetupError} when a page breaks a rule of its content policy, or says that it failed
 */
async function takeAll(program, ready, theme, folder) {
  const context = await program.newContext({ viewport: SIZE, colorScheme: theme, reducedMotion: "reduce" });
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(ready.console_url);
  const rail = page.getByRole("navigation", { name: "Screens" }).getByRole("link");
  await rail.first().waitFor({ timeout: DRAWN_MS });
  const addresses = await rail.evaluateAll((links) =>
    links.map((link) => (link.getAttribute("href") ?? "").replace(/^[^#]*/, "")),
  );
  const seq = await interestingEvent(ready);
  if (seq !== null) addresses.push(`#/local/event/${seq}`);
  for (const address of addresses) {
    const name = address.split("/")[2] ?? "";
    // By the rail, as a person would: a screen that was gone to without a click shows where the keys act.
    const link = page.locator(`nav[aria-label="Screens"] a[href$="${address}"]`);
    if ((await link.count()) === 1) await link.click();
    else await page.evaluate(`location.hash = ${JSON.stringify(address)}`);
    await page.mouse.move(SIZE.width / 2, 20);
    await page.waitForTimeout(STILL_MS);
    await page.locator(LOADING).first().waitFor({ state: "detached", timeout: DRAWN_MS });
    await page.waitForTimeout(STILL_MS);
    await page.screenshot({ path: join(folder, `${name}-${theme}.png`) });
    console.log(`docs/screenshots/${name}-${theme}.png`);
  }
  await context.close();
  if (complaints.length > 0) throw new SetupError(`The console complained in ${theme}:\n${complaints.join("\n")}`);
}

/**
 * An event that came from elsewhere and was stopped by a limit on its way on, a while ago: there is most to see on it.
 * @param {{ url: string, admin_key: string }} ready
 */
async function interestingEvent({ url, admin_key }) {
  const headers = { authorization: `Bearer ${admin_key}` };
  const answer = await fetch(`${url}/api/federation/decisions?reason=hop_limit&limit=20`, { headers });
  const { items } = /** @type {{ items?: { seq: number }[] }} */ (await answer.json());
  return items?.at(-1)?.seq ?? null;
}
