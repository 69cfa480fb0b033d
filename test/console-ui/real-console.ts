import { resolve } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { type ConsoleUnderTest, openConsoleUnderTest } from "../console/console-under-test.ts";
import { requireBuiltServer } from "../support/hub-process.ts";
import type { RealHubOptions } from "../support/real-hub.ts";
import { type ConsolePage, openPage } from "./console-page.ts";

/** A real hub that serves the built console. */
export function openRealConsole(options: Partial<RealHubOptions> = {}): Promise<ConsoleUnderTest> {
  requireBuiltServer();
  return openConsoleUnderTest({ ...options, pages: resolve("out/renderer") });
}

/** A screen of a hub's console in a page of its own, closed at the end of the test. */
export async function openScreen(
  browser: Browser,
  hub: ConsoleUnderTest,
  path: string,
  theme: "dark" | "light" = "dark",
): Promise<ConsolePage> {
  const opened = await openPage(browser, hub.console.url() ?? "", theme);
  opened.page.setDefaultTimeout(15_000);
  onTestFinished(() => opened.page.context().close());
  await opened.page.getByText("Connected").waitFor();
  await goTo(opened.page, path);
  return opened;
}

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
