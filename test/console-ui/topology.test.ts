import AxeBuilder from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { launch, openPage } from "./console-page.ts";
import { goTo, openLabConsole } from "./lab-console.ts";

/** Events of A go round; what C lets through is too little for D's part of the chain beyond it. */
const RING = {
  name: "ring with a tail",
  topology: {
    instances: [{ key: "A" }, { key: "B" }, { key: "C" }, { key: "D" }],
    links: [
      { from: "A", to: "B" },
      { from: "B", to: "C" },
      { from: "C", to: "A" },
      { from: "C", to: "D", maxHops: 2 },
    ],
  },
  steps: [{ do: "publish", at: "A", count: 4, type: "com.github.push" }],
};

/** Four hubs are started for each test, on a machine that may have other things to do. */
const TIME_MS = 60_000;

let browser: Browser | undefined;

afterAll(async () => {
  await browser?.close();
});

describe("the Topology", () => {
  it(
    "draws what went over each link, names what was stopped, and opens it in the Stream",
    async (ctx) => {
      browser ??= await launch(ctx);
      const { url } = await openLabConsole(RING);
      const { page, errors } = await openPage(browser, url);
      await goTo(page, "C", "topology");
      const toD = page.getByRole("button", { name: /^Link from C to D/ });
      await toD.waitFor();
      expect(await toD.getAttribute("aria-label")).toContain("up to 2 hops, all types, 4 hop limit");
      expect(await page.getByRole("button", { name: /^Link from C to A/ }).getAttribute("aria-label")).toContain(
        "4 loop",
      );

      await toD.click();
      const details = page.getByRole("region", { name: "Selected link" });
      await details.getByText("dropped: hop limit").waitFor();
      await details
        .getByRole("row", { name: /hop limit/ })
        .getByRole("link")
        .click();
      await page.locator("[data-key='1']").waitFor();
      expect(await page.locator("[role='row']").count()).toBe(4);
      expect(decodeURIComponent(page.url())).toContain("reason:hop_limit");

      await goTo(page, "C", "topology?seq=2&side=details");
      const way = page.getByRole("region", { name: "Way of the event" });
      await way.getByText("The event has made 2 hops, and the limit of this link is 2.").waitFor();
      await page.getByRole("button", { name: /^Link from B to C.*it came this way/ }).waitFor();
      expect(errors).toEqual([]);
    },
    TIME_MS,
  );

  it(
    "is walked by the keyboard alone, tells of the cycle and of what is out of reach, and is read as a table",
    async (ctx) => {
      browser ??= await launch(ctx);
      const { url } = await openLabConsole(RING);
      const { page, errors } = await openPage(browser, url);
      await goTo(page, "C", "stream");
      await page.locator("[data-key='4']").waitFor();
      await page.keyboard.press("g");
      await page.keyboard.press("t");
      await page.locator("[data-node='C']").waitFor();
      await page.locator("[data-node='C']").focus();
      await page.keyboard.press("ArrowDown");
      const focused = page.locator("[data-map-item]:focus");
      expect(await focused.getAttribute("aria-label")).toMatch(/^Link from /);
      await page.keyboard.press("Enter");
      await page.getByRole("region", { name: "Selected link" }).waitFor();

      await page.keyboard.press("2");
      await page.getByRole("list", { name: "Findings" }).locator("[data-rule='cycle']").waitFor();
      await page.getByRole("list", { name: "Findings" }).locator("[data-rule='out_of_reach']").first().waitFor();
      await page.keyboard.press("3");
      const stopped = page.getByRole("list", { name: "Stopped events" });
      await stopped.getByText(/is longer than the hop limit/).waitFor();
      await stopped.getByText(/Events went round/).waitFor();

      const links = await page.locator("[data-edge]").count();
      await page.keyboard.press("t");
      await page.getByRole("row", { name: /C → D.*4 hop limit.*no/ }).waitFor();
      await page.getByRole("row", { name: /C → A.*of 3/ }).waitFor();
      expect(await page.locator("[data-row-edge]").count()).toBe(links);
      expect(errors).toEqual([]);
    },
    TIME_MS,
  );

  for (const theme of ["dark", "light"] as const)
    it(
      `says what to do when there is no peer, and has no accessibility fault axe can find, ${theme}`,
      async (ctx) => {
        browser ??= await launch(ctx);
        const { url } = await openLabConsole(RING);
        const { page, errors } = await openPage(browser, url, theme);
        await page.locator("#main").waitFor();
        await goTo(page, null, "topology");
        await page.getByText("This hub has no peers yet").waitFor();
        await page.getByRole("button", { name: "Pair with another hub" }).click();
        await page.getByRole("form", { name: "Make a link" }).waitFor();
        for (const search of ["side=findings", "side=loops", "seq=1", "view=table"]) {
          await goTo(page, "C", `topology?${search}`);
          await page.locator("[data-edge], [data-row-edge]").first().waitFor();
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
        }
        expect(errors).toEqual([]);
      },
      TIME_MS,
    );
});
