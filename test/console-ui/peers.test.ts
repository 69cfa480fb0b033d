import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, describe, expect, it, onTestFinished } from "vitest";
import { overPort } from "../console/console-under-test.ts";
import { FakePeer, takesSingles } from "../federation/outbound/fake-peer.ts";
import { freePort } from "../support/hub-process.ts";
import { launch } from "./console-page.ts";
import { openRealConsole, openScreen } from "./hub-screen.ts";

let browser: Browser | undefined;

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});
afterAll(async () => browser?.close());

/** A hub with one peer, and the peer's console calls. */
async function hubWithPeer(change: object = {}) {
  const hub = await openRealConsole({ instanceId: "laptop" });
  const fake = await FakePeer.start(takesSingles);
  onTestFinished(() => fake.stop());
  const { client } = await overPort(hub);
  const peer = await client.peers.create({
    name: "staging",
    hookUrl: fake.url,
    outboundToken: "out-token",
    inboundToken: "in-token",
    environment: "staging",
    allowPrivate: true,
    ...change,
  });
  return { hub, client, peer };
}

describe("Peers", () => {
  it("says what to do when there is none, and goes there by one key", async (ctx) => {
    browser ??= await launch(ctx);
    const { page, errors } = await openScreen(browser, await openRealConsole({ instanceId: "laptop" }), "local/peers");
    await page.getByRole("heading", { name: "No peers yet" }).waitFor();
    await page.keyboard.press("N");
    await page.getByRole("heading", { name: "Add a peer" }).waitFor();
    expect(errors).toEqual([]);
  });

  it("pauses and resumes a peer by keyboard alone", async (ctx) => {
    browser ??= await launch(ctx);
    const { hub, client, peer } = await hubWithPeer();
    const { page, errors } = await openScreen(browser, hub, "local/stream");
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await page.getByRole("grid", { name: "Peers" }).waitFor();
    await page.keyboard.press("j");
    await page.getByRole("article", { name: "Peer staging" }).waitFor();
    await page.keyboard.press("p");
    await page.getByRole("button", { name: /^Resume/ }).waitFor();
    expect((await client.peers.get({ id: peer.id })).status).toBe("paused");
    await page.keyboard.press("p");
    await page.getByRole("button", { name: /^Pause/ }).waitFor();
    expect((await client.peers.get({ id: peer.id })).status).toBe("active");
    expect(errors).toEqual([]);
  });

  it("asks for the name of a production peer before it goes on sending", async (ctx) => {
    browser ??= await launch(ctx);
    const { hub, client, peer } = await hubWithPeer({
      environment: "production",
      receiveOnly: false,
      confirm: "staging",
    });
    await client.peers.update({ id: peer.id, status: "paused" });
    const { page } = await openScreen(browser, hub, `local/peers/${peer.id}`);
    await page.getByRole("button", { name: /^Resume/ }).click();
    const send = page.getByRole("button", { name: "Send to staging" });
    expect(await send.isDisabled()).toBe(true);
    await page.getByRole("textbox", { name: "Type staging to send to production" }).fill("staging");
    await send.click();
    await page.getByRole("button", { name: /^Pause/ }).waitFor();
    expect((await client.peers.get({ id: peer.id })).status).toBe("active");
  });

  it("tests a link against a closed port, and says what to do", async (ctx) => {
    browser ??= await launch(ctx);
    const { hub, peer } = await hubWithPeer({ hookUrl: `http://127.0.0.1:${await freePort()}/hooks/team/kite` });
    const { page, errors } = await openScreen(browser, hub, `local/peers/${peer.id}?tab=test`);
    await page.getByRole("button", { name: "Test the link" }).click();
    await page.locator("[data-step='tcp'][data-outcome='failed']").waitFor();
    await page.getByText("TCP failed; what comes after it was not tried.").waitFor();
    expect(await page.locator("[data-step='http']").count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it("tests a link with a wrong token, and names the step", async (ctx) => {
    browser ??= await launch(ctx);
    const other = await openRealConsole({ instanceId: "other" });
    const { hub, peer } = await hubWithPeer({ hookUrl: `${other.url}/hooks/team/kite` });
    const { page } = await openScreen(browser, hub, `local/peers/${peer.id}?tab=test`);
    await page.getByRole("button", { name: "Test the link" }).click();
    await page.locator("[data-step='authentication'][data-outcome='failed']").waitFor();
  });

  it("shows bad input and what was changed elsewhere beside the field", async (ctx) => {
    browser ??= await launch(ctx);
    const { hub, client, peer } = await hubWithPeer();
    const { page } = await openScreen(browser, hub, `local/peers/${peer.id}?tab=settings`);
    const scopes = page.getByRole("textbox", { name: "Scopes: what is sent" });
    await scopes.fill("git?hub");
    await page
      .getByText(/git\?hub: \? cannot be used in a scope/)
      .first()
      .waitFor();
    await scopes.fill("github.*");
    const name = page.getByRole("textbox", { name: "Name", exact: true });
    await name.fill("mine");
    await client.peers.update({ id: peer.id, name: "theirs", maxHops: 5 });
    await page.getByText("Changed elsewhere meanwhile to theirs.", { exact: false }).waitFor();
    await page.getByRole("button", { name: "Keep mine" }).click();
    await page.getByRole("button", { name: "Save 2 changes" }).click();
    await page.getByRole("article", { name: "Peer mine" }).waitFor();
    expect(await client.peers.get({ id: peer.id })).toMatchObject({ name: "mine", maxHops: 5, scopes: ["github.*"] });
  });

  it("does not let one tab overwrite what another has saved", async (ctx) => {
    browser ??= await launch(ctx);
    const { hub, client, peer } = await hubWithPeer();
    const [mine, theirs] = await Promise.all([
      openScreen(browser, hub, `local/peers/${peer.id}?tab=settings`),
      openScreen(browser, hub, `local/peers/${peer.id}?tab=settings`),
    ]);
    const hops = (page: Page) => page.getByLabel("Hops at most", { exact: true });
    await hops(mine.page).fill("7");
    await hops(theirs.page).fill("9");
    await theirs.page.getByRole("button", { name: "Save 1 change" }).click();
    await theirs.page.getByRole("button", { name: "Saved" }).waitFor();
    await mine.page.getByText("Changed elsewhere meanwhile to 9.", { exact: false }).waitFor();
    await mine.page.getByRole("button", { name: "Take theirs" }).click();
    expect(await hops(mine.page).inputValue()).toBe("9");
    expect((await client.peers.get({ id: peer.id })).maxHops).toBe(9);
  });

  it("shows that two tokens are taken while one is rotated", async (ctx) => {
    browser ??= await launch(ctx);
    const { hub, client, peer } = await hubWithPeer();
    const { page, errors } = await openScreen(browser, hub, `local/peers/${peer.id}`);
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Rotate the token…" }).click();
    await page.getByRole("button", { name: "Make a new token" }).click();
    expect(await page.getByRole("region", { name: "the new token" }).innerText()).toMatch(/^kfed_/);
    await page.getByRole("button", { name: "I have it" }).click();
    await page.getByText("two are taken: the one before ends in", { exact: false }).waitFor();
    expect((await client.peers.get({ id: peer.id })).previousTokenUntil).toBeGreaterThan(Date.now());
    expect(errors).toEqual([]);
  });

  it("says how much is cancelled before it removes a peer", async (ctx) => {
    browser ??= await launch(ctx);
    const { hub, client, peer } = await hubWithPeer();
    await client.peers.update({ id: peer.id, status: "paused" });
    await hub.client.post({ id: "one" });
    await hub.client.post({ id: "two" });
    const { page } = await openScreen(browser, hub, `local/peers?id=${peer.id}`);
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Remove…" }).click();
    await page.getByRole("button", { name: "Remove and cancel 2 owed entries" }).click();
    await page.getByRole("heading", { name: "No peers yet" }).waitFor();
    expect(await client.peers.list()).toEqual([]);
  });

  for (const theme of ["dark", "light"] as const)
    it(`has no accessibility fault axe can find, ${theme}`, async (ctx) => {
      browser ??= await launch(ctx);
      const { hub, peer } = await hubWithPeer();
      const { page } = await openScreen(browser, hub, `local/peers?id=${peer.id}&tab=settings`, theme);
      await page.getByRole("textbox", { name: "Scopes: what is sent" }).waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
    });
});
