import { spawn } from "node:child_process";
import { once } from "node:events";
import { _electron, type ElectronApplication, type Page } from "playwright-core";
import type { DesktopDriver, Launch } from "./desktop-app.ts";

/** The app in the real Electron, for the same specs: Playwright's own driver, and records like the double's. */
export class OnElectron implements DesktopDriver {
  readonly ended: Promise<number | null>;
  readonly #app: ElectronApplication;
  stderr = "";

  private constructor(app: ElectronApplication) {
    this.#app = app;
    const child = app.process();
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.ended = once(child, "close").then(() => child.exitCode);
  }

  static async launch({ args, env, cwd }: Launch, executable: string): Promise<OnElectron> {
    const app = await _electron.launch({ executablePath: executable, args: [cwd, ...args], env: { ...env }, cwd });
    // The hub takes longer to start than this does, so nothing is shown before it is recorded.
    await app.evaluate(record);
    return new OnElectron(app);
  }

  /** An app that ends by itself, such as one that finds another in its place: Playwright could not take hold of it. */
  static async runToEnd({ args, env, cwd }: Launch, executable: string): Promise<number | null> {
    const child = spawn(executable, [cwd, ...args], { cwd, env, stdio: "ignore", windowsHide: true });
    await once(child, "close");
    return child.exitCode;
  }

  evaluate(source: string, argument: unknown): Promise<unknown> {
    return this.#app.evaluate(
      async (electron, order) => {
        const run = new Function(`return (${order.source});`)() as (inside: object, argument: unknown) => unknown;
        const { native } = globalThis as unknown as { native: object };
        return (await run({ ...electron, native }, order.argument)) ?? null;
      },
      { source, argument },
    );
  }

  async pages(): Promise<readonly Page[]> {
    return this.#app.windows();
  }

  async kill(): Promise<void> {
    await this.#app.close().catch(() => undefined);
  }
}

/** Runs in Electron's main process: keeps what is shown to the person or asked of the system, as the double does. */
function record({ Notification, Tray, dialog, shell }: typeof Electron.CrossProcessExports): void {
  const native = {
    notifications: [] as unknown[],
    trays: [] as object[],
    dialogs: [] as { options: unknown; answer: (answer: { response: number }) => void }[],
    opened: [] as string[],
  };
  Object.assign(globalThis, { native });
  const tell = (target: object, name: string, told: (self: object, given: unknown[]) => void): void => {
    const original = Reflect.get(target, name) as (...given: unknown[]) => unknown;
    Reflect.set(target, name, function (this: object, ...given: unknown[]) {
      told(this, given);
      return original.apply(this, given);
    });
  };
  tell(Notification.prototype, "show", (self) => {
    const { title, body } = self as Electron.Notification;
    native.notifications.push(Object.assign(self, { options: { title, body } }));
  });
  const tray = (self: object, what: object): void => {
    if (!native.trays.includes(self)) native.trays.push(self);
    Object.assign(self, what);
  };
  tell(Tray.prototype, "setToolTip", (self, [toolTip]) => tray(self, { toolTip }));
  tell(Tray.prototype, "setContextMenu", (self, [menu]) => tray(self, { menu }));
  Object.assign(dialog, {
    showMessageBox: (...given: unknown[]) =>
      new Promise((answer) => {
        native.dialogs.push({ options: given.at(-1), answer });
      }),
  });
  Object.assign(shell, {
    openExternal: async (url: string) => {
      native.opened.push(url);
    },
  });
}
