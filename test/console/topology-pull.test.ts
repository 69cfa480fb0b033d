import { expect, test } from "vitest";
import { linkOf, pull, whenReading } from "../federation/pull/pulling.ts";
import { openRealHub } from "../support/real-hub.ts";
import { until } from "../support/until.ts";
import { openConsoleUnderTest, overPort } from "./console-under-test.ts";

test("an edge that is read fails with its link, whatever is pushed the other way, and is well again with it", async () => {
  const hub = await openConsoleUnderTest();
  const { client } = await overPort(hub);
  const source = await openRealHub({ instanceId: "there" });
  const { admin } = source.hub;
  const { team } = source.client.address;
  const newKey = (expiresAt: Date | null) => admin.createKey(team, { name: "read", permissions: ["read"], expiresAt });
  const { key, token } = await newKey(null);
  const peer = await pull(hub, source, { instanceId: "there", link: { apiKey: token } });
  await whenReading(hub);

  const pullEdge = async () => {
    const { edges } = await client.topology.get({ windowMinutes: 60 });
    expect(edges.map(({ from, to, kind }) => [from, to, kind])).toEqual([
      ["here", "there", "push"],
      ["there", "here", "pull"],
    ]);
    const [push, pulled] = edges;
    // Nothing is pushed, so nothing of that fails.
    expect(push?.state).toBe("active");
    return pulled;
  };
  const becomes = (state: string) =>
    until(`it is ${state}`, async () => {
      hub.hub.links.pulls.hurry();
      return (await pullEdge())?.state === state;
    });
  expect(await pullEdge()).toMatchObject({ state: "active", known: "own", peerId: peer.id });

  await admin.revokeKey(team, key.id);
  await becomes("failing");
  expect((await linkOf(hub)).running?.error?.code).toBe("unauthorized");

  const settings = await hub.hub.links.pulls.settingsOf(peer);
  if (settings === null) throw new Error("the link is there");
  const give = async (apiKey: string) => hub.hub.links.pulls.put(peer, { ...settings, apiKey });
  await give((await newKey(null)).token);
  await becomes("active");
  await give((await newKey(new Date(0))).token);
  await becomes("failing");
  expect((await linkOf(hub)).running?.error?.code).toBe("expired");

  await hub.hub.links.pulls.setStatus(peer, "paused");
  await until("it is paused", async () => (await pullEdge())?.state !== "failing");
});
