import { resolve } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import pg from "pg";
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
  readonly fake: FakePeer;
  /** What the peer answers from now on. */
  answer(status: number): void;
  open(path: string, theme?: "dark" | "light"): Promise<{ page: Page; errors: string[] }>;
}

/** A hub with one peer, `staging`, that answers as it is told; its retries come at these ages. */
async function stage(ctx: Parameters<typeof launch>[0], status: number, ages = [1_000, 600_000]): Promise<Stage> {
  browser ??= await launch(ctx);
  const shown = browser;
  const hub = await openConsoleUnderTest({ pages: resolve("out/renderer") });
  const { client } = await overPort(hub);
  let now = status;
  const fake = await FakePeer.start(({ events }) => ({
    status: now,
    body: JSON.stringify(now < 300 ? { id: events[0]?.id } : { error: "the disk of staging is full" }),
  }));
  onTestFinished(() => fake.stop());
  const { token } = await client.peers.newToken();
  await client.peers.create({
    name: "staging",
    hookUrl: fake.url,
    outboundToken: "out",
    inboundToken: token,
    retry: { ages, jitter: 0, minAttempts: 1 },
  });
  return {
    hub,
    client,
    fake,
    answer(next) {
      now = next;
    },
    async open(path, theme) {
      const url = hub.console.url() ?? "";
      const opened = await openPage(shown, url, theme);
      await opened.page.evaluate((to) => {
        location.hash = to;
      }, `#/local/${path}`);
      return opened;
    },
  };
}

async function deadLetters({ hub, client }: Stage, count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, at) => ({ id: `event-${at}`, data: { amount: at } }));
  for (let at = 0; at < count; at += 100) await hub.client.postBatch(all.slice(at, at + 100));
  await until(`${count} dead letters`, async () => (await client.outbox.count(ALL_DEAD)).count === count, 15_000);
}

const ALL_DEAD = { filter: { peerId: null, state: "dead", cause: null }, ids: null } as const;

const stateOf = async (client: ConsoleClient): Promise<string[]> =>
  (await client.outbox.list({})).items.map(({ state }) => state).sort();

