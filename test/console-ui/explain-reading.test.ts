import type { Browser } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import { launch } from "./console-page.ts";
import { expectNoAxeFaults, openRealConsole, openScreen } from "./hub-screen.ts";

let browser: Browser | undefined;
afterAll(() => browser?.close());

test("a peer that only reads is on Explain's map, and told with what its key lets it see", async (ctx) => {
  browser ??= await launch(ctx);
  const hub = await openRealConsole();
  const made = { peer_hook_url: "http://127.0.0.1:1/hooks/team/kite", outbound_token: "a", inbound_token: "b" };
  const { no } = await hub.client.createPeer({ ...made, name: "Warehouse", scopes: [], instance_id: "warehouse" });
  const key = { name: "read", permissions: ["stream"], scopes: ["glob:shop.*"], peer: no, fromNow: true } as const;
  await hub.hub.admin.createKey("team", key);
  await hub.client.post({ id: "order", type: "shop.order" });
  await hub.client.post({ id: "note", type: "private.note" });

  const { page, errors } = await openScreen(browser, hub, "local/explain?seq=1");
  const reads = page.getByRole("region", { name: "Who reads it" });
  await reads.getByText("Warehouse: to come").waitFor();
  await page.getByRole("button", { name: /^Link from here to Warehouse, read by the peer/ }).waitFor();
  expect(await page.getByRole("region", { name: "Who does not get it" }).count()).toBe(0);
  await expectNoAxeFaults(page);

  const ask = page.getByRole("textbox", { name: /^Event to explain/ });
  await ask.fill("2");
  await ask.press("Enter");
  const missed = page.getByRole("region", { name: "Who does not get it" });
  await missed.getByText("matches none of the scopes of its key: glob:shop.*.").waitFor();
  await missed.getByText("not connected now", { exact: false }).waitFor();
  // It is said once.
  expect(await reads.count()).toBe(0);
  expect(errors).toEqual([]);
});
