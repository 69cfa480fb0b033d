import { join } from "node:path";
import { app, dialog, Menu, Notification, powerMonitor, session, shell } from "electron";
import type { Logger } from "pino";
import type { OverviewView } from "../../shared/contract/index.ts";
import type { DesktopSettingsChange, DesktopSettingsView } from "../../shared/desktop/index.ts";
import { serveAppScheme } from "./app-scheme.ts";
import { answerBridge } from "./bridge.ts";
import { HubWatch } from "./hub-watch.ts";
import { keychainKey, keychainState, moveKey } from "./keychain.ts";
import { applicationMenu } from "./menu.ts";
import { type Notice, NoticeBook } from "./notices.ts";
import { PreferenceFile } from "./preferences.ts";
import type { Running, StartingOptions } from "./running.ts";
import { denyPermissions, externalUrl, hardenApp } from "./security.ts";
import { KiteTray } from "./tray.ts";
import { MainWindow, Splash } from "./windows.ts";

export interface DesktopOptions {
  readonly dataDir: string;
  /** The folder of what ships with the program, and of what was built. */
  readonly resources: string;
  readonly built: string;
  readonly version: string;
  /** The dev server of the console's page while developing, else null. */
  readonly devServer: string | null;
  readonly log: Logger;
  start(options: StartingOptions): Promise<Running>;
  /** An error in a sentence for people. */
  describeError(error: unknown): string;
}

/** Everything around the hub that a person sees of the app. */
export class Desktop {
  readonly #options: DesktopOptions;
  readonly #preferences: PreferenceFile;
  readonly #window: MainWindow;
  readonly #notices = new NoticeBook();
  /** Kept until they are clicked or closed: one that is collected can no longer be clicked. */
  readonly #shown = new Set<Notification>();
  readonly #starting = new AbortController();
  #splash: Splash | null = null;
  #tray: KiteTray | null = null;
  #running: Running | null = null;
  #watch: HubWatch | null = null;
  #noticeTimer: NodeJS.Timeout | null = null;
  #seen: OverviewView | null = null;
  #stopping: Promise<void> | null = null;
  /** What was asked to be opened before there was a hub to show. */
  #firstPath: string | null = null;

