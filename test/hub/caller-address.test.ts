import { expect, onTestFinished, test } from "vitest";
import type { HubInside } from "../../src/main/hub/index.ts";
import { openRealHub } from "../support/real-hub.ts";
import { StreamClient } from "../support/stream-client.ts";

/** The addresses that a hub shows for listeners who come with these X-Forwarded-For. */
async function shown(trustedProxies: readonly string[], ...forwarded: string[]): Promise<string[]> {
  let inside: HubInside | undefined;
  const { client } = await openRealHub({
    instanceId: "here",
    trustedProxies,
    mount: async (hub) => {
      inside = hub;
      return async () => undefined;
    },
  });
  for (const header of forwarded) {
    const listener = await StreamClient.open(client.address, { headers: { "x-forwarded-for": header } });
    onTestFinished(() => listener.drop());
  }
  return (inside?.sessions() ?? []).map(({ remote }) => remote);
}

test("a listener behind a trusted proxy is shown by its own address, not by the proxy's", async () => {
  const proxies = ["127.0.0.1", "10.0.0.0/8"];
  // What the caller itself has written stands before what the proxies have added; one that adds nothing passes on anything.
  const forwarded = ["192.0.2.7, 10.1.2.3", "203.0.113.1, 2001:db8::1", "x".repeat(200)];
  expect(await shown(proxies, ...forwarded)).toEqual(["192.0.2.7", "2001:db8::1", `${"x".repeat(63)}…`]);
});

test("whoever is no trusted proxy is shown as what it is, whatever it says", async () => {
  expect(await shown([], "192.0.2.7")).toEqual(["127.0.0.1"]);
  expect(await shown(["10.0.0.0/8"], "192.0.2.7")).toEqual(["127.0.0.1"]);
});
