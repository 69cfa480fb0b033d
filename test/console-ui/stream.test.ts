import AxeBuilder from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeConsole, startFakeConsole } from "../support/fake-console/index.ts";
import { launch, openPage, seqsInSight } from "./console-page.ts";

let browser: Browser | undefined;
let fake: FakeConsole;

beforeEach(async () => {
  fake = await startFakeConsole(300);
});

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
  await fake.end();
});

afterAll(async () => {
  await browser?.close();
});

const descending = (from: number, count: number): number[] => Array.from({ length: count }, (_, at) => from - at);

describe("the Stream", () => {
  it("shows each event once, newest first, while they arrive", async (ctx) => {
    browser ??= await launch(ctx);
    const { page, errors } = await openPage(browser, `${fake.url}#/local/stream`);
    await page.locator("[data-key='300']").waitFor();
    for (let round = 0; round < 20; round += 1) fake.grow(25);
    await page.locator("[data-key='800']").waitFor();
    const seqs = await seqsInSight(page);
    expect(seqs).toEqual(descending(800, seqs.length));
    expect(await page.getByRole("grid").getAttribute("aria-rowcount")).toBe("800");
    expect(errors).toEqual([]);
  });

  it("stands still after a move, tells how many are new, and goes on", async (ctx) => {
    browser ??= await launch(ctx);
    const { page, errors } = await openPage(browser, `${fake.url}#/local/stream`);
    await page.locator("[data-key='300']").waitFor();
    await page.keyboard.press("j");
    await page.locator("[data-key='300'][data-active='true']").waitFor();
    fake.grow(42);
    await page.getByRole("button", { name: "42 new" }).waitFor();
    expect((await seqsInSight(page))[0]).toBe(300);
    await page.getByRole("button", { name: "42 new" }).click();
    await page.locator("[data-key='342']").waitFor();
    expect((await seqsInSight(page))[0]).toBe(342);
    expect(errors).toEqual([]);
  });

  it("pauses and goes on with one key, the rows kept", async (ctx) => {
    browser ??= await launch(ctx);
    const { page } = await openPage(browser, `${fake.url}#/local/stream`);
    await page.locator("[data-key='300']").waitFor();
    await page.keyboard.press(".");
    await page.getByRole("button", { name: "Go on" }).waitFor();
    fake.grow(7);
    await page.getByRole("button", { name: "7 new" }).waitFor();
    expect((await seqsInSight(page))[0]).toBe(300);
    await page.keyboard.press(".");
    await page.locator("[data-key='307']").waitFor();
  });

  it("says what a gap has left out", async (ctx) => {
    browser ??= await launch(ctx);
    const { page } = await openPage(browser, `${fake.url}#/local/stream`);
    await page.locator("[data-key='300']").waitFor();
    fake.log.stream.send({ kind: "gap", from: 301, to: 1_300, reason: "slow_console" });
    await page.getByText("1,000 events not shown").waitFor();
    await page.getByText("Seq 301 to 1,300: this console could not keep up.").waitFor();
  });

  it("says that the line is broken, keeps the rows, and catches up without loss or repetition", async (ctx) => {
    browser ??= await launch(ctx);
    const { page } = await openPage(browser, `${fake.url}#/local/stream`);
    await page.locator("[data-key='300']").waitFor();
    fake.drop(true);
    await page.getByText("The hub does not answer").waitFor();
    expect((await seqsInSight(page))[0]).toBe(300);
    fake.grow(30);
    fake.accept();
    await page.getByText("Connected again, and caught up").waitFor();
    await page.locator("[data-key='330']").waitFor();
    const seqs = await seqsInSight(page);
    expect(seqs).toEqual(descending(330, seqs.length));
  });

  it("scrolls to the oldest event of a log that is longer than what it was sent, and walks on from there", async (ctx) => {
    fake.grow(9_700);
    browser ??= await launch(ctx);
    const { page, errors } = await openPage(browser, `${fake.url}#/local/stream`);
    await page.locator("[data-key='10000']").waitFor();
    expect(await page.getByRole("grid").getAttribute("aria-rowcount")).toBe("10000");
    await page.getByRole("grid").press("End");
    await page.locator("[data-key='1'][data-active='true']").waitFor();
    const seqs = await seqsInSight(page);
    expect(seqs).toEqual(descending(seqs.length, seqs.length));
    await page.keyboard.press("k");
    await page.locator("[data-key='2'][data-active='true']").waitFor();
    await page.getByText("The beginning of the log.").waitFor();
    expect(errors).toEqual([]);
  });

  it("explains a filter that is wrong in its place, and applies the mended one", async (ctx) => {
    browser ??= await launch(ctx);
    const { page, errors } = await openPage(browser, `${fake.url}#/local/stream`);
    await page.locator("[data-key='300']").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("hopss:2");
    const alert = page.getByRole("alert");
    await alert.getByText("Not applied").waitFor();
    expect(await page.locator("mark").textContent()).toBe("hopss");
    expect((await seqsInSight(page))[0]).toBe(300);
    await alert.getByRole("button", { name: "Use hops" }).click();
    await page.locator("[data-key='300']").waitFor({ state: "detached" });
    expect((await seqsInSight(page)).every((seq) => seq % 7 === 0)).toBe(true);
    expect(page.url()).toContain("q=hops");
    expect(errors).toEqual([]);
  });

  it("finds by the payload, which only the database has", async (ctx) => {
    browser ??= await launch(ctx);
    const { page } = await openPage(browser, `${fake.url}#/local/stream?q=data.id%3Aevt_000123`);
    await page.locator("[data-key='123']").waitFor();
    expect(await seqsInSight(page)).toEqual([123]);
  });

  it("narrows by a right click on a value", async (ctx) => {
    browser ??= await launch(ctx);
    const { page } = await openPage(browser, `${fake.url}#/local/stream`);
    await page.locator("[data-key='299'] [data-column='type']").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Exclude these" }).click();
    await page.locator("[data-key='299']").waitFor({ state: "detached" });
    expect((await seqsInSight(page)).every((seq) => seq % 5 !== 4)).toBe(true);
  });

  it("walks to an event and back by keyboard alone", async (ctx) => {
    browser ??= await launch(ctx);
    const { page, errors } = await openPage(browser, `${fake.url}#/local/stream`);
    await page.locator("[data-key='300']").waitFor();
    await page.keyboard.press("j");
    await page.locator("[data-key='300'][data-active='true']").waitFor();
    await page.keyboard.press("j");
    await page.locator("[data-key='299'][data-active='true']").waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/event\/299/);
    await page.getByRole("article", { name: "Event 299" }).waitFor();
    await page.keyboard.press("2");
    await page.getByRole("tab", { name: /Decisions/, selected: true }).waitFor();
    await page.keyboard.press("Escape");
    await page.waitForURL(/stream/);
    await page.locator("[data-key='299'][data-active='true']").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("article").waitFor({ state: "detached" });
    expect(errors).toEqual([]);
  });

  it("goes to a pasted seq from the palette", async (ctx) => {
    browser ??= await launch(ctx);
    const { page } = await openPage(browser, `${fake.url}#/local/stream`);
    await page.locator("[data-key='300']").waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("217");
    await page.getByRole("option", { name: "Event 217" }).click();
    await page.getByRole("article", { name: "Event 217" }).waitFor();
  });

  // axe looks at every cell in sight: slow where the machine is busy.
  for (const theme of ["dark", "light"] as const)
    it(`has no accessibility fault axe can find, ${theme}`, { timeout: 120_000 }, async (ctx) => {
      browser ??= await launch(ctx);
      const { page } = await openPage(browser, `${fake.url}#/local/stream?seq=294`, theme);
      await page.getByRole("article").waitFor();
      await page.keyboard.press("f");
      await page.getByRole("region", { name: "Counts by field" }).waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
    });
});
