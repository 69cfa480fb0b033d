import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { launch, openPage } from "./console-page.ts";
import { goTo, openLabConsole } from "./lab-console.ts";

/** D is three hops from A, and no link lets more than two through. B knows of D, for C tells it. */
const CHAIN = {
  name: "chain",
  topology: { shape: "chain", instances: ["A", "B", "C", "D"], maxHops: 2 },
  steps: [{ do: "publish", at: "A", count: 3, type: "com.stripe.charge" }],
};
const WHY = "The event has made 2 hops, and the limit of this link is 2.";

/** Four hubs are started for each test, on a machine that may have other things to do. */
const TIME_MS = 60_000;

let browser: Browser | undefined;

afterAll(async () => {
  await browser?.close();
});

const missed = (page: Page) => page.getByRole("region", { name: "Who does not get it" });

/** What the map says: of each link and of each instance. */
async function readMap(page: Page): Promise<string[]> {
  await page.locator("[data-edge]").first().waitFor();
  const links = await page
    .locator("[data-edge]")
    .evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
  const instances = await page
    .locator("[data-node]")
    .evaluateAll((all) => all.map((one) => [...one.children].map((part) => part.textContent).join("|")));
  return [...links.map(String), ...instances].sort();
}

/** The same from the table, put into the map's words. */
async function readTable(page: Page): Promise<string[]> {
  await page.locator("[data-row-edge]").first().waitFor();
  const read = (selector: string): Promise<string[][]> =>
    page.locator(selector).evaluateAll((rows) =>
      rows.map((row) =>
        [...row.children].map((cell) => {
          const marks = cell.querySelectorAll(":scope > span > span");
          const parts = marks.length === 0 ? [cell] : [...marks];
          return parts.map(({ textContent }) => textContent ?? "").join(", ");
        }),
      ),
    );
  const links = (await read("[data-row-edge]")).map(([link = "", known, limits = "", says]) => {
    const [from, to] = link.split(" → ");
    const parts = [`Link from ${from} to ${to}`, known, limits.replace("≤", "up to"), says];
    return parts.filter((part) => part !== "").join(", ");
  });
  const instances = (await read("[data-row-node]")).map(([name, about, beyond = "", mark]) =>
    [name, beyond.startsWith("unknown") ? beyond : about, mark].join("|"),
  );
  return [...links, ...instances].sort();
}

