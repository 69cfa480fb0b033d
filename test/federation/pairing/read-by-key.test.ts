import { expect, test } from "vitest";
import { z } from "zod";
import { Handover } from "../../../src/main/hub/federation/pairing/messages.ts";
import { type SetUp, setUpPull } from "../../../src/main/hub/federation/pairing/set-up.ts";
import { askRecent } from "../../../src/main/hub/federation/pull/ask-peer.ts";
import { Listener } from "../../stream/fixture.ts";
import type { RealHub } from "../../support/real-hub.ts";
import { until } from "../../support/until.ts";
import { readingOf, readingPair, TEAM, twoHubs } from "./pairing-hubs.ts";

const Stored = z.object({ event: z.looseObject({ data: z.unknown() }) });

/** The data of an event as a hub holds it, once it is there. */
async function dataAt(hub: RealHub, id: string): Promise<unknown> {
  const { seq } = await until(`${id} is there`, async () => (await hub.client.events()).find((each) => each.id === id));
  return Stored.parse(await hub.client.api("GET", `/api/federation/events/${seq}`)).event.data;
}

/** Where the maker's stream is, and the key that the opener was handed for it. */
async function handedTo(opener: RealHub) {
  const [peer] = opener.hub.registry.peersOf(TEAM);
  const pull = peer === undefined ? null : await opener.hub.links.pulls.settingsOf(peer);
  if (pull === null) throw new Error("the opener reads the maker");
  const { streamUrl: url, apiKey: token, remoteTeam: team } = pull;
  return { url, token, team, clientId: null, allowPrivate: false, userAgent: "test" };
}

const order = { type: "shop.order", data: { id: 7, card: { number: "4242", brand: "visa" } } };
const masked = { id: 7, card: { number: "[masked]", brand: "visa" } };

test("what a peer reads is masked as what is sent to it, live and from the log; others see all of it", async () => {
  const { maker, opener, peer } = await readingPair();
  const { admin } = maker.hub;
  await until("it is read", async () => (await readingOf(opener))?.phase === "reading");
  await maker.client.post({ ...order, id: "before-masks" });
  expect(await dataAt(opener, "before-masks")).toEqual(order.data);

  await admin.updatePeer(TEAM, peer.id, { masks: [{ types: "shop.*", path: "card.number" }] });
  const team = { url: maker.client.socketUrl, token: maker.client.address.apiKey };
  const listener = new Listener(team.url, { token: team.token, team_id: TEAM, scopes: ["*"] });
  await listener.until(({ type }) => type === "connected");
  await maker.client.post({ ...order, id: "live" });
  expect(await dataAt(opener, "live")).toEqual(masked);
  expect(await dataAt(maker, "live")).toEqual(order.data);
  expect((await listener.until(({ type }) => type === "event")).event?.["data"]).toEqual(order.data);
  listener.socket.terminate();

  await admin.updatePeer(TEAM, peer.id, { status: "paused" });
  await maker.client.post({ ...order, id: "from-the-log" });
  await admin.updatePeer(TEAM, peer.id, { status: "active" });
  opener.hub.links.pulls.hurry();
  expect(await dataAt(opener, "from-the-log")).toEqual(masked);

  const recent = await askRecent(await handedTo(opener), 10);
  expect(recent.map(({ text }) => text.includes("4242"))).toEqual([false, false, false]);
});

test("what is larger than a peer may get is not read by it, and nothing is missing for that", async () => {
  const { maker, opener, peer } = await readingPair();
  await maker.hub.admin.updatePeer(TEAM, peer.id, { maxBytes: 100 });
  await maker.client.post({ id: "large", data: "x".repeat(200) });
  await maker.client.post({ id: "small" });
  await until("the small one is there", async () => (await opener.client.events()).length > 0);
  expect((await opener.client.events()).map(({ id }) => id)).toEqual(["small"]);
  expect((await askRecent(await handedTo(opener), 10)).map(({ value }) => value)).toMatchObject([{ id: "small" }]);
  expect((await opener.hub.links.pulls.list(TEAM))[0]?.gaps).toEqual([]);
});

test("an older hub hands over no seq: its stream is read from the tail", async () => {
  const [older, reader] = await twoHubs();
  await older.client.post({ id: "before" });
  const { token } = await older.hub.admin.createKey(TEAM, { name: "read by laptop", permissions: ["stream"] });
  const hooks = { hookUrl: "https://unreachable.invalid", outboundToken: "out", inboundToken: "in" };
  const peer = await reader.hub.admin.createPeer(TEAM, { name: "older", instanceId: "staging", ...hooks });
  const { registry, admin, links } = reader.hub;
  const setUp: SetUp = {
    ...{ pairingId: "p", team: TEAM, role: "opener", choice: {}, allowPrivate: false },
    offer: { maker_to_opener: "pull", opener_to_maker: "none", scopes: ["*"], max_hops: 3 },
    other: { instance_id: "staging", team: TEAM, hook_url: null, stream_url: older.client.socketUrl },
    keys: { toOpener: "in", toMaker: "out", seal: "s" },
  };
  await setUpPull({ registry, admin, pulls: links.pulls }, setUp, peer, Handover.parse({ api_key: token }));
  await until("it is read", async () => (await readingOf(reader))?.cursor !== null);
  await older.client.post({ id: "after" });
  await until("it is here", async () => (await reader.client.events()).length > 0);
  expect((await reader.client.events()).map(({ id }) => id)).toEqual(["after"]);
});
