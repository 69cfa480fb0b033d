import { once } from "node:events";
import type { Browser } from "playwright-core";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { launch } from "./console-page.ts";
import { expectNoAxeFaults, goTo, openRealConsole, openScreen } from "./hub-screen.ts";

let browser: Browser | undefined;

afterAll(async () => {
  await browser?.close();
});

const reads = async (url: string, key: string): Promise<number> =>
  (await fetch(`${url}/api/federation/events`, { headers: { authorization: `Bearer ${key}` } })).status;

describe("API keys", () => {
  it("makes one that is shown once, and takes it back, which ends what was opened with it", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole();
    const { page, errors } = await openScreen(browser, hub, "local/keys");
    await page.getByRole("grid", { name: "API keys" }).waitFor();
    await page.keyboard.press("N");
    await page.getByLabel("Name").fill("Ana's laptop");
    await expectNoAxeFaults(page);
    await page.keyboard.press("Enter");
    const key = (await page.getByRole("region", { name: "the key", exact: true }).textContent()) ?? "";
    expect(await page.getByRole("region", { name: "the kite command" }).textContent()).toContain(key);
    expect(await page.getByRole("region", { name: "the curl command" }).textContent()).toContain(key);
    await page.getByRole("button", { name: "I have copied it" }).press("Enter");
    expect(await page.content()).not.toContain(key);
    expect(await reads(hub.url, key)).toBe(200);

    const stream = new WebSocket(`${hub.url.replace("http", "ws")}/ws`);
    onTestFinished(() => stream.terminate());
    await once(stream, "open");
    stream.send(JSON.stringify({ type: "connect", api_key: key, team_id: "team", scopes: ["*"] }));
    await once(stream, "message");
    const closed = once(stream, "close");

    await page.keyboard.press("r");
    await page.getByText("Streams that were opened with it are closed at once").waitFor();
    await page.getByRole("button", { name: "Revoke key" }).press("Enter");
    await page.getByRole("article").getByText("Revoked").first().waitFor();
    await closed;
    expect(await reads(hub.url, key)).toBe(401);
    expect(errors).toEqual([]);
  });

  it("makes one that may follow the stream, and nothing else", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole();
    const { page, errors } = await openScreen(browser, hub, "local/keys");
    await page.getByRole("button", { name: "New API key" }).click();
    await page.getByRole("checkbox", { name: /^read:/ }).click();
    await page.getByRole("checkbox", { name: /^stream: only follow/ }).click();
    await page.getByRole("button", { name: "Create key" }).click();
    const key = (await page.getByRole("region", { name: "the key", exact: true }).textContent()) ?? "";
    expect(await reads(hub.url, key)).toBe(403);
    expect(await page.getByRole("region", { name: "the curl command" }).count()).toBe(0);
    const stream = new WebSocket(`${hub.url.replace("http", "ws")}/ws`);
    onTestFinished(() => stream.terminate());
    await once(stream, "open");
    stream.send(JSON.stringify({ type: "connect", token: key, team_id: "team", scopes: ["*"] }));
    const [frame] = (await once(stream, "message")) as [Buffer];
    expect(JSON.parse(frame.toString())).toMatchObject({ type: "connected" });
    expect(errors).toEqual([]);
  });

  it("marks the hub's own keys, which cannot be revoked", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole();
    const { page, errors } = await openScreen(browser, hub, "local/keys", "light");
    await page.getByRole("row", { name: /own/ }).first().click();
    await page.getByText("The hub made this key for itself").waitFor();
    expect(await page.getByRole("button", { name: "Revoke" }).count()).toBe(0);
    await expectNoAxeFaults(page);
    await goTo(page, "local/overview");
    expect(errors).toEqual([]);
  });

  it("says beside the field which scope is wrong", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole();
    const { page } = await openScreen(browser, hub, "local/keys");
    await page.getByRole("button", { name: "New API key" }).click();
    await page.getByLabel("May hear").fill("nonsense:");
    await page.getByRole("button", { name: "Create key" }).click();
    await page.locator("[aria-invalid='true']").waitFor();
  });
});
