import { EventEmitter } from "node:events";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** An event of Electron's whose default can be prevented. */
export class PreventableEvent {
  defaultPrevented = false;
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

/** Parts of the double that have to be ready before the app is, or gone before it ends. */
export const lifecycle = {
  open: async (): Promise<void> => undefined,
  /** Asks every window to close. @returns false when one refuses */
  closeWindows: (): boolean => true,
  shut: async (): Promise<void> => undefined,
};

const Second = z.object({ argv: z.array(z.string()) });

class App extends EventEmitter {
  readonly isPackaged = false;
  readonly name = "kite-desktop";
  readonly protocols: string[] = [];
  #userData = join(tmpdir(), "kite-electron-double");
  #ready = false;
  #whenReady: Promise<void> | null = null;
  #ending = false;

  whenReady(): Promise<void> {
    this.#whenReady ??= lifecycle.open().then(() => {
      this.#ready = true;
      this.emit("ready");
    });
    return this.#whenReady;
  }
  isReady(): boolean {
    return this.#ready;
  }
  getPath(): string {
    return this.#userData;
  }
  setPath(_name: string, path: string): void {
    this.#userData = path;
  }
  getAppPath(): string {
    return process.cwd();
  }
  setAppUserModelId(): void {}
  setAsDefaultProtocolClient(scheme: string): boolean {
    this.protocols.push(scheme);
    return true;
  }

  /** As Electron: one process for each user data folder; a second one hands its arguments to the first. */
  requestSingleInstanceLock(): boolean {
    mkdirSync(this.#userData, { recursive: true });
    const [lock, mail] = [join(this.#userData, "double.lock"), join(this.#userData, "double.mail")];
    const holder = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
    if (holder !== 0 && isAlive(holder)) {
      appendFileSync(mail, `${JSON.stringify({ argv: process.argv })}\n`);
      return false;
    }
    writeFileSync(lock, String(process.pid));
    writeFileSync(mail, "");
    let read = 0;
    const watcher = watch(mail, () => {
      const lines = readFileSync(mail, "utf8").split("\n").slice(0, -1);
      for (const line of lines.slice(read)) {
        read++;
        this.emit("second-instance", {}, Second.parse(JSON.parse(line)).argv, process.cwd(), null);
      }
    });
    watcher.unref();
    process.once("exit", () => rmSync(lock, { force: true }));
    return true;
  }

  quit(): void {
    const before = new PreventableEvent();
    this.emit("before-quit", before);
    if (before.defaultPrevented || !lifecycle.closeWindows()) return;
    this.emit("will-quit", new PreventableEvent());
    this.emit("quit", {}, 0);
    this.exit(0);
  }

  exit(code = 0): void {
    if (this.#ending) return;
    this.#ending = true;
    const end = (): never => process.exit(code);
    lifecycle.shut().then(end, end);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export const app = new App();
// The test that started us is gone.
process.on("disconnect", () => app.quit());
// Work that a page which closes cuts off is no fault of the app's.
process.on("unhandledRejection", (error) => {
  if (!/has been closed|Target closed|ERR_ABORTED|frame (was|got) detached|context was destroyed/.test(String(error)))
    throw error;
});
