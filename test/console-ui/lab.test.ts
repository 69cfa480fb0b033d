import { resolve } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openHubWithLabs } from "../support/hub-with-labs.ts";
import { launch, openPage } from "./console-page.ts";

let browser: Browser | undefined;

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});

afterAll(async () => {
  await browser?.close();
});

/** The Lab of a hub of its own, with nothing open. */
async function openLabScreen(inBrowser: Browser): Promise<{ page: Page; errors: string[] }> {
  const { url } = await openHubWithLabs(resolve("out/renderer"));
  const opened = await openPage(inBrowser, url);
  await opened.page.getByRole("link", { name: "Lab", exact: true }).waitFor();
  await opened.page.keyboard.press("g");
  await opened.page.keyboard.press("b");
  await opened.page.getByRole("button", { name: "Run A diamond is not a loop" }).waitFor();
  return opened;
}

async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
  }
}

const LONG = { timeout: 60_000 };

describe("the Lab", { timeout: 120_000 }, () => {
  it("runs a lesson by mouse, shows its links fail and heal, and looks at one of its hubs and back", async (ctx) => {
    browser ??= await launch(ctx);
    const { page, errors } = await openLabScreen(browser);
    await expectAccessible(page);

    await page.getByRole("button", { name: "Run A loop, and what stops it" }).click();
    await page.getByRole("progressbar", { name: "Hubs that are up" }).waitFor();
    await page.getByText("Passed 7", { exact: true }).waitFor(LONG);
    await page.locator("[data-verdict='Holds']").nth(6).waitFor(LONG);
    expect(await page.locator("[data-verdict]").count()).toBe(7);

    const link = page.getByRole("button", { name: /^Link A to B/ });
    await link.click();
    await page.getByRole("form", { name: "Faults of A → B" }).getByLabel("Fault").selectOption("status");
    await page.getByRole("button", { name: "Inject fault" }).click();
    await page.getByRole("button", { name: /^Link A to B: answers 500/ }).waitFor();
    await page.getByRole("button", { name: "Send one event" }).click();
    await page.getByRole("button", { name: /^Link A to B: answers 500; 20 delivered, 1 waiting/ }).waitFor(LONG);
    await page.locator("[data-verdict='Not yet']").first().waitFor(LONG);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Heal link" }).click();
    await page.getByRole("button", { name: /^Link A to B: 21 delivered/ }).waitFor(LONG);

    await page.getByRole("button", { name: /^Hub B,/ }).click();
    await page.getByRole("menuitem", { name: "Look at hub B" }).click();
    await page.getByRole("button", { name: /^lab\s*B/ }).waitFor();
    await page.getByRole("grid").getByText("urn:kite:lab:B").first().waitFor(LONG);
    await page.getByRole("link", { name: "Lab" }).click();
    await page.getByRole("link", { name: "Back to this hub" }).click();
    await page.getByRole("button", { name: /^local/ }).waitFor();

    await page.getByRole("button", { name: "Stop 3 hubs" }).click();
    await page.getByRole("heading", { name: "Run a lesson" }).waitFor(LONG);
    expect(errors).toEqual([]);
  });

  it("runs a lesson, breaks a link and stops by keyboard alone", async (ctx) => {
    browser ??= await launch(ctx);
    const { page, errors } = await openLabScreen(browser);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("run “a wrong key");
    await page.keyboard.press("Enter");
    await page.getByText("Passed 3", { exact: true }).waitFor(LONG);

    await page.keyboard.press("j");
    await page.getByRole("form", { name: "Faults of A → B" }).waitFor();
    await page.keyboard.press("b");
    await page.getByRole("button", { name: /^Link A to B: is down/ }).waitFor();
    await page.keyboard.press("s");
    await page.getByRole("button", { name: /^Link A to B: is down; 3 delivered, 1 waiting/ }).waitFor(LONG);
    await page.keyboard.press("t");
    await page.getByRole("button", { name: /Stop traffic at A/ }).waitFor();
    await page.keyboard.press("t");
    await page.getByRole("button", { name: /Start traffic/ }).waitFor();
    await page.keyboard.press("b");
    await page.getByText("All is quiet").waitFor(LONG);

    await page.keyboard.press("2");
    await page.getByRole("button", { name: /^lab\s*B/ }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("b");
    await page.getByText("You look at B.").waitFor();
    await page.keyboard.press("X");
    await page.getByRole("heading", { name: "Run a lesson" }).waitFor(LONG);
    await page.getByRole("button", { name: /^local/ }).waitFor();
    expect(errors).toEqual([]);
  });

  it("says what is wrong with a shape, a drawing and a file, and starts none of them", async (ctx) => {
    browser ??= await launch(ctx);
    const { page, errors } = await openLabScreen(browser);
    await page.getByRole("spinbutton", { name: "Hubs" }).fill("13");
    await page.getByText("A diamond has 4 to 12 hubs: a dozen share one database server.").waitFor();
    expect(await page.getByRole("button", { name: "Start", exact: true }).isDisabled()).toBe(true);

    await page.getByRole("button", { name: "Draw one" }).click();
    await page.getByRole("dialog").getByLabel("Hubs").fill("A, B");
    await page.getByText("links.1: there is no instance C").waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Escape");

    const file = { name: "mine.json", mimeType: "application/json", buffer: Buffer.from('{"name":"mine","links":1}') };
    await page.getByLabel("Lab file").setInputFiles(file);
    await page.getByText("mine.json is not a lab:").waitFor();
    expect(errors).toEqual([]);
  });
});
