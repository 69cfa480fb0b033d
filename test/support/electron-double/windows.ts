import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { app, lifecycle, PreventableEvent } from "./app.ts";
import { browserContext, toChromium, toElectron } from "./chromium.ts";
import { FromPage, ipcMain, MessagePortMain } from "./ipc.ts";
import { FROM_MAIN, pageScript, TO_MAIN } from "./page-script.ts";

interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface WindowOptions extends Partial<Rectangle> {
  readonly show?: boolean;
  readonly title?: string;
  readonly webPreferences: { readonly preload: string; readonly additionalArguments?: readonly string[] };
}

type OpenHandler = (details: { url: string }) => { action: "allow" | "deny" };

/** A page of the real Chromium, as Electron shows it to main. */
class WebContents extends EventEmitter {
  readonly #preferences: WindowOptions["webPreferences"];
  readonly #size: { width: number; height: number };
  readonly #ports = new Map<number, MessagePortMain>();
  readonly opened: string[] = [];
  #openHandler: OpenHandler = () => ({ action: "allow" });
  #page: Promise<Page>;
  #url = "";
  #loading = false;
  #outbox: object[] = [];
  #sending = false;

  constructor(preferences: WindowOptions["webPreferences"], size: { width: number; height: number }) {
    super();
    this.#preferences = preferences;
    this.#size = size;
    this.#page = this.#open();
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler;
  }
  getURL(): string {
    return this.#url;
  }

  async loadURL(url: string): Promise<void> {
    this.#url = url;
    await this.#load((page) => page.goto(toChromium(url)));
  }

