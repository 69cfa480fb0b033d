import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, type TestContext, test } from "vitest";
import { temporaryDataFolder } from "../support/data-folder.ts";
import { DesktopApp, realElectron } from "../support/desktop-app.ts";
import { until } from "../support/until.ts";

const LONG_MS = 120_000;
const NOTICES = "Notices of the system";
const KEYCHAIN = "Keep the key of stored secrets in the keychain";

/** The app at its Settings. Only the double says what keyring it has. */
async function settings(ctx: TestContext, keyring: string) {
  if (realElectron !== null) ctx.skip("a real Electron has the keyring of its system");
  const dataDir = await temporaryDataFolder();
  const app = await DesktopApp.start(ctx, { dataDir, env: { KITE_DOUBLE_KEYRING: keyring } });
  const page = await app.page("console");
  await app.clickMenu("settings");
  await page.getByRole("switch", { name: NOTICES }).waitFor();
  return { app, page, dataDir };
}

const isOn = async (page: Page, name: string) =>
  (await page.getByRole("switch", { name }).getAttribute("aria-checked")) === "true";
const becomes = (page: Page, name: string, on: boolean) =>
  until(`${name} is ${on ? "on" : "off"}`, async () => (await isOn(page, name)) === on);

test(
  "notices are turned off and on in the settings and in the tray, which say the same, and are not shown meanwhile",
  async (ctx) => {
    const { app, page, dataDir } = await settings(ctx, "gnome_libsecret");
    const inTray = () =>
      app.evaluate(({ native }) => native.trays[0]?.menu?.getMenuItemById("notifications")?.checked ?? null);
    const kept = () => JSON.parse(readFileSync(join(dataDir, "desktop", "preferences.json"), "utf8")).notifications;
    expect([await isOn(page, NOTICES), await inTray()]).toEqual([true, true]);

    await page.getByRole("switch", { name: NOTICES }).click();
    await becomes(page, NOTICES, false);
    expect([await inTray(), kept()]).toEqual([false, false]);

    await app.clickTray("notifications");
    await becomes(page, NOTICES, true);
    expect([await inTray(), kept()]).toEqual([true, true]);
    expect((await app.quit()).code).toBe(0);
  },
  LONG_MS,
);

test(
  "the key goes into the keychain and back by its switch, and the app starts with it there",
  async (ctx) => {
    const { app, page, dataDir } = await settings(ctx, "gnome_libsecret");
    const [file, wrapped] = [join(dataDir, "secret.key"), join(dataDir, "secret.key.keychain")];
    const places = () => [existsSync(file), existsSync(wrapped)];
    const key = readFileSync(file, "utf8");
    expect([await isOn(page, KEYCHAIN), places()]).toEqual([false, [true, false]]);
    await page.getByRole("switch", { name: KEYCHAIN }).click();
    await becomes(page, KEYCHAIN, true);
    await page.getByText(/only the app opens this data folder/).waitFor();
    expect([places(), readFileSync(wrapped).includes(key.trim())]).toEqual([[false, true], false]);
    expect((await app.quit()).code).toBe(0);

    const again = await DesktopApp.start(ctx, { dataDir, env: { KITE_DOUBLE_KEYRING: "gnome_libsecret" } });
    const shown = await again.page("console");
    await again.clickMenu("settings");
    await becomes(shown, KEYCHAIN, true);

    // A keychain that was locked meanwhile: the person is told in its words, and nothing is lost.
    await again.evaluate(({ safeStorage }) => {
      Object.assign(safeStorage, {
        open: safeStorage.decryptString,
        decryptString() {
          throw new Error("the keyring is locked");
        },
      });
    });
    await shown.getByRole("switch", { name: KEYCHAIN }).click();
    const toast = shown.getByText(
      /^The system's keychain does not open .*: the keyring is locked\. It must be unlocked/,
    );
    await toast.waitFor();
    expect([await isOn(shown, KEYCHAIN), places()]).toEqual([true, [false, true]]);

    await again.evaluate(({ safeStorage }) => {
      Object.assign(safeStorage, { decryptString: (safeStorage as unknown as { open: unknown }).open });
    });
    await shown.getByRole("switch", { name: KEYCHAIN }).click();
    await becomes(shown, KEYCHAIN, false);
    expect([places(), readFileSync(file, "utf8")]).toEqual([[true, false], key]);
    expect((await again.quit()).code).toBe(0);
  },
  LONG_MS,
);

test(
  "a keychain in name only is said so, and cannot be chosen",
  async (ctx) => {
    const { page, dataDir } = await settings(ctx, "basic_text");
    const keychain = page.getByRole("switch", { name: KEYCHAIN });
    expect([await keychain.isDisabled(), existsSync(join(dataDir, "secret.key"))]).toEqual([true, true]);
    await page.getByText(/This system has no keyring running/).waitFor();
  },
  LONG_MS,
);
