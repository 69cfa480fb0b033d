import AxeBuilder from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, describe, expect, it, onTestFinished } from "vitest";
import { StreamClient } from "../support/stream-client.ts";
import { launch } from "./console-page.ts";
import { openRealConsole, openScreen } from "./hub-screen.ts";

let browser: Browser | undefined;

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});
afterAll(async () => browser?.close());

describe("Listeners", () => {
  it("has the line to copy when nobody has listened yet", async (ctx) => {
    browser ??= await launch(ctx);
    const { page, errors } = await openScreen(
      browser,
      await openRealConsole({ instanceId: "laptop" }),
      "local/listeners",
    );
    await page.getByRole("heading", { name: "Nobody has listened yet" }).waitFor();
    expect(await page.getByRole("region", { name: "the command" }).innerText()).toContain("kite stream");
    expect(errors).toEqual([]);
  });

  it("shows who listens and how far behind; disconnects and forgets by keyboard", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole({ instanceId: "laptop" });
    const listener = await StreamClient.open(hub.client.address, {
      clientId: "reviewer",
      scopes: ["type:com.github.push", "agent_to:reviewer"],
      onEvent: ({ seq }, client) => (seq === 1 ? client.ack(1) : undefined),
    });
    onTestFinished(() => listener.drop());
    await hub.client.post({ id: "a", type: "com.github.push" });
    await hub.client.post({ id: "b", type: "com.github.push" });
    const { page, errors } = await openScreen(browser, hub, "local/listeners");
    await page.getByRole("grid", { name: "Listeners" }).waitFor();
    await page.keyboard.press("j");
    const detail = page.getByRole("article", { name: "Listener reviewer" });
    await detail.getByText("1 event, whether its scopes match them or not").waitFor();
    await detail.getByText("agent_to:reviewer, type:com.github.push").waitFor();
    await page.keyboard.press("d");
    await listener.closed;
    await detail.getByText("Away").waitFor();
    await page.keyboard.press("f");
    await page.getByRole("button", { name: "Forget 1 cursor" }).click();
    await page.getByRole("heading", { name: "Nobody has listened yet" }).waitFor();
    expect(errors).toEqual([]);
  });

  for (const theme of ["dark", "light"] as const)
    it(`has no accessibility fault axe can find, ${theme}`, async (ctx) => {
      browser ??= await launch(ctx);
      const hub = await openRealConsole({ instanceId: "laptop" });
      const listener = await StreamClient.open(hub.client.address, { clientId: "cli" });
      onTestFinished(() => listener.drop());
      const { page } = await openScreen(browser, hub, "local/listeners?client=cli", theme);
      await page.getByRole("article", { name: "Listener cli" }).waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
    });
});
