import { expect, test } from "vitest";
import { PlainKite } from "../../support/plain-kite.ts";
import { openRealHub, type RealHub } from "../../support/real-hub.ts";
import { until } from "../../support/until.ts";
import { linkOf, whenReading, whenReadThrough } from "./pulling.ts";

async function pairWith(kite: PlainKite, reader: RealHub, adminKey: string | null) {
  return reader.hub.links.kite.pair("team", {
    url: kite.url,
    team: "their-team",
    name: "production",
    reachesUs: false,
    push: true,
    environment: "production",
    readKey: adminKey === null ? "kite_k_given" : null,
    adminKey,
  });
}

test("a real Kite that keeps no cursor: what it still lists is fetched, what it does not is a gap, nothing goes onward", async () => {
  const kite = await PlainKite.start();
  const reader = await openRealHub({ instanceId: "reader" });
  await reader.hub.admin.createPeer("team", {
    name: "onward",
    hookUrl: "http://127.0.0.1:1/",
    outboundToken: "o",
    inboundToken: "i",
  });
  await pairWith(kite, reader, null);
  await whenReading(reader);
  kite.post("one");
  await whenReadThrough(reader, 1);
  await until("it was acknowledged", () => kite.acks.includes(1));
  expect((await linkOf(reader)).confirmed).toBe(false);

  // It is away for two events, and lists them both.
  kite.drop();
  kite.post("two");
  kite.post("three");
  reader.hub.links.pulls.hurry();
  await whenReadThrough(reader, 3);
  expect((await linkOf(reader)).gaps).toEqual([]);
  // It is away for five, and only the last three are listed.
  await whenReading(reader);
  kite.drop();
  for (const id of ["four", "five", "six", "seven", "eight"]) kite.post(id);
  reader.hub.links.pulls.hurry();
  const link = await whenReadThrough(reader, 8);
  expect(link.gaps).toMatchObject([{ fromSeq: 4, toSeq: 5, reason: "not_resumed" }]);

  const events = await reader.client.events();
  expect(events.map(({ id }) => id)).toEqual(["one", "two", "three", "six", "seven", "eight"]);
  expect(events.map(({ copy }) => copy.chain)).toEqual(events.map(() => ["?production"]));
  const forwards = await reader.client.decisions({ outcome: "forward" });
  expect(forwards).toEqual([]);
});

test("with an admin key the server is set up from here, and the key is kept nowhere", async () => {
  const kite = await PlainKite.start();
  const reader = await openRealHub({ instanceId: "reader" });
  const { peer, todo, problem } = await pairWith(kite, reader, "kite_admin_x");
  expect([todo, problem]).toEqual([null, null]);
  // It cannot reach a laptop: it is told to send nothing, and is read instead.
  expect(kite.peers).toEqual([
    {
      name: "reader",
      peer_hook_url: reader.client.peerHookUrl,
      outbound_token: peer.inboundToken,
      inbound_token: peer.outboundToken,
      scopes: ["kite-desktop.nothing"],
      max_hops: 3,
    },
  ]);
  expect(kite.keys).toEqual([{ name: "read by reader", scopes: ["*"], permissions: ["read"], expires_at: null }]);
  expect(peer).toMatchObject({ environment: "production", receiveOnly: true });
  await whenReading(reader);
  expect(await reader.hub.links.pulls.settingsOf(peer)).toMatchObject({
    apiKey: "kite_k_made",
    remoteTeam: "their-team",
  });
});

test("a key that the server does not take leaves nothing behind, and is not repeated", async () => {
  const kite = await PlainKite.start();
  const reader = await openRealHub({ instanceId: "reader" });
  await expect(pairWith(kite, reader, "kite_admin_wrong")).rejects.toThrow(
    "The server does not take this admin key (HTTP 401): it must be one of the team, with the permission admin. " +
      "It says: bad key Bearer ••••",
  );
  expect(reader.hub.registry.peersOf("team")).toEqual([]);
});
