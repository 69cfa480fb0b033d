import { createHmac } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { launch } from "./console-page.ts";
import { expectNoAxeFaults, goTo, openRealConsole, openScreen } from "./hub-screen.ts";

let browser: Browser | undefined;

afterAll(async () => {
  await browser?.close();
});

const BODY = JSON.stringify({ id: "evt_1", type: "invoice.paid" });

/** Posts as Stripe would, signed with a secret at a time. @param age seconds */
async function postAsStripe(url: string, secret: string, age = 0): Promise<number> {
  const time = Math.floor(Date.now() / 1_000) - age;
  const v1 = createHmac("sha256", secret).update(`${time}.${BODY}`).digest("hex");
  const headers = { "content-type": "application/json", "stripe-signature": `t=${time},v1=${v1}` };
  return (await fetch(url, { method: "POST", headers, body: BODY })).status;
}

/** Makes the endpoint for Stripe with keys alone. @returns its URL, as it is shown once */
async function createStripe(page: Page, secret: string): Promise<string> {
  await page.getByRole("grid", { name: "Endpoints" }).waitFor();
  await page.keyboard.press("N");
  await page.getByRole("dialog", { name: "New endpoint" }).waitFor();
  await page.getByLabel("From").selectOption("stripe");
  await page.getByLabel(/^Signing secret/).fill(secret);
  await page.keyboard.press("Enter");
  const url = page.getByRole("dialog").getByRole("region", { name: "the URL", exact: true });
  const text = (await url.textContent()) ?? "";
  await page.getByRole("button", { name: "I have copied it" }).press("Enter");
  return text;
}

describe("Endpoints", () => {
  it("makes one, takes what is signed well, and shows what is not with its reason", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole({ refusalBodyBytes: 12 });
    const { page, errors } = await openScreen(browser, hub, "local/endpoints");
    const url = await createStripe(page, "whsec_one");
    expect(await postAsStripe(url, "whsec_one")).toBe(202);
    expect(await postAsStripe(url, "whsec_other")).toBe(401);

    const detail = page.getByRole("article", { name: "Endpoint stripe" });
    await detail.getByText("Last refused request: bad signature").waitFor();
    await detail.getByText("does not match the body").waitFor();
    expect(await detail.textContent()).not.toContain(url);
    await detail.getByRole("link", { name: "Look into it" }).click();
    const refusal = page.getByRole("article", { name: "Refused request" });
    await refusal.getByText("What was compared").waitFor();
    const text = await refusal.textContent();
    expect(text).toContain("Headerstripe-signature");
    expect(text).toContain("Secret versions triedcurrent");
    expect(text).toContain(BODY.slice(0, 12));
    expect(text).not.toContain(BODY.slice(0, 13));

    expect(await postAsStripe(url, "whsec_one", 700)).toBe(401);
    await page.locator("[role='row'][aria-rowindex='2']").waitFor();
    await page.keyboard.press("Home");
    await refusal.getByText(/11 m 4\d s in the past/).waitFor();
    expect(errors).toEqual([]);
  });

  it("lets two secrets count for a while, and counts down", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole();
    const { page, errors } = await openScreen(browser, hub, "local/endpoints");
    const url = await createStripe(page, "whsec_one");
    await page.keyboard.press("s");
    await page.getByLabel("Signing secret").fill("whsec_two");
    await page.keyboard.press("Enter");
    await page.getByText(/The old one ends in \d+ m/).waitFor();
    expect(await postAsStripe(url, "whsec_one")).toBe(202);
    await expectNoAxeFaults(page);

    await page.getByRole("button", { name: "Rotate token" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Rotate token" }).click();
    const fresh = page.getByRole("dialog").getByRole("region", { name: "the URL", exact: true });
    await expect.poll(() => fresh.textContent()).toContain("/hooks/team/stripe/khk_");
    expect(await fresh.textContent()).not.toBe(url);
    expect(await postAsStripe(url, "whsec_two")).toBe(401);
    expect(errors).toEqual([]);
  });

  it("asks before it closes one, and opens it again", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole();
    const { page, errors } = await openScreen(browser, hub, "local/endpoints?source=demo", "light");
    await page.getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("dialog", { name: "Deactivate demo?" }).waitFor();
    await expectNoAxeFaults(page);
    await page.getByRole("button", { name: "Deactivate demo" }).click();
    await page.getByRole("button", { name: "Create again" }).waitFor();
    expect((await fetch(hub.client.address.hookUrl, { method: "POST", body: "{}" })).status).toBe(404);
    expect(errors).toEqual([]);
  });

  it("says beside the field what is wrong with a source", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole();
    const { page } = await openScreen(browser, hub, "local/endpoints");
    await page.getByRole("button", { name: "New endpoint" }).click();
    await page.getByLabel("From").selectOption("other");
    await page.getByLabel("Source", { exact: true }).fill("Not A Slug");
    await page.getByRole("button", { name: "Create endpoint" }).click();
    await page.locator("[aria-invalid='true']").waitFor();
    await expectNoAxeFaults(page);
  });
});

describe("Refused requests", () => {
  it("lists them by what the address asks for, live", async (ctx) => {
    browser ??= await launch(ctx);
    const hub = await openRealConsole();
    const { page, errors } = await openScreen(browser, hub, "local/refusals", "light");
    await page.getByText("Nothing was refused").waitFor();
    await expectNoAxeFaults(page);
    const { hookUrl, url } = hub.client.address;
    await fetch(hookUrl, { method: "POST", headers: { "content-type": "application/json" }, body: "{broken" });
    await fetch(`${url}/hooks/team/nowhere`, { method: "POST", body: "{}" });
    await page.getByRole("row", { name: /Unknown endpoint/ }).waitFor();
    await page.getByRole("row", { name: /Invalid/ }).waitFor();
    await page.getByLabel("Reason").selectOption("invalid");
    await page.getByText("1 refused request", { exact: true }).waitFor();
    expect(new URL(page.url()).hash).toContain("reason=invalid");
    await goTo(page, "local/refusals?reason=rate_limited");
    await page.getByText("None of these was refused").waitFor();
    await goTo(page, "local/refusals?id=nobody");
    await page.getByText("This request cannot be shown").waitFor();
    expect(errors).toEqual([]);
  });
});
