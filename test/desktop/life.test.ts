import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryDataFolder } from "../support/data-folder.ts";
import { DesktopApp, realElectron } from "../support/desktop-app.ts";
import { until } from "../support/until.ts";

// Starting the app takes seconds, so each test follows one long way of a person through it.
const LONG_MS = 180_000;

const TOKENS = { outboundToken: "outbound-of-the-test", inboundToken: "inbound-of-the-test" };

describe("the app", () => {
  test(
    "starts with a splash, opens the console, hides on close and says so once, and quits in order",
    async (ctx) => {
      const dataDir = await temporaryDataFolder();
      const app = await DesktopApp.start(ctx, { dataDir });

      const splash = await app.page("splash");
      expect(await splash.textContent("h1")).toBe("Kite");
      await until("the splash tells of the first start", async () =>
        /Setting up the database|Opening the hub/.test((await splash.textContent("#step")) ?? ""),
      );
      const page = await app.page("console");
      await until("the splash is gone", () => splash.isClosed());

      // The bridge, and a line to the hub that carries the console's calls.
      expect(await page.evaluate(() => Object.keys((globalThis as unknown as { kite: object }).kite).sort())).toEqual([
        "connect",
        "onCommand",
        "onOpen",
        "onSettings",
        "onStart",
        "openExternal",
        "platform",
        "settings",
        "updateSettings",
        "version",
      ]);
      expect(await page.evaluate(callHub, { path: "/hub/about" })).toContain('"instanceId"');

      const isVisible = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
      const close = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
      const notes = () => app.evaluate(({ native }) => native.notifications.map(({ options }) => options.title));
      expect(await isVisible()).toBe(true);
      await close();
      expect([await isVisible(), await notes()]).toEqual([false, ["The hub keeps running"]]);
      await app.clickTray("open");
      expect(await isVisible()).toBe(true);
      await close();
      expect(await notes()).toHaveLength(1);

      const { code, stderr } = await app.quit();
      expect([code, /PostgreSQL is stopped/.test(stderr)]).toEqual([0, true]);
      expect(existsSync(join(dataDir, "postgres", "data", "postmaster.pid"))).toBe(false);
    },
    LONG_MS,
  );

  test(
    "has a tray, a menu and links that lead to the screens, one instance, and a page that may die",
    async (ctx) => {
      const dataDir = await temporaryDataFolder();
      const app = await DesktopApp.start(ctx, { dataDir });
      const page = await app.page("console");
      const address = () => new URL(page.url()).hash.slice(1);
      const shows = (path: string) =>
        until(
          () => `${path} is shown, not ${address()}`,
          () => address() === path,
        );
      const command = (name: string) => app.clickMenu(`command:${name}`);
      await until(
        "the tray knows how the hub is",
        async () =>
          (await app.evaluate(({ native }) => native.trays[0]?.toolTip)) === "Kite is running: 0 owed, 0 dead",
      );
      await app.clickTray("dead");
      await shows("/local/outbox?state=dead");
      await app.clickMenu("screen:stream");
      await shows("/local/stream");
      // The address is there before the screen, whose code is loaded when it is first looked at.
      await page
        .getByRole("combobox")
        .or(page.getByPlaceholder(/Filter/))
        .first()
        .waitFor();

      // What the menu asks is done by the page: as its keys would, wherever somebody is.
      await command("palette");
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await command("filter");
      await until("the filter has the focus", () => page.evaluate(hasFocus, "input"));
      await command("retry");
      await page.getByText("There is nothing to retry here", { exact: true }).waitFor();
      const theme = () => page.evaluate(themeNow);
      const before = await theme();
      await command("theme");
      await until("the theme is another", async () => (await theme()) !== before);
      await command("back");
      await shows("/local/outbox?state=dead");

      const openUrl = (url: string) =>
        app.evaluate(({ app: electron }, link) => {
          electron.emit("open-url", { preventDefault() {} }, link);
        }, url);
      await openUrl("kite://open/elsewhere/event/7");
      await shows("/elsewhere/event/7");
      // The menu stays with the hub that is looked at.
      await app.clickMenu("screen:peers");
      await shows("/elsewhere/peers");
      await openUrl("kite://pair/eyJ2Ijox");
      await until("the pairing link is shown", () => address().startsWith("/local/pairing?way=hub&link="));
      expect(new URLSearchParams(address().split("?")[1]).get("link")).toBe("kite://pair/eyJ2Ijox");

      expect(await DesktopApp.runToEnd(ctx, { dataDir, args: ["kite://open/local/topology"] })).toBe(0);
      await shows("/local/topology");

      const peer = { name: "warehouse", hookUrl: "http://127.0.0.1:1/hooks/a/kite", ...TOKENS };
      const [, id] = /"id":"([^"]+)"/.exec(await page.evaluate(callHub, { path: "/peers/create", input: peer })) ?? [];
      await page.evaluate(callHub, { path: "/peers/update", input: { id, status: "paused" } });
      const notices = () => app.evaluate(({ native }) => native.notifications.map(({ options }) => options.title));
      await until("a notification tells of the pause", async () => (await notices()).includes("warehouse is paused"));
      await app.evaluate(({ native }) => native.notifications.at(-1)?.emit("click"));
      await shows(`/local/peers/${id}`);

      // A page that wants to go elsewhere stays, and opens no window.
      await page.evaluate(() => {
        (globalThis as unknown as { location: { href: string } }).location.href = "https://example.com/";
      });
      await page.evaluate(() => (globalThis as unknown as { open(url: string): unknown }).open("about:blank#popup"));
      expect(new URL(page.url()).pathname).toBe("/");
      expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
      const external = (url: string) =>
        page.evaluate(
          (address) =>
            (globalThis as unknown as { kite: { openExternal(url: string): Promise<boolean> } }).kite.openExternal(
              address,
            ),
          url,
        );
      expect([await external("file:///etc/passwd"), await external("https://getkite.sh/docs")]).toEqual([false, true]);
      expect(await app.evaluate(({ native }) => native.opened)).toEqual(["https://getkite.sh/docs"]);

      await app.evaluate(({ powerMonitor }) => {
        powerMonitor.emit("suspend");
        powerMonitor.emit("resume");
      });
      await until("links are tried again", () => app.stderr.includes("this machine was asleep; links try again now"));

      const session = await page.context().newCDPSession(page);
      session.send("Page.crash").catch(() => undefined);
      const again = await until("a new page stands in its place", async () => {
        const found = await app.page("console");
        return found !== page && found;
      });
      expect(await again.evaluate(() => typeof (globalThis as { kite?: unknown }).kite)).toBe("object");

      // The settings, the weak keyring among them.
      const settings = await again.evaluate(() =>
        (globalThis as unknown as { kite: { settings(): Promise<object> } }).kite.settings(),
      );
      expect(settings).toMatchObject({
        notifications: true,
        keychain: false,
        ...(realElectron === null ? { keychainState: "weak" } : {}),
      });
      expect((await app.quit()).code).toBe(0);
    },
    LONG_MS,
  );

  test(
    "that cannot start says why, and tries again or quits as it is told",
    async (ctx) => {
      const dataDir = await temporaryDataFolder();
      const app = await DesktopApp.start(ctx, {
        dataDir,
        args: ["--database-url", "postgres://nobody:x@127.0.0.1:1/kite"],
      });
      const asked = (count: number) =>
        until("a question is asked", () => app.evaluate(({ native }, n) => native.dialogs.length === n, count));
      await asked(1);
      const detail = await app.evaluate(({ native }) => JSON.stringify(native.dialogs[0]?.options));
      expect(detail).toMatch(/cannot be reached.*KITE_DATABASE_URL/);
      await app.evaluate(({ native }) => native.dialogs[0]?.answer({ response: 0 }));
      await asked(2);
      await app.evaluate(({ native }) => native.dialogs[1]?.answer({ response: 1 }));
      const { code, stderr } = await app.ended;
      expect(code, stderr).toBe(0);
    },
    LONG_MS,
  );
});

