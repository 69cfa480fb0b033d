import { type Browser, chromium, type Page } from "playwright-core";
import type { TestContext } from "vitest";
import { requireChromium } from "../support/browser/index.ts";

/** A browser for a file of tests. The test that needs it first is skipped where there is none. */
export async function launch(ctx: TestContext): Promise<Browser> {
  return chromium.launch({
    executablePath: await requireChromium(ctx),
    args: [
      "--no-sandbox",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--no-first-run",
      "--disable-component-update",
    ],
  });
}

export interface ConsolePage {
  readonly page: Page;
  /** What the page said went wrong; must stay empty. */
  readonly errors: string[];
}

export async function openPage(browser: Browser, url: string, theme: "dark" | "light" = "dark"): Promise<ConsolePage> {
  const context = await browser.newContext({
    viewport: { width: 1_280, height: 800 },
    colorScheme: theme,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors };
}

/** The seqs of the rows in sight, from the top. */
export const seqsInSight = (page: Page): Promise<number[]> =>
  page.locator("[role='row']").evaluateAll((rows) =>
    rows
      .map((row) => ({ at: Number(row.getAttribute("aria-rowindex")), key: Number(row.getAttribute("data-key")) }))
      .sort((a, b) => a.at - b.at)
      .map(({ key }) => key),
  );
