import { expect, test } from "vitest";
import { temporaryDataFolder } from "../support/data-folder.ts";
import { DesktopApp } from "../support/desktop-app.ts";

test("first", async (ctx) => {
  const dataDir = await temporaryDataFolder();
  const app = await DesktopApp.start(ctx, { dataDir });
  const splash = await app.page("splash");
  await splash.screenshot({ path: "/tmp/splash.png" }).catch((e) => process.stderr.write(String(e)));
  const page = await app.ready();
  await page.screenshot({ path: "/tmp/window.png" });
  process.stderr.write((await page.evaluate(() => JSON.stringify((globalThis as any).kite))) + "\n");
  expect((await app.quit()).code).toBe(0);
  process.stderr.write(app.stderr);
});
