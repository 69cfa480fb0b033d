import { join } from "node:path";
import { type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";
import { z } from "zod";
import { CHROMIUM_ARGS, findChromium, HOW_TO_GET_ONE } from "../../scripts/chromium.mjs";
import type { Resources } from "../processes/resources.ts";

const PROBE = join(import.meta.dirname, "probe.js");
const VIEWPORT = { width: 1_440, height: 900 };

/** A headless Chromium with a profile of its own: what it keeps of one page is there for the next. */
export class Browser {
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext) {
    this.#context = context;
  }

  /** @param profile a folder for its cache, which is made */
  static async start(profile: string, resources: Resources): Promise<Browser> {
    const executablePath = await findChromium();
    if (executablePath === null) throw new Error(`The console is measured in a Chromium: ${HOW_TO_GET_ONE}.`);
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      args: CHROMIUM_ARGS,
      viewport: VIEWPORT,
      colorScheme: "dark",
    });
    resources.defer("Chromium", () => context.close());
    await context.addInitScript({ path: PROBE });
    return new Browser(context);
  }

  /** Opens a page. What goes wrong in it fails the scenario when it is closed. */
  async open(url: string): Promise<MeasuredPage> {
    const page = await this.#context.newPage();
    const cdp = await this.#context.newCDPSession(page);
    // Processor time of its thread, which a busy machine does not stretch.
    await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    const measured = new MeasuredPage(page, cdp);
    await page.goto(url);
    return measured;
  }

  /** Forgets what pages were made of; what they stored stays. */
  async clearCache(): Promise<void> {
    const page = await this.#context.newPage();
    const cdp = await this.#context.newCDPSession(page);
    await cdp.send("Network.clearBrowserCache");
    await page.close();
  }

  close(): Promise<void> {
    return this.#context.close();
  }
}

const Frames = z.object({ times: z.array(z.number()), longTasks: z.array(z.number()) });
const Jump = z.object({ ms: z.number(), top: z.number(), height: z.number() });
const Start = z.object({ paint: z.number(), live: z.number() });

/** A page with `probe.js` in it. */
export class MeasuredPage {
  readonly page: Page;
  readonly #cdp: CDPSession;
  readonly #errors: string[] = [];

  constructor(page: Page, cdp: CDPSession) {
    this.page = page;
    this.#cdp = cdp;
    page.on("pageerror", (error) => this.#errors.push(error.message));
  }

  frames(ms: number): Promise<z.infer<typeof Frames>> {
    return this.#ask(`frames(${ms})`, Frames);
  }

  /** How many rows the list says that it has. */
  rows(): Promise<number> {
    return this.#ask("rows()", z.number());
  }

  /** @returns milliseconds from the key to the frame with another number of rows */
  async rowsAfterKey(key: string): Promise<number> {
    await this.page.evaluate(`kiteBench.watchKey(${JSON.stringify(key)})`);
    await this.page.keyboard.press(key);
    return this.#ask("watched()", z.number());
  }

  /** @param part of the list: 0 is its top, 1 its end */
  scrollTo(part: number): Promise<z.infer<typeof Jump>> {
    return this.#ask(`scrollTo(${part})`, Jump);
  }

  /** From the navigation on, in milliseconds: the first thing to see, and the first row. */
  start(): Promise<z.infer<typeof Start>> {
    return this.#ask("start()", Start);
  }

  /** What the page's thread has worked so far, in milliseconds of processor time. */
  async worked(): Promise<number> {
    return (await this.#metric("TaskDuration")) * 1_000;
  }

  /** Bytes of JavaScript that are still in use. */
  async heapBytes(): Promise<number> {
    await this.#cdp.send("HeapProfiler.collectGarbage");
    return this.#metric("JSHeapUsedSize");
  }

  /** @throws Error what went wrong in the page */
  async close(): Promise<void> {
    await this.page.close();
    if (this.#errors.length > 0) throw new Error(`The page failed: ${this.#errors.join("; ")}`);
  }

  async #ask<T>(call: string, answer: z.ZodType<T>): Promise<T> {
    return answer.parse(await this.page.evaluate(`kiteBench.${call}`));
  }

  async #metric(name: string): Promise<number> {
    const { metrics } = await this.#cdp.send("Performance.getMetrics");
    const found = metrics.find((metric) => metric.name === name);
    if (found === undefined) throw new Error(`This Chromium does not tell ${name}.`);
    return found.value;
  }
}
