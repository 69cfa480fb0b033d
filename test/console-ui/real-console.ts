import { resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { type ConsoleUnderTest, openConsoleUnderTest } from "../console/console-under-test.ts";
import { requireBuiltServer } from "../support/hub-process.ts";
import { type ConsolePage, openPage } from "./console-page.ts";

/** A real hub that serves the built console. */
export async function openServedHub(instanceId: string): Promise<ConsoleUnderTest> {
  requireBuiltServer();
  return openConsoleUnderTest({ instanceId, pages: resolve("out/renderer") });
}

/** The console of a hub in a browser, at one of its screens. */
export async function openScreen(
  browser: Browser,
  hub: ConsoleUnderTest,
  path: string,
  theme: "dark" | "light" = "dark",
): Promise<ConsolePage> {
  const opened = await openPage(browser, `${hub.url}/console/#token=${hub.token}`, theme);
  await opened.page.getByText("Connected", { exact: true }).first().waitFor();
  await goTo(opened.page, path);
  return opened;
}

export const goTo = (page: Page, path: string): Promise<void> =>
  page.evaluate((hash) => {
    location.hash = hash;
  }, `#/local/${path}`);