/** Runs in the page: calls the hub over the bridge's port, in oRPC's own words. @returns what came back */
function callHub({ path, input }: { path: string; input?: unknown }): Promise<string> {
  const page = globalThis as unknown as {
    kite: { connect(hub: string): number };
    addEventListener(
      type: string,
      listener: (event: { data: { kite?: string; request?: number }; ports: MessagePort[] }) => void,
    ): void;
  };
  type MessagePort = { onmessage: (event: { data: unknown }) => void; postMessage(message: unknown): void };
  return new Promise((done) => {
    let request = 0;
    page.addEventListener("message", ({ data, ports: [port] }) => {
      if (data.kite !== "port" || data.request !== request || port === undefined) return;
      port.onmessage = ({ data: answer }) => done(String(answer));
      port.postMessage(JSON.stringify({ i: "1", p: { u: path, b: input === undefined ? {} : { json: input } } }));
    });
    request = page.kite.connect("local");
  });
}

interface PageWorld {
  document: { activeElement: { matches(selector: string): boolean } | null };
  localStorage: { getItem(key: string): string | null };
}

function hasFocus(selector: string): boolean {
  return (globalThis as unknown as PageWorld).document.activeElement?.matches(selector) === true;
}

function themeNow(): string | null {
  return (globalThis as unknown as PageWorld).localStorage.getItem("kite.theme");
}
