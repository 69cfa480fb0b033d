import { expect, onTestFinished, test } from "vitest";
import { StreamClient } from "../support/stream-client.ts";
import { until } from "../support/until.ts";
import { openConsoleUnderTest, overPort } from "./console-under-test.ts";

const TEAM = "team";

async function withReader() {
  const hub = await openConsoleUnderTest();
  const { client } = await overPort(hub);
  const { admin } = hub.hub;
  const made = { peer_hook_url: "http://127.0.0.1:1/hooks/team/kite", outbound_token: "a", inbound_token: "b" };
  const { id } = await hub.client.createPeer({ ...made, name: "Warehouse", scopes: [], instance_id: "warehouse" });
  const peer = hub.hub.registry.peerById(id);
  if (peer === undefined) throw new Error("the peer is there");
  await hub.client.post({ id: "early", type: "shop.order" });
  const { key, token } = await admin.createKey(TEAM, {
    name: "read by warehouse",
    permissions: ["stream"],
    scopes: ["glob:shop.*"],
    peer: peer.no,
    fromNow: true,
  });
  const connect = async () => {
    const reader = await StreamClient.open({ ...hub.client.address, apiKey: token }, { clientId: "r" });
    onTestFinished(() => reader.drop());
    return reader;
  };
  const seqOf = async (eventId: string) => {
    const found = (await hub.client.events()).find((event) => event.id === eventId);
    if (found === undefined) throw new Error(`${eventId} is there`);
    return found.seq;
  };
  const ask = async (eventId: string) => {
    const { explanation } = await client.explain.event({ event: { seq: await seqOf(eventId) } });
    return explanation;
  };
  const readingOf = async (eventId: string) => (await ask(eventId)).readings[0];
  return { hub, client, admin, peer, key, connect, seqOf, ask, readingOf };
}

test("whether an event went to a peer that only reads is told from its cursor, its connection and its key", async () => {
  const { hub, client, admin, peer, key, connect, seqOf, ask, readingOf } = await withReader();
  await hub.client.post({ id: "order", type: "com.shop.order" });
  await hub.client.post({ id: "note", type: "private.note" });

  expect(await readingOf("early")).toMatchObject({
    outcome: "withheld",
    rule: "before_reading",
    keyPrefix: key.prefix,
  });
  expect(await readingOf("order")).toMatchObject({ outcome: "to_come", acknowledged: null, connectedSince: null });
  expect(await readingOf("note")).toMatchObject({ outcome: "withheld", rule: "out_of_scope" });
  // Nothing is pushed to it, which is no reason for anything.
  expect((await ask("order")).missed).toEqual([]);
  expect((await ask("note")).missed).toMatchObject([{ name: "Warehouse", perhaps: false }]);

  const reader = await connect();
  await until("it is sent", async () => (await readingOf("order"))?.outcome === "sent");
  expect((await readingOf("order"))?.connectedSince).toEqual(expect.any(Number));
  reader.ack(await seqOf("order"));
  await until("it is acknowledged", async () => (await readingOf("order"))?.outcome === "acknowledged");

  await reader.drop();
  await hub.client.post({ id: "later", type: "shop.order" });
  expect(await readingOf("later")).toMatchObject({ outcome: "to_come" });
  await client.peers.update({ id: peer.id, masks: [{ types: "*", path: "card.number" }], status: "paused" });
  const paused = await readingOf("later");
  expect(paused?.sentence).toContain("is paused here");
  expect(paused?.notes).toContain("Masked for it: card.number.");
  await client.peers.update({ id: peer.id, receiveOnly: true });
  expect(await readingOf("later")).toMatchObject({ outcome: "withheld", rule: "receive_only" });
  await admin.revokeKey(TEAM, key.id);
  expect(await readingOf("later")).toMatchObject({ outcome: "withheld", rule: "key_revoked" });
  // What it has read it has read.
  expect(await readingOf("order")).toMatchObject({ outcome: "acknowledged" });
});

test("an event that is only described is judged by the key and the limits of the peer", async () => {
  const { client } = await withReader();
  const reading = async (type: string, dataBytes = 1) =>
    (await client.explain.event({ event: { type, dataBytes } })).explanation.readings[0];
  expect(await reading("shop.order")).toMatchObject({ outcome: "to_come", rule: null });
  expect(await reading("shop.order", 2_000_000_000)).toMatchObject({ outcome: "withheld", rule: "too_large" });
  expect(await reading("kite.federation.delivery_failed")).toMatchObject({ rule: "internal_event" });
});
