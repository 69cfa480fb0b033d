import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { onTestFinished, type TestContext } from "vitest";
import { z } from "zod";
import { requireChromium } from "./browser/index.ts";
import type * as double from "./electron-double/electron.ts";
import type { native } from "./electron-double/native.ts";
import { requireBuiltServer } from "./hub-process.ts";
import { until } from "./until.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");
const MAIN = join(ROOT, "out", "main", "index.js");
const DOUBLE = join(import.meta.dirname, "electron-double", "register.mjs");

/** The module `electron` inside the app, with what the double records. */
export type Inside = typeof double & { native: typeof native };

/** Hub, database and Chromium start one after the other; a machine that is busy with other tests takes its time. */
const START_MS = 60_000;

const Answer = z.object({ id: z.number(), value: z.unknown().optional(), error: z.string().optional() });

/** Apps that were not ended yet: those of a test that was broken off must not outlive this process. */
const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

export interface DesktopOptions {
  readonly dataDir: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The built app in a process of its own, on the double of Electron. */
export class DesktopApp {
  readonly dataDir: string;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: z.infer<typeof Answer>) => void>();
  #browser: Promise<Browser> | null = null;
  #orders = 0;
  stderr = "";

  private constructor({ dataDir, args = [], env = {} }: DesktopOptions, executable: string) {
    this.dataDir = dataDir;
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("KITE_")));
    const all = ["--port", "0", "--data-dir", dataDir, "--log-format", "json", ...args];
    this.#child = spawn(process.execPath, ["--import", "tsx", "--import", pathToFileURL(DOUBLE).href, MAIN, ...all], {
      cwd: ROOT,
      env: { ...clean, KITE_CHROMIUM: executable, ...env },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      windowsHide: true,
    });
    alive.add(this.#child);
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.#child.on("message", (message) => {
      const answer = Answer.parse(message);
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    this.ended = once(this.#child, "close").then(() => {
      alive.delete(this.#child);
      return { code: this.#child.exitCode, stderr: this.stderr };
    });
  }

  /** Starts it without waiting. It is ended at the end of the test. */
  static async start(ctx: TestContext, options: DesktopOptions): Promise<DesktopApp> {
    const executable = await requireChromium(ctx);
    requireBuiltServer();
    const app = new DesktopApp(options, executable);
    onTestFinished(() => app.kill());
    return app;
  }

  /** Runs a function inside the app, with Electron's module. It may use nothing from around it. */
  async evaluate<T, A = undefined>(order: (inside: Inside, argument: A) => T, argument?: A): Promise<Awaited<T>> {
    const id = ++this.#orders;
    const answer = await new Promise<z.infer<typeof Answer>>((done, fail) => {
      this.#waiting.set(id, done);
      this.#child.send({ id, source: String(order), argument: argument ?? null }, (error) => error && fail(error));
      void this.ended.then(() => fail(new Error(`the app ended:\n${this.stderr}`)));
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    // The cast says what the order returned, as far as JSON carries it.
    return answer.value as Awaited<T>;
  }

  /** The page whose address in Electron begins with this, as soon as there is one. */
  async page(part: "splash" | "console"): Promise<Page> {
    this.#browser ??= this.#connect();
    const browser = await this.#browser;
    return until(
      () => `there is a page of the ${part}\n${this.stderr}`,
      () =>
        browser
          .contexts()
          .flatMap((context) => context.pages())
          .find((page) => {
            const { host, pathname } = new URL(page.url());
            return host.endsWith(".scheme.test") && pathname.startsWith("/splash/") === (part === "splash");
          }),
      START_MS,
    );
  }

  /** Waits until the hub runs and the window stands. @returns the page of the console */
  async ready(): Promise<Page> {
    return this.page("console");
  }

  async #connect(): Promise<Browser> {
    const file = join(this.dataDir, "desktop", "chromium", "DevToolsActivePort");
    const port = await until(
      () => `${file} is there\n${this.stderr}`,
      () => existsSync(file) && readFileSync(file, "utf8").split("\n")[0],
      START_MS,
    );
    return chromium.connectOverCDP(`http://127.0.0.1:${port}`);
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

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    await (await this.#browser)?.close().catch(() => undefined);
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.disconnect();
      const late = setTimeout(() => this.#child.kill("SIGKILL"), 15_000);
      await this.ended;
      clearTimeout(late);
    }
  }
}
