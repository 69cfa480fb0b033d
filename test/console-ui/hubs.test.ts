import type { Browser, Page } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { type ConsoleUnderTest, overSocket } from "../console/console-under-test.ts";
import { launch } from "./console-page.ts";
import { expectNoAxeFaults, goTo, openRealConsole, openScreen } from "./hub-screen.ts";

let browser: Browser | undefined;

afterAll(async () => {
  await browser?.close();
});

async function openHubs(page: Page): Promise<void> {
  await page.keyboard.press("H");
  await page.getByRole("dialog", { name: "Hubs" }).waitFor();
}

async function attach(page: Page, hub: ConsoleUnderTest, key: string, environment: string): Promise<void> {
  await page.getByRole("textbox", { name: "URL", exact: true }).fill(hub.url);
  await page.getByLabel("Name").fill("EU");
  await page.getByLabel("Environment").selectOption(environment);
  await page.getByLabel("Admin key").fill(key);
  await page.keyboard.press("Enter");
}

describe("Hubs", () => {
  it("attaches another after its key was tried, shows which one is looked at, and lets it go", async (ctx) => {
    browser ??= await launch(ctx);
    const here = await openRealConsole();
    const there = await openRealConsole({ instanceId: "there" });
    await there.client.post({ id: "far" });
    const { page, errors } = await openScreen(browser, here, "local/endpoints");
    await openHubs(page);
    await attach(page, there, "kite_admin_wrong", "production");
    await page.getByText("does not take this key").waitFor();
    expect(await page.getByLabel("Admin key").getAttribute("aria-invalid")).toBe("true");
    await expectNoAxeFaults(page);
    await page.getByLabel("Admin key").fill(there.client.address.adminKey);
    await page.keyboard.press("Enter");

    const band = page.getByRole("complementary", { name: "Which hub this is" });
    await band.getByText("PRODUCTION", { exact: true }).waitFor();
    expect(await band.textContent()).toContain(`EU at ${there.url}. What you do here is done to production.`);
    await page.locator("[data-key='1']").waitFor();
    await expectNoAxeFaults(page, ["color-contrast"]);
    expect(await page.content()).not.toContain(there.client.address.adminKey);

    await openHubs(page);
    await page.getByRole("button", { name: "Look at here" }).press("Enter");
    await band.waitFor({ state: "detached" });
    await page.getByText("No events yet").waitFor();
    await openHubs(page);
    await page.getByRole("button", { name: "Detach EU" }).press("Enter");
    await page.getByRole("button", { name: "Detach EU" }).last().press("Enter");
    await expect.poll(async () => (await (await overSocket(here)).client.hubs.list()).length).toBe(1);
    expect(errors).toEqual([]);
  });

  it("tells why a hub cannot be looked at any more, and keeps what was there", async (ctx) => {
    browser ??= await launch(ctx);
    const here = await openRealConsole();
    const there = await openRealConsole({ instanceId: "there" });
    await there.client.post({ id: "far" });
    const far = (await overSocket(there)).client;
    const made = await far.keys.create({ name: "console", permissions: ["admin"] });
    const { page } = await openScreen(browser, here, "local/endpoints", "light");
    await openHubs(page);
    await attach(page, there, made.secret, "staging");
    await page.locator("[data-key='1']").waitFor();
    await expectNoAxeFaults(page);
    await far.keys.revoke({ id: made.key.id });
    await page.getByText("This hub does not let the console in").waitFor();
    await page.getByText("The key was revoked, or has expired.").waitFor();
    expect(await page.locator("[data-key='1']").count()).toBe(1);
    await page.getByRole("button", { name: "Try now" }).click();
    await page.getByText(/does not take this key/).waitFor();

    await goTo(page, "nobody/endpoints");
    await page.getByText("There is no such hub").waitFor();
    await page.getByRole("button", { name: "Show hubs" }).click();
    await page.getByRole("dialog", { name: "Hubs" }).waitFor();
  });
});
