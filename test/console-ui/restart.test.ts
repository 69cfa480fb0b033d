import type { Browser } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryDataFolder } from "../support/data-folder.ts";
import { HubProcess } from "../support/hub-process.ts";
import { launch, openPage } from "./console-page.ts";

let browser: Browser | undefined;

afterAll(async () => {
  await browser?.close();
});

describe("a tab left open over a restart of the hub", () => {
  it("says that its key is of an earlier start, and goes on where the hub's new URL is opened", async (ctx) => {
    browser ??= await launch(ctx);
    const dataDir = await temporaryDataFolder();
    const first = await HubProcess.start({ dataDir, flags: ["--console"] });
    ctx.onTestFinished(async () => void (await first.kill()));
    const { page } = await openPage(browser, first.ready.console_url ?? "");
    ctx.onTestFinished(() => page.context().close());
    await page.getByText("Connected").waitFor();
    await first.stop();
    // Beside it, the screen may say that it is loading.
    const banner = page.getByRole("main").getByRole("status");
    await banner.getByText("The hub does not answer").waitFor();

    const port = Number(new URL(first.ready.url).port);
    const again = await HubProcess.start({ dataDir, port, flags: ["--console"] });
    ctx.onTestFinished(async () => void (await again.kill()));
    await page.getByRole("button", { name: "Try now" }).click();
    await banner.filter({ hasText: "This page is not let in" }).getByText("open the URL that it printed").waitFor();

    const other = await page.context().newPage();
    await other.goto(again.ready.console_url ?? "");
    await other.getByText("Connected").waitFor();
    // By itself: nobody touched it.
    await page.getByText("Connected", { exact: true }).waitFor();
    await again.stop();
  });

  it("shows a notice above the band that says so, not over its end", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await HubProcess.start({ dataDir: await temporaryDataFolder(), flags: ["--console"] });
    ctx.onTestFinished(async () => void (await hub.kill()));
    const { page } = await openPage(browser, hub.ready.console_url ?? "");
    ctx.onTestFinished(() => page.context().close());
    await page.getByRole("button", { name: "Copy the command" }).waitFor();
    await hub.stop();
    const band = page.getByRole("status").filter({ hasText: "The hub does not answer" });
    await band.waitFor();
    await page.getByRole("button", { name: "Copy the command" }).click();
    const notice = page.locator("li", { hasText: /^(Copied|Not copied)/ });
    await notice.waitFor();
    const [above, below] = [await notice.boundingBox(), await band.boundingBox()];
    expect((above?.y ?? 0) + (above?.height ?? 0)).toBeLessThan(below?.y ?? 0);
  });

  it("goes on in the same tab when the new URL is opened there", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await HubProcess.start({ dataDir: await temporaryDataFolder(), flags: ["--console"] });
    ctx.onTestFinished(async () => void (await hub.kill()));
    const url = hub.ready.console_url ?? "";
    const { page } = await openPage(browser, url.replace(/token=.*/, `token=${"0".repeat(64)}`));
    ctx.onTestFinished(() => page.context().close());
    await page.getByText("This page is not let in").waitFor();
    await page.goto(url);
    await page.getByText("Connected", { exact: true }).waitFor();
    expect(new URL(page.url()).hash).toBe("#/local/overview");
    await hub.stop();
  });
});
