import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { CuttableProxy } from "../../support/cuttable-proxy.ts";
import { pair } from "../../support/hub-client.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";
import { openRealHub } from "../../support/real-hub.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { StreamClient } from "../../support/stream-client.ts";
import { until } from "../../support/until.ts";
import { linkOf, pull, whenReading, whenReadThrough } from "./pulling.ts";

const nonEmpty = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);

async function run(database: TestDatabase, ...statements: string[]): Promise<void> {
  const client = new pg.Client(database.connection);
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

const portOf = (url: string): number => Number(new URL(url).port);
const ids = (count: number, name: string): string[] => Array.from({ length: count }, (_, index) => `${name}-${index}`);

test("what is pulled arrives as if it had been pushed: with the peer in its chain, for listeners, and onward", async () => {
  const source = await openRealHub({ instanceId: "source" });
  const reader = await openRealHub({ instanceId: "reader" });
  const onward = await openRealHub({ instanceId: "onward" });
  await pair(reader.client, onward.client);
  const listener = await StreamClient.open(reader.client.address);
  const peer = await pull(reader, source);
  await whenReading(reader);

  await source.client.post({ id: "one" });
  const [event] = await until("it is here", async () => nonEmpty(await reader.client.events()));
  expect(event).toMatchObject({
    id: "one",
    via_peer_id: peer.id,
    copy: { origin: "source", chain: ["source"], hops: 1 },
  });
  await until("the listener has it", () => listener.events.length === 1);
  const [further] = await until("it went onward", async () => nonEmpty(await onward.client.events()));
  expect(further?.copy).toEqual({ origin: "source", chain: ["source", "reader"], hops: 2 });
  // Learned from what the instance says of itself.
  expect(reader.hub.registry.peerById(peer.id)).toMatchObject({ instanceId: "source", instanceIdFrom: "health" });
});

test("an event that has been here, and one beyond the link's limits, stay out, each with its reason", async () => {
  const source = await openRealHub({ instanceId: "source" });
  const reader = await openRealHub({ instanceId: "reader" });
  await pull(reader, source, { link: { scopes: ["com.example.*"], maxHops: 2 } });
  await whenReading(reader);
  const post = async (id: string, chain: string[], type = "com.example.order"): Promise<void> => {
    await source.hub.admin.updatePeer("team", peer.id, { instanceId: chain.at(-1) ?? null });
    const result = await source.hub.admin.rotateInboundToken("team", peer.id, 0);
    const { signBody } = await import("../../../src/main/hub/federation/outbound/index.ts");
    const body = JSON.stringify({
      specversion: "1.0",
      id,
      type,
      source: "https://shop.example",
      kitefedorigin: chain[0],
      kitefedchain: JSON.stringify(chain),
      kitefedhops: chain.length,
      data: {},
    });
    const answer = await fetch(source.client.peerHookUrl, {
      method: "POST",
      headers: {
        authorization: `Bearer ${result.token}`,
        "x-kite-signature": signBody(result.token, body),
        "content-type": "application/cloudevents+json",
      },
      body,
    });
    expect(answer.status).toBe(202);
  };
  const peer = await source.hub.admin.createPeer("team", {
    name: "elsewhere",
    hookUrl: "http://127.0.0.1:1/",
    outboundToken: "a",
    inboundToken: "b",
    scopes: [],
  });
  await post("was-here", ["reader"]);
  await post("too-far", ["x", "y"]);
  await post("out-of-scope", ["x"], "net.example.order");
  await post("good", ["x"]);
  await whenReadThrough(reader, 4);
  expect((await reader.client.events()).map(({ id, copy }) => [id, copy.chain])).toEqual([["good", ["x", "source"]]]);
  const refusals = await until("the refusals are written", async () => {
    const all = await reader.client.refusals();
    return all.length >= 3 ? all : null;
  });
  expect(Object.fromEntries(refusals.map(({ event, reason }) => [event?.id, reason]))).toEqual({
    "was-here": "loop",
    "too-far": "hop_limit",
    "out-of-scope": "out_of_scope",
  });
});

test("random disconnects, restarts of either side: every event once, in order, provenance right", async () => {
  const random = new SeededRandom(Number(process.env["KITE_CHAOS_SEED"] ?? Date.now() % 1_000_000));
  const databases = [await createTestDatabase(), await createTestDatabase()] as const;
  onTestFinished(async () => {
    for (const database of databases) await database.drop();
  });
  let source = await openRealHub({ instanceId: "source", database: databases[0] });
  let reader = await openRealHub({ instanceId: "reader", database: databases[1] });
  const proxy = await CuttableProxy.start(portOf(source.hub.url));
  await pull(reader, source, { url: `http://127.0.0.1:${proxy.port}` });
  await whenReading(reader);

  const wanted: string[] = [];
  for (let round = 0; round < 12; round++) {
    const some = ids(random.between(20, 150), `round-${round}`);
    wanted.push(...some);
    const disturb = random.between(0, 5);
    const posting = source.client.postBatch(some.map((id) => ({ id })));
    if (disturb <= 1) proxy.drop();
    await posting;
    if (disturb === 2) {
      proxy.cut();
      await source.client.post({ id: `cut-${round}` });
      wanted.push(`cut-${round}`);
      proxy.restore();
    }
    if (disturb === 3) {
      await source.hub.stop();
      source = await openRealHub({ instanceId: "source", database: databases[0] });
      proxy.target = portOf(source.hub.url);
    }
    if (disturb === 4) {
      await reader.hub.stop();
      reader = await openRealHub({ instanceId: "reader", database: databases[1] });
    }
    reader.hub.links.pulls.hurry();
  }
  const head = Math.max(...(await source.client.events()).map(({ seq }) => seq));
  await until(
    "everything was read",
    async () => {
      reader.hub.links.pulls.hurry();
      return ((await linkOf(reader)).cursor ?? 0) >= head;
    },
    30_000,
  );
  const events = await reader.client.events();
  expect(events.map(({ id }) => id)).toEqual(wanted);
  for (const { copy } of events) expect(copy).toEqual({ origin: "source", chain: ["source"], hops: 1 });
  expect((await linkOf(reader)).gaps).toEqual([]);
}, 60_000);

test("a reader that cannot store for a while holds up the peer instead of growing, and loses nothing", async () => {
  const source = await openRealHub({ instanceId: "source" });
  const reader = await openRealHub({ instanceId: "reader" });
  await pull(reader, source);
  await whenReading(reader);
  const holder = new pg.Client(reader.database.connection);
  await holder.connect();
  onTestFinished(() => holder.end());
  await holder.query("BEGIN");
  await holder.query("SELECT * FROM log_head FOR UPDATE");
  const wanted = ids(5_000, "slow");
  for (let at = 0; at < wanted.length; at += 250)
    await source.client.postBatch(wanted.slice(at, at + 250).map((id) => ({ id, data: { fill: "x".repeat(2_000) } })));
  // More than the reader takes into memory: the rest waits at the peer, and nothing is acknowledged.
  expect((await linkOf(reader)).cursor).toBe(0);
  await holder.query("COMMIT");
  await whenReadThrough(reader, wanted.length);
  expect((await reader.client.events()).map(({ id }) => id)).toEqual(wanted);
});

test("a cursor that the peer has lost is noticed: what it still lists is fetched, the rest is a gap", async () => {
  const source = await openRealHub({ instanceId: "source" });
  const reader = await openRealHub({ instanceId: "reader" });
  const peer = await pull(reader, source);
  await whenReading(reader);
  await source.client.post({ id: "before" });
  await whenReadThrough(reader, 1);
  await reader.hub.links.pulls.setStatus(peer, "paused");
  await source.client.postBatch(
    ids(1_200, "missed")
      .map((id) => ({ id }))
      .slice(0, 200),
  );
  for (let at = 200; at < 1_200; at += 200)
    await source.client.postBatch(
      ids(1_200, "missed")
        .map((id) => ({ id }))
        .slice(at, at + 200),
    );
  await run(source.database, "DELETE FROM cursors");
  await reader.hub.links.pulls.setStatus(peer, "active");
  const link = await whenReadThrough(reader, 1_201);
  // The peer lists its newest thousand.
  expect(link.gaps).toMatchObject([{ fromSeq: 2, toSeq: 201, reason: "not_resumed" }]);
  const seen = (await reader.client.events()).map(({ id }) => id);
  expect(seen).toEqual(["before", ...ids(1_200, "missed").slice(200)]);
});

test("until somebody confirms who the peer is, what was pulled stays here", async () => {
  const source = await openRealHub({ instanceId: "source" });
  const reader = await openRealHub({ instanceId: "reader" });
  const onward = await openRealHub({ instanceId: "onward" });
  await pair(reader.client, onward.client);
  // Without its /health, as a real Kite that does not tell its id.
  const proxy = await CuttableProxy.start(portOf(source.hub.url));
  const peer = await pull(reader, source, { url: `http://127.0.0.1:${proxy.port}` });
  await whenReading(reader);
  await reader.hub.admin.updatePeer("team", peer.id, { instanceId: null, instanceIdFrom: null });
  await source.client.post({ id: "early" });
  await whenReadThrough(reader, 1);
  await reader.hub.admin.updatePeer("team", peer.id, { instanceId: "source", instanceIdFrom: "pairing" });
  await source.client.post({ id: "late" });
  await whenReadThrough(reader, 2);
  await until("the confirmed one went onward", async () => (await onward.client.events()).length === 1);
  expect((await onward.client.events()).map(({ id, copy }) => [id, copy.chain])).toEqual([
    ["late", ["source", "reader"]],
  ]);
  const drops = await reader.client.decisions({ outcome: "drop", reason: "unconfirmed_instance" });
  expect(drops).toMatchObject([{ seq: 1, evidence: { instance: "?source" } }]);
});

test("two hubs on one database read a link one at a time, and the other goes on when the first ends", async () => {
  const source = await openRealHub({ instanceId: "source" });
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const one = await openRealHub({ instanceId: "reader", database, shared: true });
  await pull(one, source);
  await whenReading(one);
  const two = await openRealHub({ instanceId: "reader", database, shared: true });
  await source.client.post({ id: "first" });
  await whenReadThrough(one, 1);
  expect((await linkOf(two)).running).toBeNull();
  await one.hub.stop();
  await two.hub.links.pulls.look();
  await whenReading(two);
  await source.client.post({ id: "second" });
  await whenReadThrough(two, 2);
  expect((await two.client.events()).map(({ id }) => id)).toEqual(["first", "second"]);
});

test("another instance at the peer's address is refused until it is accepted", async () => {
  const source = await openRealHub({ instanceId: "source" });
  const stranger = await openRealHub({ instanceId: "stranger" });
  const reader = await openRealHub({ instanceId: "reader" });
  const proxy = await CuttableProxy.start(portOf(source.hub.url));
  const peer = await pull(reader, source, { url: `http://127.0.0.1:${proxy.port}` });
  await whenReading(reader);
  proxy.target = portOf(stranger.hub.url);
  proxy.drop();
  await until("it was noticed", () => reader.hub.registry.peerById(peer.id)?.strangerId === "stranger");
  const failed = await until("the link says so", async () => (await linkOf(reader)).running?.error);
  expect(failed.sentence).toBe(
    "Another instance answers there: it calls itself stranger, and this peer is source. " +
      "Accept the new instance if you replaced it; nothing is exchanged until then.",
  );
  const [report] = await reader.hub.links.reports.list("team");
  expect(report?.directions.find(({ direction }) => direction === "pull")).toMatchObject({ state: "failing" });
  await reader.hub.admin.updatePeer("team", peer.id, {
    instanceId: "stranger",
    instanceIdFrom: "pairing",
    strangerId: null,
  });
  const { team, apiKey } = stranger.client.address;
  await reader.hub.links.pulls.put(peer, { streamUrl: `ws://127.0.0.1:${proxy.port}/ws`, remoteTeam: team, apiKey });
  await whenReading(reader);
});
