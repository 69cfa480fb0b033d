import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { z } from "zod";
import type { DesktopDriver, Launch } from "./desktop-app.ts";
import { until } from "./until.ts";

const DOUBLE = join(import.meta.dirname, "electron-double", "register.mjs");
const MAIN = resolve(import.meta.dirname, "..", "..", "out", "main", "index.js");

const Answer = z.object({ id: z.number(), value: z.unknown().optional(), error: z.string().optional() });

/** How long an app may take to quit by itself once nobody needs it, milliseconds; less than a hook has. */
const PATIENCE_MS = 15_000;

/** Apps that were not ended yet: those of a test that was broken off must not outlive this process. */
const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** The built app on the double of Electron: main in a process of Node, its windows in a Chromium. */
export class OnDouble implements DesktopDriver {
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;
  /** The folder of its Chromium. */
  readonly #profile: string;
  readonly #waiting = new Map<number, (answer: z.infer<typeof Answer>) => void>();
  #browser: Promise<Browser> | null = null;
  #orders = 0;
  stderr = "";

  constructor({ dataDir, args, env, cwd }: Launch, executable: string) {
    this.#profile = join(dataDir, "desktop", "chromium");
    this.#child = spawn(process.execPath, ["--import", "tsx", "--import", pathToFileURL(DOUBLE).href, MAIN, ...args], {
      cwd,
      env: { KITE_CHROMIUM: executable, ...env },
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
    this.#gone = once(this.#child, "exit").then(() => alive.delete(this.#child));
    this.ended = once(this.#child, "close").then(() => this.#child.exitCode);
  }

  async evaluate(source: string, argument: unknown): Promise<unknown> {
    const id = ++this.#orders;
    const answer = await new Promise<z.infer<typeof Answer>>((done, fail) => {
      this.#waiting.set(id, done);
      this.#child.send({ id, source, argument }, (error) => error && fail(error));
      void this.ended.then(() => fail(new Error(`the app ended:\n${this.stderr}`)));
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value;
  }

  async pages(deadlineMs: number): Promise<readonly Page[]> {
    this.#browser ??= this.#connect(deadlineMs);
    return (await this.#browser).contexts().flatMap((context) => context.pages());
  }

  /** Has the app quit, and ends it and its Chromium by force when it does not. */
  async kill(patienceMs = PATIENCE_MS): Promise<void> {
    // Nobody waits for this: a Chromium that hangs answers never.
    this.#browser?.then((browser) => browser.close()).catch(() => undefined);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const late = setTimeout(() => {
      killChromium(this.#profile);
      this.#child.kill("SIGKILL");
    }, patienceMs);
    this.#child.disconnect();
    // Not for `ended`: Node emits no `close` for a child whose channel was closed from here.
    await this.#gone;
    clearTimeout(late);
  }

  async #connect(deadlineMs: number): Promise<Browser> {
    const file = join(this.#profile, "DevToolsActivePort");
    return until(
      () => `its Chromium can be connected to\n${this.stderr}`,
      () => {
        // An app that was here before has left the port of its own.
        const port = existsSync(file) ? readFileSync(file, "utf8").split("\n")[0] : "";
        return port === "" ? null : chromium.connectOverCDP(`http://127.0.0.1:${port}`);
      },
      deadlineMs,
    );
  }
}

/** The process of the Chromium that works in this folder; null where none does, and on Windows, where nothing says it. */
export function chromiumOf(profile: string): number | null {
  try {
    // A link to nowhere whose name is host-pid.
    return Number(readlinkSync(join(profile, "SingletonLock")).split("-").at(-1)) || null;
  } catch {
    return null;
  }
}

function killChromium(profile: string): void {
  try {
    const pid = chromiumOf(profile);
    if (pid !== null) process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
