import pg from "pg";
import type { Browser } from "playwright-core";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { overSocket } from "../console/console-under-test.ts";
import { launch } from "./console-page.ts";
import { expectNoAxeFaults, openRealConsole, openScreen } from "./hub-screen.ts";

let browser: Browser | undefined;

afterAll(async () => {
  await browser?.close();
});

describe("Settings", () => {
  it("takes payloads out by a filter: counted, confirmed, with progress", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole();
    const posted = Array.from({ length: 1_200 }, (_, at) => ({ id: `e${at}`, data: { secret: "4242" } }));
    for (let at = 0; at < posted.length; at += 100) await hub.client.postBatch(posted.slice(at, at + 100));
    const { page, errors } = await openScreen(browser, hub, "local/settings?part=purge&q=data.secret%3A4242");
    await page.getByRole("button", { name: "Count", exact: true }).click();
    await page.getByText("1,200 events fit and have their payload.").waitFor();
    await page.getByRole("button", { name: "Purge 1,200 payloads…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Purge 1,200 payloads" }).click();
    await page.getByText("1,200 payloads purged.").waitFor();
    const { client } = await overSocket(hub);
    expect(await client.events.get({ seq: 1 })).toMatchObject({ dataCut: true });
    expect(await client.events.purgeCount({ filter: "", before: null })).toEqual({ count: 0, owed: 0, refused: 0 });
    await page.getByRole("button", { name: "Back to the filter" }).click();
    await page.getByRole("button", { name: "Count", exact: true }).click();
    await page.getByText("No event that fits has a payload.").waitFor();
    expect(errors).toEqual([]);
  });

  it("says where a purge stopped when the database went away, and goes on with the rest", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole();
    await hub.client.postBatch(Array.from({ length: 20 }, (_, at) => ({ id: `e${at}` })));
    const { page, errors } = await openScreen(browser, hub, "local/settings?part=purge");
    await page.getByRole("button", { name: "Count", exact: true }).click();
    await page.getByRole("button", { name: "Purge 20 payloads…" }).click();
    const other = new pg.Client(hub.database.connection);
    await other.connect();
    onTestFinished(() => other.end());
    await other.query("BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE");
    await page.getByRole("dialog").getByRole("button", { name: "Purge 20 payloads" }).click();
    await page.getByText("counting…").waitFor();
    const waiting = "FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass";
    await expect
      .poll(async () => (await other.query(`SELECT pg_terminate_backend(pid) ${waiting}`)).rowCount)
      .not.toBe(0);
    await page.getByText("It stopped before anything was purged: the database").waitFor();
    const again = page.getByRole("button", { name: "Purge the rest" });
    // What had the focus is gone: the keyboard goes on at what can be done now.
    expect(await again.evaluate((button) => button === document.activeElement)).toBe(true);
    await expectNoAxeFaults(page);
    await other.query("ROLLBACK");
    await page.keyboard.press("Enter");
    await page.getByText("20 payloads purged.").waitFor();
    expect(errors).toEqual([]);
  });

  it("takes kept bodies of refused requests that fit, also where no event does", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole({ refusalBodyBytes: 1_000 });
    const { team } = hub.client.address;
    await hub.hub.admin.createHook(team, "stripe", { webhookSecret: "whsec" });
    for (const card of ["4242", "1111"])
      await fetch(`${hub.url}/hooks/${team}/stripe`, { method: "POST", body: JSON.stringify({ card }) });
    await expect.poll(async () => (await hub.client.refusals()).length).toBe(2);
    const { page, errors } = await openScreen(browser, hub, "local/settings?part=purge&q=data.card%3A4242");
    await page.getByRole("button", { name: "Count", exact: true }).click();
    await page.getByText("1 refused request fits and has its body kept.").waitFor();
    await page.getByRole("button", { name: "Purge 1 refused body…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Purge 1 refused body" }).click();
    await page.getByText("1 refused body purged.").waitFor();
    const { client } = await overSocket(hub);
    expect(await client.events.purgeCount({ filter: "", before: null })).toEqual({ count: 0, owed: 0, refused: 1 });
    expect(errors).toEqual([]);
  });

  it("saves what is kept, says beside the field what cannot be, and sets it back", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole();
    const { client } = await overSocket(hub);
    const { page, errors } = await openScreen(browser, hub, "local/settings?part=keeping");
    const days = page.getByLabel("Keep events for, days");
    await page.getByText("These limits drop nothing now.").waitFor();
    await days.fill("many");
    await page.getByText("Write a number.").waitFor();
    expect(await page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    await days.fill("200");
    await page.keyboard.press("Enter");
    await page.getByText("Events cannot be kept for 200 days").waitFor();
    expect(await days.getAttribute("aria-invalid")).toBe("true");
    await days.fill("2");
    await page.getByLabel("Keep of each body, bytes").fill("500");
    await page.keyboard.press("Enter");
    await page.getByText("Saved, and in force").first().waitFor();
    expect(await client.settings.get()).toMatchObject({ retentionDays: 2, keepRefusedBytes: 500 });
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => client.settings.get()).toMatchObject({ retentionDays: 7, keepRefusedBytes: 0 });
    await expect.poll(() => days.inputValue()).toBe("7");
    expect(errors).toEqual([]);
  });

  it("is reached and walked through by keys alone", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole();
    const { page, errors } = await openScreen(browser, hub, "local/keys");
    await page.getByRole("grid").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press(",");
    // Its keys are there when it is.
    await page.getByRole("navigation", { name: "Parts of the settings" }).waitFor();
    for (const [key, heading] of [
      ["3", "Stretches of the log"],
      ["6", "Database"],
      ["1", "Instance and team"],
    ] as const) {
      await page.keyboard.press(key);
      await page.getByText(heading).first().waitFor();
    }
    expect(errors).toEqual([]);
  });

  it("has no accessibility fault axe can find, in both themes", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole();
    const { page } = await openScreen(browser, hub, "local/settings");
    for (const [part, text] of [
      ["General", "Instance and team"],
      ["What is kept", "These limits drop nothing now."],
      ["Storage", "Stretches of the log"],
      ["Purge", "Nothing brings a payload back."],
      ["Configuration", "This hub tells nothing of its configuration"],
      ["About", "Started"],
    ] as const) {
      await page.getByRole("navigation", { name: "Parts" }).getByRole("button", { name: part }).click();
      await page.getByText(text).first().waitFor();
      await expectNoAxeFaults(page);
      await page.emulateMedia({ colorScheme: "light" });
      await expectNoAxeFaults(page, ["color-contrast"]);
      await page.emulateMedia({ colorScheme: "dark" });
    }
  });
});
