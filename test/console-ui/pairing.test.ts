import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { overPort } from "../console/console-under-test.ts";
import { PlainKite } from "../support/plain-kite.ts";
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
    const rail = there.page.getByRole("navigation", { name: "Screens" });
    expect(await rail.locator("[aria-current='page']").textContent()).toContain("Peers");
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
    await page.getByText("This link leads to this very machine: to another hub that runs here.").waitFor();
    await page.getByRole("button", { name: "Open the link" }).click();
    await page.getByText("This link was made on this hub: open it on the other one.").waitFor();
    await page.getByRole("textbox", { name: "Pairing link" }).fill("kite://pair/!");
    await page.getByText("This is not a pairing link").waitFor();
    expect(await page.getByRole("button", { name: "Open the link" }).isDisabled()).toBe(true);
  });
});

describe("pairing with a Kite server", () => {
  it("says what is wrong, sets both sides up by a key, and shows the first event and what was missed", async (ctx) => {
    browser ??= await launch(ctx);
    const [laptop, kite] = await Promise.all([openRealConsole({ instanceId: "laptop" }), PlainKite.start()]);
    const { page, errors } = await openScreen(browser, laptop, "local/pairing?way=kite");
    const fill = (label: string, value: string): Promise<void> => page.getByLabel(label, { exact: true }).fill(value);
    const setUp = page.getByRole("button", { name: "Set it up there and here" });
    await page.getByText("A Kite server has no smaller one: it can read all of the team there.").waitFor();
    await fill("Server's URL", kite.url);
    await fill("Team there", "their-team");
    await fill("Name of the peer here", "production");
    await fill("Admin key", "kite_admin_wrong");
    await setUp.click();
    await page.getByText("The server does not take this admin key (HTTP 401)", { exact: false }).waitFor();
    expect(await page.getByText("kite_admin_wrong").count()).toBe(0);
    await fill("Admin key", "kite_admin_x");
    await setUp.click();
    await page.getByRole("heading", { name: "production is set up" }).waitFor();
    await page.getByText("Active").waitFor();
    kite.post("first");
    await page.getByText("An event arrived").waitFor();
    await page.getByRole("button", { name: "Go to production" }).click();
    kite.postUnheard(20);
    await page.getByText("Gap from seq 2 to 18").waitFor();
    await page.getByText("Nobody can say whether these are here.", { exact: false }).waitFor();
    await page.getByRole("textbox", { name: "Instance id of the peer" }).fill("kite-1");
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByText("confirmed, by pairing or by a person", { exact: false }).waitFor();
    expect(errors).toEqual([]);
  });

  it("shows the commands to run there where there is no key to give", async (ctx) => {
    browser ??= await launch(ctx);
    const [laptop, kite] = await Promise.all([openRealConsole({ instanceId: "laptop" }), PlainKite.start()]);
    const { page } = await openScreen(browser, laptop, "local/pairing?way=kite");
    await page.getByLabel("Server's URL", { exact: true }).fill(kite.url);
    await page.getByLabel("Team there", { exact: true }).fill("their-team");
    await page.getByLabel("Name of the peer here", { exact: true }).fill("production");
    await page.getByRole("radio", { name: /^By me/ }).click();
    await page.getByRole("button", { name: "Add the peer and show the commands" }).click();
    const command = await page.getByRole("region", { name: "the command" }).innerText();
    expect(command).toContain(`curl -fsS -X POST '${kite.url}/api/federation/peers'`);
    expect(command).toContain("$KITE_ADMIN_KEY");
  });
});