  constructor(options: DesktopOptions) {
    const { built, dataDir, devServer, log, resources, version } = options;
    this.#options = options;
    this.#preferences = new PreferenceFile(join(dataDir, "desktop", "preferences.json"), (error) =>
      log.warn({ err: error }, "the app's preferences could not be written"),
    );
    this.#window = new MainWindow({
      preload: join(built, "preload", "index.cjs"),
      version,
      icon: join(resources, "icons", "icon.png"),
      preferences: this.#preferences,
      devServer,
      hidesOnClose: () => this.#stopping === null,
      onHidden: () => this.#sayThatItRuns(),
      log: (line) => log.warn(line),
    });
  }

  /** Shows the app: splash, hub, tray, window. To be called once, when Electron is ready. */
  async start(): Promise<void> {
    const { built, devServer, log, resources, version } = this.#options;
    hardenApp(devServer);
    denyPermissions(session.defaultSession);
    serveAppScheme({ console: join(built, "renderer"), splash: join(resources, "splash") });
    answerBridge(this.#bridge(), devServer, (what) => log.warn(`${what} was asked by a page that is not ours`));
    Menu.setApplicationMenu(applicationMenu(this.#menu()));
    this.#splash = new Splash({
      preload: join(built, "preload", "index.cjs"),
      version,
      icon: join(resources, "icons", "icon.png"),
    });
    const running = await this.#startHub();
    if (running === null) return;
    this.#running = running;
    this.#tray = new KiteTray(join(resources, "icons", trayIcon()), {
      open: (path) => this.open(path === null ? null : `/local/${path}`),
      setNotifications: (on) => this.#setNotifications(on),
      quit: () => app.quit(),
    });
    this.#showTray();
    this.#watch = new HubWatch(running, (seen) => this.#look(seen));
    powerMonitor.on("suspend", () => log.info("the machine goes to sleep"));
    powerMonitor.on("resume", () => running.resumed());
    this.#window.show(this.#firstPath);
    this.#splash?.close();
    this.#splash = null;
  }

  /** Brings the window to the front, at this path if one is given: `/local/outbox`, or `outbox` of the hub looked at. */
  open(path: string | null): void {
    if (this.#running === null) this.#firstPath = path ?? this.#firstPath;
    else if (this.#stopping === null) this.#window.show(path);
  }

  /** True once everything has been stopped. */
  stopped = false;

  /** Lets what is in flight end, and stops hub and database. Idempotent. @throws what the hub's stop throws */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#starting.abort();
    this.#window.remember();
    this.#watch?.stop();
    if (this.#noticeTimer !== null) clearTimeout(this.#noticeTimer);
    this.#showTray();
    this.#splash?.say({ text: "Stopping", state: "working" });
    await this.#running?.stop();
    this.#splash?.close();
    this.#tray?.remove();
    this.stopped = true;
  }

  /** Starts the hub, asking the person what to do when it fails. @returns null when the app is to end */
  async #startHub(): Promise<Running | null> {
    const { dataDir, describeError, log, start } = this.#options;
    const { signal } = this.#starting;
    for (;;) {
      try {
        const folderKey = await keychainKey(dataDir);
        const running = await start({
          signal,
          folderKey,
          onStep: (text) => this.#splash?.say({ text, state: "working" }),
        });
        if (!signal.aborted) return running;
        await running.stop();
        return null;
      } catch (error) {
        if (signal.aborted) return null;
        const sentence = describeError(error);
        log.error(sentence);
        this.#splash?.say({ text: sentence, state: "failed" });
        const { response } = await dialog.showMessageBox({
          type: "error",
          title: "Kite",
          message: "The hub did not start.",
          detail: sentence,
          buttons: ["Try again", "Quit"],
          defaultId: 0,
          cancelId: 1,
        });
        if (response !== 0) {
          app.quit();
          return null;
        }
      }
    }
  }

  #bridge(): Parameters<typeof answerBridge>[0] {
    return {
      connect: (hub, port) => {
        if (this.#running === null) port.close();
        else this.#running.connect(hub, port);
      },
      ready: (sender) => this.#window.ready(sender),
      startNow: () => this.#splash?.sayAgain(),
      settings: () => this.#settings(),
      updateSettings: async (change) => {
        await this.#updateSettings(change);
        return this.#settings();
      },
    };
  }

  #menu(): Parameters<typeof applicationMenu>[0] {
    return {
      screen: (path) => this.open(path),
      command: (command) => {
        if (this.#stopping !== null) return;
        this.open(null);
        this.#window.command(command);
      },
      openLink: (url) => {
        if (externalUrl(url) !== null) void shell.openExternal(url);
      },
      quit: () => app.quit(),
    };
  }

  #settings(): DesktopSettingsView {
    const { notifications } = this.#preferences.current;
    return { notifications, ...keychainState(this.#options.dataDir) };
  }

  async #updateSettings(change: DesktopSettingsChange): Promise<void> {
    if (change.notifications !== undefined) this.#setNotifications(change.notifications);
    if (change.keychain === undefined) return;
    await moveKey(this.#options.dataDir, change.keychain);
    this.#window.tellSettings(this.#settings());
  }

  #setNotifications(on: boolean): void {
    this.#preferences.update({ notifications: on });
    this.#showTray();
    this.#window.tellSettings(this.#settings());
  }

  #look(seen: OverviewView | null): void {
    this.#seen = seen;
    this.#showTray();
    if (seen === null) return;
    this.#notices.look(seen.attention);
    this.#notify();
  }

  #notify(): void {
    const now = performance.now();
    // Taken even when nobody is told, so that turning notifications on does not bring up the past.
    const notice = this.#notices.take(now);
    if (notice !== null && this.#preferences.current.notifications)
      this.#show(notice, () => this.open(`/local/${notice.to}`));
    const { nextAt } = this.#notices;
    if (nextAt === null || this.#noticeTimer !== null) return;
    this.#noticeTimer = setTimeout(
      () => {
        this.#noticeTimer = null;
        this.#notify();
      },
      Math.max(0, nextAt - now),
    );
  }

  #show({ title, body }: Pick<Notice, "title" | "body">, onClick: () => void): void {
    if (!Notification.isSupported()) return;
    const notification = new Notification({ title, body });
    this.#shown.add(notification);
    notification.on("click", () => {
      this.#shown.delete(notification);
      onClick();
    });
    notification.on("close", () => this.#shown.delete(notification));
    notification.show();
  }

  /** Once in the life of a data folder. */
  #sayThatItRuns(): void {
    if (this.#preferences.current.toldAboutHiding) return;
    this.#preferences.update({ toldAboutHiding: true });
    this.#show(
      {
        title: "The hub keeps running",
        body: "Kite goes on taking and sending events. Open it again from its tray icon, or by starting it once more; Quit stops it.",
      },
      () => this.open(null),
    );
  }

  #showTray(): void {
    const totals = this.#seen?.totals;
    this.#tray?.show({
      instance: this.#running?.instanceId ?? "Kite",
      phase: this.#stopping !== null ? "stopping" : this.#seen === null ? "trouble" : "running",
      owed: totals?.owed ?? 0,
      dead: totals?.dead ?? 0,
      notifications: this.#preferences.current.notifications,
    });
  }
}

function trayIcon(): string {
  return process.platform === "darwin" ? "trayTemplate.png" : "tray.png";
}