describe("Explain", () => {
  it(
    "says in two clicks from the Stream why an event did not reach D, and as fast by keyboard",
    async (ctx) => {
      browser ??= await launch(ctx);
      const { url } = await openLabConsole(CHAIN);
      const { page, errors } = await openPage(browser, url);
      await goTo(page, "B", "stream");

      await page.locator("[data-key='2'] [data-column='type']").click();
      await page.getByRole("button", { name: "Explain" }).click();
      await missed(page).getByText(WHY).waitFor();
      expect(await missed(page).locator("[data-missed]").allTextContents()).toEqual([expect.stringContaining("D")]);
      expect(await page.getByText("hops 2 · limit 2").count()).toBe(1);

      await page.keyboard.press("g");
      await page.keyboard.press("s");
      await page.locator("[data-key='3']").waitFor();
      await page.keyboard.press("j");
      await page.getByRole("article").waitFor();
      await page.keyboard.press("e");
      await missed(page).getByText(WHY).waitFor();

      const map = await readMap(page);
      await page.keyboard.press("t");
      expect(await readTable(page)).toEqual(map);
      expect(map).toEqual(
        expect.arrayContaining([
          "Link from C to D, told by a peer, up to 2 hops, all types, hop 3, limit 2",
          "A|peer|it came from here",
          "D|behind a peer|does not get it",
        ]),
      );
      expect(errors).toEqual([]);
    },
    TIME_MS,
  );

  it(
    "explains what is pasted, tries a change out, and applies it",
    async (ctx) => {
      browser ??= await launch(ctx);
      const { url, lab } = await openLabConsole(CHAIN);
      const { page, errors } = await openPage(browser, url);
      await goTo(page, "B", "explain");
      await page.getByRole("button", { name: "Paste event" }).click();
      await page.getByLabel("CloudEvent, as JSON").fill("{");
      await page.getByRole("dialog").getByRole("button", { name: "Explain" }).click();
      await page.getByText(/This is not JSON/).waitFor();
      const pasted = { type: "com.github.push", kitefedchain: '["A"]', kitefedorigin: "A", kitefedhops: 1, data: {} };
      await page.getByLabel("CloudEvent, as JSON").fill(JSON.stringify(pasted));
      await page.getByRole("dialog").getByRole("button", { name: "Explain" }).click();
      await missed(page).getByText(WHY).waitFor();

      // The limit that stops it is C's own: it can be tried out here, and is changed there.
      await page.keyboard.press("2");
      await page.getByLabel("Link", { exact: true }).selectOption({ label: "C → D" });
      await page.getByRole("region", { name: "Change a link" }).getByLabel("Hop limit").fill("3");
      await page
        .getByRole("region", { name: "Change a link" })
        .getByRole("button", { name: "Try it", exact: true })
        .click();
      await page.getByRole("region", { name: "Differences" }).getByText("gets it now", { exact: true }).waitFor();
      await page.getByRole("button", { name: "As API calls" }).click();
      expect(await page.getByRole("region", { name: "Request as a command" }).textContent()).toContain(
        '{"max_hops":3}',
      );
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Take all back" }).click();

      // The link to C is B's own.
      await page.getByLabel("Link", { exact: true }).selectOption({ label: "B → C" });
      await page.getByLabel("Scopes").fill("com.stripe.*");
      await page
        .getByRole("region", { name: "Change a link" })
        .getByRole("button", { name: "Try it", exact: true })
        .click();
      await page.locator("[data-difference='C']").getByText("gets it no more", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Apply…" }).click();
      await page.getByRole("button", { name: "Apply 1 change here" }).click();
      await page.getByText("1 change made", { exact: true }).waitFor();
      const peers = lab.hubs.hub("B").hub.registry.peersOf(lab.hubs.hub("B").hub.credentials.team);
      expect(peers.find(({ name }) => name === "C")?.scopes).toEqual(["com.stripe.*"]);
      await page.keyboard.press("1");
      await missed(page)
        .getByText(/matches none of the peer's scopes/)
        .first()
        .waitFor();
      expect(errors).toEqual([]);
    },
    TIME_MS,
  );

  it(
    "leads from an event that tells of a failed delivery to the event that failed, and plays it again in the lab",
    async (ctx) => {
      browser ??= await launch(ctx);
      const { url } = await openLabConsole(CHAIN);
      const { page, errors } = await openPage(browser, url);
      await goTo(page, "C", "stream");
      await page.locator("[data-key='4'] [data-column='type']").click();
      await page.getByRole("article").waitFor();
      await page.keyboard.press("e");
      await page.getByRole("region", { name: "What it tells of" }).getByText("hop limit").waitFor();
      await page.keyboard.press("f");
      await missed(page).getByText(WHY).waitFor();

      await page.keyboard.press("l");
      await page.getByRole("heading", { name: "com.stripe.charge from A" }).waitFor();
      await page.getByText(/^Passed 6$/).waitFor({ timeout: 40_000 });
      expect(errors).toEqual([]);
    },
    TIME_MS,
  );

  it(
    "leads from a new link that is tried out into pairing, with what is known filled in",
    async (ctx) => {
      browser ??= await launch(ctx);
      const { url } = await openLabConsole(CHAIN);
      const { page, errors } = await openPage(browser, url);
      await goTo(page, "B", "explain?type=com.stripe.charge&tab=what-if");
      const adder = page.getByRole("region", { name: "Add a link" });
      await adder.getByLabel("To").selectOption({ label: "D" });
      await adder.getByLabel("Hop limit").fill("5");
      await adder.getByRole("button", { name: "Try it" }).click();
      await page.locator("[data-difference='D']").getByText("by another way", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Apply…" }).click();
      await page.getByRole("button", { name: "Nothing to apply at this hub" }).waitFor();
      await page.getByRole("button", { name: "Pair with D" }).click();
      const form = page.getByRole("form", { name: "Add a peer by hand" });
      expect(await form.getByLabel("Name").inputValue()).toBe("D");
      expect(await form.getByLabel("Hops at most").inputValue()).toBe("5");
      expect(errors).toEqual([]);
    },
    TIME_MS,
  );

  it(
    "says when there is no such event, offers the newest, and has no accessibility fault axe can find",
    async (ctx) => {
      browser ??= await launch(ctx);
      const { url } = await openLabConsole(CHAIN);
      for (const theme of ["dark", "light"] as const) {
        const { page, errors } = await openPage(browser, url, theme);
        await goTo(page, "B", "explain?seq=4711");
        await page.getByText("This event cannot be explained").waitFor();
        await goTo(page, "B", "explain");
        await page.getByRole("list", { name: "Newest events" }).getByRole("button").first().click();
        await missed(page).waitFor();
        for (const tab of ["1", "2", "3"]) {
          await page.keyboard.press(tab);
          await page.getByRole("tab", { selected: true }).nth(0).waitFor();
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
        }
        expect(errors).toEqual([]);
        await page.close();
      }
    },
    TIME_MS,
  );
});
