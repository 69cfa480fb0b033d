import { BrowserWindow, screen } from "electron";
import { CHANNELS, type Command, type DesktopSettingsView, type StartStep } from "../../shared/desktop/index.ts";
import { ORIGIN } from "./app-pages.ts";
import { PageInbox } from "./page-inbox.ts";
import type { PreferenceFile } from "./preferences.ts";
import { webPreferences } from "./security.ts";
import { placeWindow, SMALLEST } from "./window-place.ts";

export interface WindowOptions {
  readonly preload: string;
  readonly version: string;
  readonly icon: string;
  readonly preferences: PreferenceFile;
  /** The URL of the dev server while developing, else null. */
  readonly devServer: string | null;
  /** False while the app is quitting: then a window that is closed is closed. */
  readonly hidesOnClose: () => boolean;
  readonly onHidden: () => void;
  readonly log: (line: string) => void;
}

/** The colours behind a page that is not painted yet, so that nothing flashes. */
const BACKGROUND = "#0b0d12";
/** A page that crashes more often than this is left alone, so that no loop of crashes is made. */
const MOST_RELOADS = 3;
const RELOADS_FORGOTTEN_MS = 60_000;

/** The small window of a start that takes a moment. */
export class Splash {
  readonly #window: BrowserWindow;
  #step: StartStep = { text: "Starting", state: "working" };

  constructor(options: Pick<WindowOptions, "preload" | "version" | "icon">) {
    this.#window = new BrowserWindow({
      width: 420,
      height: 240,
      frame: false,
      resizable: false,
      maximizable: false,
      fullscreenable: false,
      title: "Kite",
      icon: options.icon,
      backgroundColor: BACKGROUND,
      show: false,
      webPreferences: webPreferences(options.preload, options.version),
    });
    this.#window.once("ready-to-show", () => this.#window.show());
    void this.#window.loadURL(`${ORIGIN}/splash/`).catch(() => undefined);
  }

  say(step: StartStep): void {
    this.#step = step;
    if (!this.#window.isDestroyed()) this.#window.webContents.send(CHANNELS.start, step);
  }

  sayAgain(): void {
    this.say(this.#step);
  }

  close(): void {
    if (!this.#window.isDestroyed()) this.#window.destroy();
  }
}

/** The window of the console: one, made when it is first wanted, hidden rather than closed. */
export class MainWindow {
  readonly #options: WindowOptions;
  #window: BrowserWindow | null = null;
  readonly #inbox = new PageInbox((channel, value) => this.#window?.webContents.send(channel, value));
  #reloads: number[] = [];

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** Brings the window to the front, at this path of the console if one is given. */
  show(path: string | null = null): void {
    const window = this.#window ?? this.#open();
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
    if (path !== null) this.#inbox.open(path);
  }

  /** Tells the page, if there is one, how the settings are now. */
  tellSettings(settings: DesktopSettingsView): void {
    this.#window?.webContents.send(CHANNELS.settingsNow, settings);
  }

  /** Has the page do this, as soon as there is one that listens. */
  command(command: Command): void {
    this.#inbox.command(command);
  }

  /** The page listens now. */
  ready(sender: Electron.WebContents): void {
    if (sender === this.#window?.webContents) this.#inbox.listens();
  }

  /** Remembers where the window is. */
  remember(): void {
    const window = this.#window;
    if (window === null || window.isDestroyed()) return;
    const place = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    this.#options.preferences.update({ window: place });
  }

  #open(): BrowserWindow {
    const { preferences, preload, version, icon, devServer } = this.#options;
    const first = screen.getPrimaryDisplay();
    const others = screen.getAllDisplays().filter(({ id }) => id !== first.id);
    const { maximized, ...bounds } = placeWindow(
      preferences.current.window,
      [first, ...others].map(({ workArea }) => workArea),
    );
    const window = new BrowserWindow({
      ...bounds,
      minWidth: SMALLEST.width,
      minHeight: SMALLEST.height,
      title: "Kite",
      icon,
      backgroundColor: BACKGROUND,
      show: false,
      webPreferences: webPreferences(preload, version),
    });
    this.#window = window;
    if (maximized) window.maximize();
    window.on("close", (event) => {
      this.remember();
      if (!this.#options.hidesOnClose()) return;
      event.preventDefault();
      window.hide();
      this.#options.onHidden();
    });
    window.on("closed", () => {
      this.#window = null;
      this.#inbox.gone();
    });
    window.webContents.on("did-start-navigation", (details) => {
      if (details.isMainFrame && !details.isSameDocument) this.#inbox.gone();
    });
    window.webContents.on("render-process-gone", (_event, { reason }) => this.#recover(reason));
    const address = devServer ?? `${ORIGIN}/`;
    void window.loadURL(address).catch((error) => this.#options.log(`the console's page did not load: ${error}`));
    return window;
  }

  /** The hub goes on when a page dies; the person gets a new one. */
  #recover(reason: string): void {
    this.#inbox.gone();
    this.#options.log(`the console's page ended (${reason})`);
    const now = Date.now();
    this.#reloads = this.#reloads.filter((at) => now - at < RELOADS_FORGOTTEN_MS);
    if (reason === "clean-exit" || this.#reloads.length >= MOST_RELOADS) return;
    this.#reloads.push(now);
    this.#window?.webContents.reload();
  }
}
