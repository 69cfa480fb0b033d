import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { overPort } from "../console/console-under-test.ts";
import { launch } from "./console-page.ts";
import { openRealConsole, openScreen } from "./hub-screen.ts";

let browser: Browser | undefined;

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});
afterAll(async () => browser?.close());

const PAIR = "The words are the same: pair";
const words = (page: Page): Promise<string> => page.locator("p", { hasText: "The words: " }).innerText();

async function makeLink(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Make a pairing link" }).click();
  return page.getByRole("region", { name: "the pairing link" }).innerText();
}

async function openLink(page: Page, link: string): Promise<void> {
  await page.getByRole("textbox", { name: "Pairing link" }).fill(link);
  await page.getByRole("checkbox", { name: /May be at an address of this machine/ }).check();
  await page.getByRole("button", { name: "Open the link" }).click();
}

describe("pairing", () => {
  it("pairs two hubs from nothing, and the first event arrives", async (ctx) => {
    browser ??= await launch(ctx);
    const [staging, laptop] = await Promise.all([
      openRealConsole({ instanceId: "staging" }),
      openRealConsole({ instanceId: "laptop" }),
    ]);
    const here = await openScreen(browser, laptop, "local/pairing");
    const there = await openScreen(browser, staging, "local/pairing");

    const began = performance.now();
    const link = await makeLink(there.page);
    await there.page.getByText("Waiting for the other side", { exact: true }).waitFor();
    await openLink(here.page, link);
    await here.page.getByRole("button", { name: PAIR }).waitFor();
    await there.page.getByRole("button", { name: PAIR }).waitFor();
    expect(await words(here.page)).toBe(await words(there.page));
    await here.page.getByRole("button", { name: PAIR }).click();
    await here.page.getByText("Waiting for the other side", { exact: true }).waitFor();
    await there.page.getByRole("button", { name: PAIR }).click();
    await there.page.getByText("Paired.", { exact: true }).waitFor();
    await here.page.getByText("Paired.", { exact: true }).waitFor();
    const { status } = await staging.client.post({ id: "first", type: "com.acme.first" });
    expect(status).toBeLessThan(300);
    await here.page.getByText("An event arrived").waitFor();
    const took = performance.now() - began;
    await ctx.annotate(`from the first click to the first event: ${Math.round(took)} ms`);
    await here.page.getByRole("link", { name: "com.acme.first" }).waitFor();
    expect([...here.errors, ...there.errors]).toEqual([]);
    // Two hubs, two databases and a browser start within the test.
  }, 60_000);

  it("is refused on one side, and both say so", async (ctx) => {
    browser ??= await launch(ctx);
    const [staging, laptop] = await Promise.all([
      openRealConsole({ instanceId: "staging" }),
      openRealConsole({ instanceId: "laptop" }),
    ]);
    const here = await openScreen(browser, laptop, "local/pairing");
    const there = await openScreen(browser, staging, "local/pairing");
    await openLink(here.page, await makeLink(there.page));
    await here.page.getByRole("button", { name: "They differ: refuse" }).click();
    for (const { page } of [here, there])
      await page.getByText("The pairing was refused. Nothing was set up.").waitFor();
    const { client } = await overPort(laptop);
    expect(await client.peers.list()).toEqual([]);
  });

  it("opens with a clicked link filled in, and says what is wrong with a broken one", async (ctx) => {
    browser ??= await launch(ctx);
    const laptop = await openRealConsole({ instanceId: "laptop" });
    const { page } = await openScreen(browser, laptop, "local/pairing");
    const link = await makeLink(page);
    await page.evaluate((text) => {
      location.hash = `#/local/pairing?link=${encodeURIComponent(text)}`;
    }, link);
    await page.getByRole("region", { name: "What the link says" }).getByText("laptop").first().waitFor();
    await page.getByText("This link leads to this very machine.").waitFor();
    await page.getByRole("checkbox", { name: /May be at an address of this machine/ }).check();
    await page.getByRole("button", { name: "Open the link" }).click();
    await page.getByText("This link was made on this hub: open it on the other one.").waitFor();
    await page.getByRole("textbox", { name: "Pairing link" }).fill("kite://pair/!");
    await page.getByText("This is not a pairing link").waitFor();
    expect(await page.getByRole("button", { name: "Open the link" }).isDisabled()).toBe(true);
  });
});
