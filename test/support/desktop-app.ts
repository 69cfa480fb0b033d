import { resolve } from "node:path";
import type { Page } from "playwright-core";
import { onTestFinished, type TestContext } from "vitest";
import { requireChromium } from "./browser/index.ts";
import { OnDouble } from "./desktop-on-double.ts";
import { OnElectron } from "./desktop-on-electron.ts";
import type * as double from "./electron-double/electron.ts";
import type { native } from "./electron-double/native.ts";
import { requireBuiltServer } from "./hub-process.ts";
import { until } from "./until.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");

/** The module `electron` inside the app, with what was shown to the person or asked of the system. */
export type Inside = typeof double & { native: typeof native };

/** Hub, database and Chromium start one after the other; a machine that is busy with other tests takes its time. */
const START_MS = 60_000;

export interface DesktopOptions {
  readonly dataDir: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How the app is to be started: whole arguments and environment. */
export interface Launch {
  readonly dataDir: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What stands behind {@link DesktopApp}: the double of Electron, or a real one. */
export interface DesktopDriver {
  /** Its exit code. */
  readonly ended: Promise<number | null>;
  readonly stderr: string;
  /** Runs the function of this source inside the app. */
  evaluate(source: string, argument: unknown): Promise<unknown>;
  pages(deadlineMs: number): Promise<readonly Page[]>;
  kill(): Promise<void>;
}

/** The program of a real Electron to run the specs in, if somebody names one; else they run on the double. */
export const realElectron = process.env["KITE_TEST_ELECTRON"] ?? null;

/** How the app is started here: on a free port, with nothing of this process' own settings. */
export function launchOf({ dataDir, args = [], env = {} }: DesktopOptions): Launch {
  const clean = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || name.startsWith("KITE_") ? [] : [[name, value] as const],
    ),
  );
  const all = ["--port", "0", "--data-dir", dataDir, "--log-format", "json", ...args];
  return { dataDir, args: all, env: { ...clean, ...env }, cwd: ROOT };
}

/** The built app in a process of its own. */
export class DesktopApp {
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
  readonly #driver: DesktopDriver;

  private constructor(driver: DesktopDriver) {
    this.#driver = driver;
    this.ended = driver.ended.then((code) => ({ code, stderr: driver.stderr }));
  }

  get stderr(): string {
    return this.#driver.stderr;
  }

  /** Starts it without waiting for its hub. It is ended at the end of the test. */
  static async start(ctx: TestContext, options: DesktopOptions): Promise<DesktopApp> {
    requireBuiltServer();
    const launch = launchOf(options);
    const driver =
      realElectron === null
        ? new OnDouble(launch, await requireChromium(ctx))
        : await OnElectron.launch(launch, realElectron);
    onTestFinished(() => driver.kill());
    return new DesktopApp(driver);
  }

  /** Starts one that ends by itself. @returns its exit code */
  static async runToEnd(ctx: TestContext, options: DesktopOptions): Promise<number | null> {
    if (realElectron !== null) return OnElectron.runToEnd(launchOf(options), realElectron);
    const app = await DesktopApp.start(ctx, options);
    return (await app.ended).code;
  }

  /** Runs a function inside the app, with Electron's module. It may use nothing from around it. */
  async evaluate<T, A = undefined>(order: (inside: Inside, argument: A) => T, argument?: A): Promise<Awaited<T>> {
    // The cast says what the order returned, as far as JSON carries it.
    return (await this.#driver.evaluate(String(order), argument ?? null)) as Awaited<T>;
  }

  /** The page of this part of the app, as soon as there is one. */
  page(part: "splash" | "console"): Promise<Page> {
    return until(
      () => `there is a page of the ${part}\n${this.stderr}`,
      async () =>
        (await this.#driver.pages(START_MS)).find((page) => {
          const { protocol, host, pathname } = new URL(page.url());
          const isOurs = protocol === "app:" || host.endsWith(".scheme.test");
          return isOurs && pathname.startsWith("/splash/") === (part === "splash");
        }),
      START_MS,
    );
  }

  async clickMenu(id: string): Promise<void> {
    await this.evaluate(({ Menu }, wanted) => Menu.getApplicationMenu()?.getMenuItemById(wanted)?.click(), id);
  }

  async clickTray(id: string): Promise<void> {
    await this.evaluate(({ native }, wanted) => native.trays[0]?.menu?.getMenuItemById(wanted)?.click(), id);
  }

  /** Asks it to quit, as its menu does, and waits for its end. */
  async quit(): Promise<{ readonly code: number | null; readonly stderr: string }> {
    await this.clickMenu("quit");
    return this.ended;
  }
}
