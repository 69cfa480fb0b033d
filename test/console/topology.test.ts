import { expect, onTestFinished, test } from "vitest";
import { FakePeer, takesSingles } from "../federation/outbound/fake-peer.ts";
import { openConsoleUnderTest, overPort } from "./console-under-test.ts";

test("the map has the peer that only reads, and says whether it does", async () => {
  const { hub, ...rest } = await openConsoleUnderTest();
  const { client } = await overPort({ hub, ...rest });
  const fake = await FakePeer.start(takesSingles);
  onTestFinished(() => fake.stop());
  const { token } = await client.peers.newToken();
  const made = { name: "reader", hookUrl: fake.url, outboundToken: "out", inboundToken: token };
  const peer = await client.peers.create(made);
  await client.peers.update({ id: peer.id, instanceId: "r", scopes: [] });
  const { key } = await client.keys.create({ name: "read by reader", permissions: ["stream"] });
  await hub.admin.handKey("team", key.id, peer.no);
  const read = async () => {
    const { edges } = await client.topology.get({ windowMinutes: 60 });
    return edges.filter(({ kind }) => kind === "read");
  };
  expect(await read()).toMatchObject([{ from: "here", to: "r", peerId: peer.id, state: "waiting", counts: null }]);
  // What is sent to it stands there already.
  await client.peers.update({ id: peer.id, scopes: ["*"] });
  expect(await read()).toEqual([]);
});