  reload(): void {
    void this.#load(async (page) => {
      if (!page.isClosed()) return page.reload();
      this.#page = this.#open();
      return (await this.#page).goto(toChromium(this.#url));
    }).catch((error) => process.stderr.write(`the double could not reload: ${error}\n`));
  }

  send(channel: string, value: unknown): void {
    this.#post({ channel, value });
  }

  async close(): Promise<void> {
    await (await this.#page).close();
  }

  async #load(go: (page: Page) => Promise<unknown>): Promise<void> {
    const page = await this.#page;
    this.#loading = true;
    try {
      await go(page);
    } finally {
      this.#loading = false;
    }
    this.emit("did-finish-load");
  }

  async #open(): Promise<Page> {
    const page = await browserContext().newPage();
    await page.setViewportSize(this.#size);
    const preload = readFileSync(this.#preferences.preload, "utf8");
    await page.exposeBinding(TO_MAIN, ({ frame }, message: unknown) => this.#receive(toElectron(frame.url()), message));
    await page.addInitScript(pageScript(preload, ["chromium", ...(this.#preferences.additionalArguments ?? [])]));
    await page.route("**", async (route, request) => {
      const isPage = request.isNavigationRequest() && request.frame() === page.mainFrame();
      if (!isPage || this.#loading || request.redirectedFrom() !== null) return route.fallback();
      const event = Object.assign(new PreventableEvent(), { url: toElectron(request.url()) });
      this.emit("will-navigate", event, event.url);
      return event.defaultPrevented ? route.abort("aborted") : route.fallback();
    });
    page.on("framenavigated", (frame) => {
      if (frame !== page.mainFrame()) return;
      this.#dropPorts();
      this.emit("did-start-navigation", { isMainFrame: true, isSameDocument: false, url: toElectron(frame.url()) });
    });
    page.on("popup", (popup) => {
      const url = popup.url();
      this.opened.push(url);
      if (this.#openHandler({ url }).action === "deny") void popup.close();
    });
    page.on("crash", () => {
      this.#dropPorts();
      void page.close().then(() => this.emit("render-process-gone", {}, { reason: "crashed", exitCode: 1 }));
    });
    return page;
  }

  #dropPorts(): void {
    for (const port of this.#ports.values()) port.emit("close");
    this.#ports.clear();
  }

  /** In order, and as many at once as have come together meanwhile. */
  #post(message: object): void {
    this.#outbox.push(message);
    if (this.#sending) return;
    this.#sending = true;
    void (async () => {
      while (this.#outbox.length > 0) {
        const messages = this.#outbox.splice(0);
        const page = await this.#page;
        // A page that is going away hears nothing more.
        await page.evaluate(deliver, [FROM_MAIN, messages] as const).catch(() => undefined);
      }
      this.#sending = false;
    })();
  }

  async #receive(url: string, given: unknown): Promise<unknown> {
    const message = FromPage.parse(given);
    const event = { sender: this, senderFrame: { url, parent: null }, ports: [] as MessagePortMain[] };
    switch (message.kind) {
      case "send":
        ipcMain.emit(message.channel, event, message.value);
        return null;
      case "invoke": {
        const handler = ipcMain.handlers.get(message.channel);
        try {
          if (handler === undefined) throw new Error(`No handler registered for '${message.channel}'`);
          return { value: await handler(event, message.value) };
        } catch (error) {
          return { error: String(error) };
        }
      }
      case "post": {
        for (const id of message.ports) {
          const port = new MessagePortMain((part) => this.#post({ port: id, ...part }));
          this.#ports.set(id, port);
          event.ports.push(port);
        }
        ipcMain.emit(message.channel, event, message.value);
        return null;
      }
      case "port":
        this.#ports.get(message.port)?.receive(message.value);
        return null;
      case "port-closed":
        this.#ports.get(message.port)?.emit("close");
        this.#ports.delete(message.port);
        return null;
    }
  }
}

/** Runs in the page. */
function deliver([name, messages]: readonly [string, readonly object[]]): void {
  (globalThis as unknown as Record<string, ((messages: readonly object[]) => void) | undefined>)[name]?.(messages);
}

export class BrowserWindow extends EventEmitter {
  static readonly #all = new Set<BrowserWindow>();
  readonly webContents: WebContents;
  readonly options: WindowOptions;
  #bounds: Rectangle;
  #visible: boolean;
  #maximized = false;
  #destroyed = false;

  constructor(options: WindowOptions) {
    super();
    this.options = options;
    const { x = 0, y = 0, width = 800, height = 600, show = true } = options;
    this.#bounds = { x, y, width, height };
    this.#visible = show;
    this.webContents = new WebContents(options.webPreferences, { width, height });
    this.webContents.once("did-finish-load", () => this.emit("ready-to-show"));
    BrowserWindow.#all.add(this);
    app.emit("web-contents-created", {}, this.webContents);
  }

  static getAllWindows(): BrowserWindow[] {
    return [...BrowserWindow.#all];
  }
  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url);
  }
  show(): void {
    this.#visible = true;
  }
  hide(): void {
    this.#visible = false;
  }
  focus(): void {}
  isVisible(): boolean {
    return this.#visible && !this.#destroyed;
  }
  isMinimized(): boolean {
    return false;
  }
  restore(): void {}
  maximize(): void {
    this.#maximized = true;
  }
  isMaximized(): boolean {
    return this.#maximized;
  }
  getNormalBounds(): Rectangle {
    return { ...this.#bounds };
  }
  setBounds(bounds: Rectangle): void {
    this.#bounds = bounds;
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  /** As by the person. */
  close(): void {
    const event = new PreventableEvent();
    this.emit("close", event);
    if (!event.defaultPrevented) this.destroy();
  }
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    BrowserWindow.#all.delete(this);
    void this.webContents.close().catch(() => undefined);
    this.emit("closed");
    if (BrowserWindow.#all.size > 0) return;
    if (app.listenerCount("window-all-closed") === 0) app.quit();
    else app.emit("window-all-closed");
  }
}

lifecycle.closeWindows = () => {
  for (const window of BrowserWindow.getAllWindows()) window.close();
  return BrowserWindow.getAllWindows().length === 0;
};
