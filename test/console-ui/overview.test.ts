import { resolve } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, describe, expect, it, onTestFinished } from "vitest";
import type { ConsoleClient } from "../../src/shared/contract/index.ts";
import { type ConsoleUnderTest, openConsoleUnderTest, overPort } from "../console/console-under-test.ts";
import { FakePeer } from "../federation/outbound/fake-peer.ts";
import { until } from "../support/until.ts";
import { launch, openPage } from "./console-page.ts";

let browser: Browser | undefined;

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});
afterAll(() => browser?.close());

interface Stage {
  readonly hub: ConsoleUnderTest;
  readonly client: ConsoleClient;
  readonly page: Page;
  readonly errors: string[];
}

/** A fresh hub, and its console where it opens by itself. */
async function stage(ctx: Parameters<typeof launch>[0], theme?: "dark" | "light"): Promise<Stage> {
  browser ??= await launch(ctx);
  const hub = await openConsoleUnderTest({ pages: resolve("out/renderer") });
  const { client } = await overPort(hub);
  return { hub, client, ...(await openPage(browser, hub.console.url() ?? "", theme)) };
}

/** A peer that refuses everything for good, and dead letters for it. */
async function deadLetters({ hub, client }: Stage, count: number): Promise<void> {
  const fake = await FakePeer.start(() => ({ status: 422, body: JSON.stringify({ error: "no such customer" }) }));
  onTestFinished(() => fake.stop());
  const { token } = await client.peers.newToken();
  await client.peers.create({ name: "billing", hookUrl: fake.url, outboundToken: "out", inboundToken: token });
  for (let at = 0; at < count; at += 1) await hub.client.post({ id: `event-${at}` });
  const dead = { filter: { peerId: null, state: "dead", cause: null }, ids: null } as const;
  await until(`${count} dead letters`, async () => (await client.outbox.count(dead)).count === count);
}

const faults = async (page: Page): Promise<string[]> =>
  (await new AxeBuilder({ page }).analyze()).violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`,
  );

describe("the Overview", () => {
  it("introduces a fresh hub without showing its secrets, and becomes the overview as the first event arrives", async (ctx) => {
    const { hub, page, errors } = await stage(ctx);
    await page.getByRole("heading", { name: "here is running and waits for its first event" }).waitFor();
    const command = page.getByRole("region", { name: "the command" });
    const token = hub.client.address.hookUrl.split("/").at(-1) ?? "none";
    expect(await page.content()).not.toContain(token);
    expect(await page.content()).not.toContain(hub.client.address.apiKey);
    await page.getByRole("button", { name: "Show the secret of the command" }).click();
    expect(await command.textContent()).toContain(hub.client.address.hookUrl);

    await page.evaluate(() => Object.assign(window, { untouched: true }));
    await hub.client.post({ id: "first" });
    await page.getByRole("region", { name: "First event" }).waitFor();
    await page.getByText("Everything is well").waitFor();
    await page.getByRole("heading", { name: "Rates" }).waitFor();
    expect(await page.evaluate(() => "untouched" in window)).toBe(true);
    await page.getByRole("link", { name: "See what happened to it" }).click();
    await page.getByRole("article", { name: "Event 1" }).waitFor();
    expect(errors).toEqual([]);
  });

  it("says what needs a hand, and leads there by keyboard", async (ctx) => {
    const at = await stage(ctx);
    await deadLetters(at, 2);
    const { page, errors } = at;
    await page.getByText(/1 thing needs a hand: 1 error/).waitFor();
    const item = page.getByRole("list", { name: "Needs a hand" }).getByRole("listitem").first();
    await item.getByText("2 dead letters for billing").waitFor();
    await item.getByRole("link", { name: "See causes and replay" }).press("Enter");
    await page.getByRole("list", { name: "Dead letters by cause" }).waitFor();
    await page.getByRole("grid").and(page.locator("[aria-rowcount='2']")).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("h");
    await page.getByRole("heading", { name: "Rates" }).waitFor();
    expect(errors).toEqual([]);
  });

  it("counts what came in and went out, over a window that the address keeps", async (ctx) => {
    const at = await stage(ctx);
    await deadLetters(at, 3);
    const { page, errors } = at;
    await page.getByRole("button", { name: /^Failed attempts 3$/ }).waitFor();
    const [sent] = await at.client.overview
      .rates({ minutes: 60, step: 60 })
      .then((points) => [points.reduce((sum, { received }) => sum + received, 0)]);
    await page.getByRole("button", { name: `From endpoints ${sent}` }).waitFor();
    await page.getByRole("button", { name: "Week" }).click();
    await until("the address says so", () => page.url().includes("window=7d"));
    const chart = page.getByRole("slider", { name: /^Out/ });
    await chart.focus();
    await page.keyboard.press("ArrowRight");
    await until("the newest step is told", async () =>
      (await chart.getAttribute("aria-valuetext"))?.includes("Failed attempts 3, Not forwarded"),
    );
    expect(errors).toEqual([]);
  });

  it("keeps what was there when the hub does not answer any more", async (ctx) => {
    const at = await stage(ctx);
    await at.hub.client.post({ id: "first" });
    const { page } = at;
    await page.getByText("Everything is well").waitFor();
    await at.hub.hub.stop();
    await page
      .getByText(/Reconnecting/)
      .first()
      .waitFor();
    expect(await page.getByRole("heading", { name: "Rates" }).isVisible()).toBe(true);
  });

  for (const theme of ["dark", "light"] as const)
    it(`has no accessibility fault axe can find, ${theme}`, async (ctx) => {
      const at = await stage(ctx, theme);
      await at.page.getByText("Send a first event").waitFor();
      expect(await faults(at.page)).toEqual([]);
      await deadLetters(at, 1);
      await at.page.getByRole("list", { name: "Needs a hand" }).waitFor();
      expect(await faults(at.page)).toEqual([]);
    });
});
