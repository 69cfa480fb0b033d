import { resolve } from "node:path";
<<<<<<< HEAD
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
=======
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { type ConsoleUnderTest, openConsoleUnderTest } from "../console/console-under-test.ts";
import type { RealHubOptions } from "../support/real-hub.ts";
import { type ConsolePage, openPage } from "./console-page.ts";

/** A real hub that serves the built console. */
export const openRealConsole = (options: Partial<RealHubOptions> = {}): Promise<ConsoleUnderTest> =>
  openConsoleUnderTest({ ...options, pages: resolve("out/renderer") });

/** A screen of a hub's console in a page of its own, closed at the end of the test. */
>>>>>>> s4
export async function openScreen(
  browser: Browser,
  hub: ConsoleUnderTest,
  path: string,
  theme: "dark" | "light" = "dark",
): Promise<ConsolePage> {
<<<<<<< HEAD
  const opened = await openPage(browser, `${hub.url}/console/#token=${hub.token}`, theme);
  await opened.page.getByText("Connected", { exact: true }).first().waitFor();
=======
  const opened = await openPage(browser, hub.console.url() ?? "", theme);
  opened.page.setDefaultTimeout(15_000);
  onTestFinished(() => opened.page.context().close());
  await opened.page.getByText("Connected").waitFor();
>>>>>>> s4
  await goTo(opened.page, path);
  return opened;
}

<<<<<<< HEAD
export const goTo = (page: Page, path: string): Promise<void> =>
  page.evaluate((hash) => {
    location.hash = hash;
  }, `#/local/${path}`);
=======
/** Goes to another screen, as a link of the console does. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/${path}`);
}

/** @param rules all that axe has, where none are named */
export async function expectNoAxeFaults(page: Page, rules: readonly string[] = []): Promise<void> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules.length === 0 ? axe : axe.withRules([...rules])).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}
>>>>>>> s4
