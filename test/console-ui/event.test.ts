import AxeBuilder from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FakeConsole, startFakeConsole } from "../support/fake-console/index.ts";
import { launch, openPage } from "./console-page.ts";

let browser: Browser | undefined;
let fake: FakeConsole;

beforeAll(async () => {
  fake = await startFakeConsole(3_000);
});

afterAll(async () => {
  await browser?.close();
  await fake.end();
});

describe("an Event", () => {
  it("shows the rule that stopped it, and the values it compared", async (ctx) => {
    browser ??= await launch(ctx);
    const { page, errors } = await openPage(browser, `${fake.url}#/local/event/2982?tab=decisions`);
    const row = page.getByRole("row", { name: /laptop-ana/ });
    await row.waitFor();
    expect(await row.textContent()).toContain("3 hops, and the limit of this link is 2");
    expect(errors).toEqual([]);
  });

  it("shows numbers as they came, and what another copy said otherwise", async (ctx) => {
    browser ??= await launch(ctx);
    const { page } = await openPage(browser, `${fake.url}#/local/event/2980?tab=payload`);
    await page.getByText("4200.00").waitFor();
    await page.getByRole("button", { name: "Differences" }).click();
    expect(await page.getByRole("row", { name: /\$\.paid/ }).textContent()).toBe("$.paidtruefalse");
  });

  it("names the count before it replays", async (ctx) => {
    browser ??= await launch(ctx);
    const { page, errors } = await openPage(browser, `${fake.url}#/local/event/2980`);
    await page.getByRole("article").waitFor();
    await page.keyboard.press("r");
    await page.getByRole("button", { name: "Replay 2 deliveries" }).waitFor();
    await page.getByLabel(/Peers: other hubs/).check();
    await page.getByRole("button", { name: "Replay 3 deliveries" }).click();
    await page.getByRole("progressbar", { name: "Replay done" }).waitFor();
    expect(errors.filter((text) => !text.includes("404"))).toEqual([]);
  });

  it("asks for the name of a production peer before it replays to peers", async (ctx) => {
    browser ??= await launch(ctx);
    fake.production = ["prod-eu"];
    ctx.onTestFinished(() => {
      fake.production = [];
    });
    const { page } = await openPage(browser, `${fake.url}#/local/event/2980`);
    await page.getByRole("article").waitFor();
    await page.keyboard.press("r");
    await page.getByRole("button", { name: "Replay 2 deliveries" }).waitFor();
    await page.getByLabel(/Peers: other hubs/).check();
    const replay = page.getByRole("button", { name: "Replay 3 deliveries" });
    const name = page.getByRole("textbox", { name: "Type prod-eu to send to production" });
    await name.fill("prod");
    expect(await replay.isDisabled()).toBe(true);
    await name.fill("prod-eu");
    await replay.click();
    await page.getByRole("progressbar", { name: "Replay done" }).waitFor();
  });

  it("says that an event is not there, and why that may be", async (ctx) => {
    browser ??= await launch(ctx);
    const { page } = await openPage(browser, `${fake.url}#/local/event/999999`);
    await page.getByText("There is no event with the seq 999999. Retention may have taken it.").waitFor();
  });

  for (const theme of ["dark", "light"] as const)
    for (const tab of ["journey", "decisions", "attempts", "payload"])
      it(`has no accessibility fault axe can find: ${tab}, ${theme}`, async (ctx) => {
        browser ??= await launch(ctx);
        const { page } = await openPage(browser, `${fake.url}#/local/event/2970?tab=${tab}`, theme);
        await page.getByRole("article").waitFor();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
        await page.close();
      });
});