describe("the Outbox", { timeout: 60_000 }, () => {
  it("lets an entry be watched through failure, countdown, retry and delivery", async (ctx) => {
    const { hub, answer, open } = await stage(ctx, 500, [4_000, 600_000]);
    const { page, errors } = await open("outbox?state=all");
    await page.getByText("The outbox is empty").waitFor();
    await page.evaluate(() => Object.assign(window, { untouched: true }));

    await hub.client.post({ id: "watched" });
    const row = page.getByRole("row").filter({ hasText: "Pending" });
    await row.getByText(/^in \d/).waitFor();
    await row.getByText("by the schedule").waitFor();
    await row.click();
    const detail = page.getByRole("article");
    await detail.getByText(/^Attempt 2 of 3 in \d.*by the schedule/).waitFor();
    await detail.getByText(/Attempt 1, failed/).waitFor({ state: "attached" });
    await detail.getByText(/Attempt 2, next/).waitFor({ state: "attached" });
    await detail.getByText(/Attempt 3, planned/).waitFor({ state: "attached" });
    await detail
      .getByRole("region", { name: "the last error" })
      .getByText(/disk of staging/)
      .waitFor();

    answer(202);
    await page.getByRole("row").filter({ hasText: "Delivered" }).waitFor();
    await detail.getByText(/Attempt 2, delivered/).waitFor({ state: "attached" });
    await detail.getByText("202", { exact: true }).waitFor();
    expect(await detail.getByText("500", { exact: true }).count()).toBe(1);
    expect(await page.evaluate(() => "untouched" in window)).toBe(true);
    expect(errors).toEqual([]);
  });

  it("is worked by keyboard alone: retry now, cancel with undo, choose and replay", async (ctx) => {
    const { hub, client, answer, fake, open } = await stage(ctx, 500, [600_000]);
    for (const id of ["a", "b", "c"]) await hub.client.post({ id });
    await until("all wait", async () => fake.received.length === 3);
    const { page, errors } = await open("overview");
    await page.getByRole("heading", { name: "Rates" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("o");
    await page.getByRole("row").nth(2).waitFor();

    await page.keyboard.press("j");
    await page.keyboard.press("C");
    await page.getByText("1 entry will be cancelled", { exact: false }).first().waitFor();
    await page.getByRole("button", { name: "Undo" }).press("Enter");
    expect(await stateOf(client)).toEqual(["pending", "pending", "pending"]);

    answer(202);
    await page.keyboard.press("r");
    await until("one is delivered", async () => (await stateOf(client))[0] === "delivered");
    await page.getByRole("grid").and(page.locator("[aria-rowcount='2']")).waitFor();

    await page.getByRole("grid").focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Shift+End");
    await page.getByText("2 chosen").waitFor();
    await page.keyboard.press("r");
    await page.getByRole("button", { name: "Retry 2 entries" }).press("Enter");
    await until("all are delivered", async () => (await stateOf(client)).every((state) => state === "delivered"));
    await page.getByText("Nothing is owed").waitFor();
    expect(errors).toEqual([]);
  });

  it("groups dead letters by cause, and replays a group as a job with progress, cancel and history", async (ctx) => {
    const at = await stage(ctx, 422);
    const { hub, client, answer, open } = at;
    await deadLetters(at, 520);
    answer(202);
    const { page, errors } = await open("outbox?state=dead");
    const group = page.getByRole("list", { name: "Dead letters by cause" }).getByRole("listitem");
    expect(await group.textContent()).toContain("520");
    expect(await group.textContent()).toContain("the disk of staging is full");

    // A job goes on only while nobody holds its rows: so it stands still as long as it is looked at.
    const holder = new pg.Client({ connectionString: hub.database.url });
    await holder.connect();
    onTestFinished(() => holder.end());
    await holder.query("BEGIN");
    await holder.query(
      "SELECT 1 FROM outbox_done WHERE seq = (SELECT max(seq) FROM outbox_done WHERE state = 'dead') FOR UPDATE",
    );

    await group.getByRole("button", { name: /^Replay 520/ }).click();
    await page.getByRole("button", { name: "Replay 520 entries" }).click();
    const bar = page.getByRole("progressbar");
    await until("it has made a step", async () => Number(await bar.getAttribute("aria-valuenow")) === 96);
    await page.getByText("500 of 520").waitFor();
    await page.getByRole("region", { name: "Replays under way" }).getByRole("button", { name: "Cancel" }).click();
    await bar.waitFor({ state: "detached" });
    await holder.query("ROLLBACK");

    await page.getByRole("button", { name: "Replays" }).click();
    const job = page.getByRole("list", { name: "Replays" }).getByRole("listitem");
    await job.getByText("500 of 520 sent again").waitFor();
    expect(await job.textContent()).toContain("Cancelled");
    expect((await client.outbox.count(ALL_DEAD)).count).toBe(20);
    expect(errors).toEqual([]);
  });

  it("asks for the name of a production peer before it replays its dead letters", async (ctx) => {
    const at = await stage(ctx, 422);
    const [peer] = await at.client.peers.list();
    await at.client.peers.update({
      id: peer?.id ?? "",
      environment: "production",
      receiveOnly: false,
      confirm: "staging",
    });
    await deadLetters(at, 2);
    at.answer(202);
    const { page, errors } = await at.open("outbox?state=dead");
    await page.getByRole("button", { name: "Replay all…" }).click();
    const replay = page.getByRole("button", { name: "Replay 2 entries" });
    await replay.waitFor();
    expect(await replay.isDisabled()).toBe(true);
    await page.getByRole("textbox", { name: "Type staging to send to production" }).fill("staging");
    await replay.click();
    await until("both are delivered", async () => (await stateOf(at.client)).every((state) => state === "delivered"));
    expect(errors).toEqual([]);
  });

  it("cancels everything that is listed: the count first, then some seconds to undo", async (ctx) => {
    const at = await stage(ctx, 422);
    await deadLetters(at, 3);
    const { page, errors } = await at.open("outbox?state=dead");
    await page.getByRole("row").nth(2).waitFor();
    await page.getByRole("button", { name: "Cancel all…" }).click();
    await page.getByRole("button", { name: "Cancel 3 entries" }).click();
    await page.getByText("3 entries will be cancelled", { exact: true }).waitFor();
    expect((await at.client.outbox.count(ALL_DEAD)).count).toBe(3);
    await page.getByRole("button", { name: "Dismiss" }).click();
    await page.getByText("No dead letters").waitFor();
    expect(await stateOf(at.client)).toEqual(["cancelled", "cancelled", "cancelled"]);
    expect(errors).toEqual([]);
  });

  it("edits an event and sends it again, with the changes beside it", async (ctx) => {
    const at = await stage(ctx, 422);
    await at.hub.client.post({ id: "wrong", data: { amount: 1 } });
    await until("it is dead", async () => (await at.client.outbox.count(ALL_DEAD)).count === 1);
    at.answer(202);
    const { page, errors } = await at.open("outbox?state=dead");
    await page.getByRole("row").click();
    await page.getByRole("article").waitFor();
    await page.keyboard.press("E");
    const data = page.getByLabel("Data");
    const text = await data.inputValue();
    await data.fill("{");
    await page
      .getByRole("alert")
      .getByText(/This is not JSON/)
      .waitFor();
    await data.fill(text.replace('"amount": 1', '"amount": 2'));
    await page.getByRole("region", { name: "Changes" }).getByText("1 change").waitFor();
    await page.getByRole("button", { name: "Send 1 event to staging" }).click();
    await until("it is delivered", async () => (await stateOf(at.client)).join() === "cancelled,delivered");
    expect(at.fake.received.at(-1)?.body.toString()).toContain('"amount": 2');
    expect(errors).toEqual([]);
  });

  it("says that an entry is not there", async (ctx) => {
    const { open } = await stage(ctx, 202);
    const { page } = await open("outbox/999-1-0");
    await page.getByText("There is no outbox entry 999-1-0; retention may have taken it.").waitFor();
  });

  for (const theme of ["dark", "light"] as const)
    it(`has no accessibility fault axe can find, ${theme}`, async (ctx) => {
      const at = await stage(ctx, 422);
      await deadLetters(at, 2);
      at.answer(500);
      await at.hub.client.post({ id: "owed" });
      const { page } = await at.open("outbox", theme);
      for (const view of [/^Dead letters/, /^Owed/, /^Replays/]) {
        await page.getByRole("button", { name: view }).click();
        if (view.test("Replays")) await page.getByText("No replays yet").waitFor();
        else {
          await page.getByRole("row").first().click();
          await page.getByRole("article").waitFor();
        }
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${view} ${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual(
          [],
        );
      }
    });
});
