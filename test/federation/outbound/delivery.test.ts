import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signBody, signReplay } from "../../../src/main/hub/federation/outbound/index.ts";
import { insertEvents, makeEvent } from "../../support/events.ts";
import { FakePeer, results, takesBatches, takesSingles } from "./fake-peer.ts";
import { makePeer, Stage, TOKEN, until } from "./stage.ts";

let peer: FakePeer;
let stage: Stage;

beforeEach(async () => {
  peer = await FakePeer.start();
});

afterEach(async () => {
  await stage?.close();
  await peer.stop();
});

describe("a single delivery", () => {
  test("is on the wire as the sink of the CLI sends it", async () => {
    stage = await Stage.open([makePeer(1, peer.url)]);
    const [event] = await stage.events(1, { data: '{ "amount": 1.50, "name": "ünï" }', summary: null });
    if (event === undefined) throw new Error("no event");
    await stage.owe(1, [event]);
    await stage.start();
    await stage.settled(0, 1);

    expect(peer.received).toHaveLength(1);
    const [request] = peer.received;
    expect(request?.method).toBe("POST");
    expect(request?.path).toBe("/hooks/team-b/kite");
    expect(request?.body.toString()).toBe(
      `{"specversion":"1.0","id":"evt-1","source":"https://shop","type":"com.shop.order",` +
        `"time":"2026-01-01T00:00:00Z","datacontenttype":"application/json",` +
        String.raw`"kitefedorigin":"instance-a","kitefedchain":"[\"instance-a\"]","kitefedhops":1,` +
        `"data":{ "amount": 1.50, "name": "ünï" }}`,
    );
    const hmac = createHmac("sha256", TOKEN)
      .update(request?.body ?? "")
      .digest("hex");
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/cloudevents+json",
      "content-length": String(request?.body.length),
      "x-kite-signature": `sha256=${hmac}`,
      "x-kite-instance": "instance-a",
      "user-agent": "kite-desktop/test",
    });
    expect(request?.headers).not.toHaveProperty("x-kite-replay");
    expect(await stage.done()).toMatchObject([{ state: "delivered", result: "accepted", tries: 1, hops: 0 }]);
    expect(await stage.counts()).toEqual({ "1 attempt_ok": 1, "1 delivered": 1 });
  });

  test("carries on the chain of an event that came from elsewhere", async () => {
    stage = await Stage.open([makePeer(1, peer.url)]);
    const events = [
      makeEvent(1, { copy: { origin: "x", chain: '["x","y"]', hops: 2 } }),
      makeEvent(2, { copy: { origin: null, chain: "[]", hops: 0 } }),
      makeEvent(3, { copy: { origin: "x", chain: '["x"]', hops: 1 } }),
    ];
    await insertEvents(stage.db, events);
    await stage.owe(1, events);
    await stage.start();
    await stage.settled(0, 3);
    const chains = new Map(
      peer.received.flatMap(({ events: [event] }) => [
        [event?.id, [event?.kitefedorigin, event?.kitefedchain, event?.kitefedhops]],
      ]),
    );
    expect(chains.get("evt-1")).toEqual(["x", '["x","y","instance-a"]', 3]);
    expect(chains.get("evt-2")).toEqual(["instance-a", '["instance-a"]', 1]);
    expect(chains.get("evt-3")).toEqual(["x", '["x","instance-a"]', 2]);
  });

  test.each([
    [{ status: 202, body: '{"id":"x"}' }, "accepted"],
    [{ status: 200, body: '{"status":"duplicate_ignored","id":"x"}' }, "duplicate"],
    [{ status: 200, body: '{"status":"own_id_in_chain","id":"x"}' }, "own_id_in_chain"],
    [{ status: 200, body: '{"status":"replayed","id":"x"}' }, "replayed"],
    [{ status: 200, body: '{"status":"constructor"}' }, "delivered"],
    [{ status: 200, body: "ok" }, "delivered"],
    [{ status: 204 }, "delivered"],
  ])("answered %j has result %s", async (reply, result) => {
    peer.handler = () => reply;
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(1));
    await stage.start();
    await stage.settled(0, 1);
    expect(await stage.done()).toMatchObject([{ state: "delivered", result, cause: null }]);
  });

  test("of a replay carries a mark that is bound to the body", async () => {
    peer.handler = takesBatches;
    stage = await Stage.open([makePeer(1, peer.url, { batches: true })]);
    const events = await stage.events(3);
    await stage.owe(1, events.slice(0, 2));
    await stage.owe(1, events.slice(2), { replay: true, gen: 4 });
    await stage.start();
    await stage.settled(0, 3);
    const replay = peer.received.find(({ headers }) => headers["x-kite-replay"] !== undefined);
    expect(replay?.batch).toBe(false);
    expect(replay?.events.map(({ id }) => id)).toEqual(["evt-3"]);
    expect(replay?.headers["x-kite-replay"]).toBe("3-1-4");
    const signature = String(replay?.headers["x-kite-signature"]);
    expect(replay?.headers["x-kite-replay-signature"]).toBe(signReplay(TOKEN, "3-1-4", signature));
    expect(peer.received.filter(({ headers }) => headers["x-kite-replay"] !== undefined)).toHaveLength(1);
  });
});

describe("what is recorded of an attempt", () => {
  test("holds no secret, even when the peer sends it back", async () => {
    peer.handler = ({ headers }) => ({
      status: 500,
      headers: { "x-request-id": `r-${TOKEN}`, "set-cookie": "session=1" },
      body: `you sent ${JSON.stringify(headers)}\u0000 ${"x".repeat(10_000)}`,
    });
    stage = await Stage.open([makePeer(1, `${peer.url}?key=secret`)]);
    await stage.owe(1, await stage.events(1));
    await stage.start();
    await until(async () => (await stage.owed())[0]?.tries === 1, "the first try");

    const { rows } = await stage.sql.query<{ all: string }>(
      "SELECT (SELECT json_agg(a)::text FROM attempts a) || (SELECT json_agg(o)::text FROM outbox o) AS all",
    );
    expect(rows[0]?.all).not.toContain(TOKEN);
    expect(rows[0]?.all).not.toContain("key=secret");
    const signature = String(peer.received[0]?.headers["x-kite-signature"]);
    expect(rows[0]?.all).not.toContain(signature.slice("sha256=".length + 16));
    const [attempt] = await stage.attempts();
    expect(attempt).toMatchObject({
      outcome: "retry",
      status: 500,
      batch: false,
      entries: 1,
      first_seq: 1,
      last_seq: 1,
      request_bytes: peer.received[0]?.body.length,
      url: `${peer.url}?…`,
    });
    expect(JSON.parse(attempt?.request_headers ?? "")).toMatchObject({
      authorization: "Bearer ••••",
      "content-type": "application/cloudevents+json",
      "user-agent": "kite-desktop/test",
    });
    expect(JSON.parse(attempt?.response_headers ?? "")).toEqual({ "x-request-id": "r-••••" });
    expect(attempt?.response_body?.length).toBeLessThanOrEqual(4_097);
    expect((await stage.owed())[0]?.attempts).toEqual([attempt?.id]);
  });
});

describe("batches", () => {
  test("follow the peer's announcement", async () => {
    peer.handler = takesBatches;
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(200));
    await stage.start();
    await stage.settled(0, 200);
    expect(stage.announced).toEqual([{ peer: 1, instanceId: "instance-b" }]);
    const batches = peer.received.filter(({ batch }) => batch);
    expect(batches.length).toBeGreaterThan(0);
    for (const { body, headers } of batches) {
      expect(headers["content-type"]).toBe("application/cloudevents-batch+json");
      expect(headers["x-kite-signature"]).toBe(signBody(TOKEN, body));
    }
    expect(new Set(peer.ids).size).toBe(200);
    expect(peer.ids).toHaveLength(200);
    const counts = await stage.counts();
    expect(counts["1 delivered"]).toBe(200);
    expect(counts["1 attempt_ok"]).toBe(peer.received.length);
  });

  test("hold at most 256 events and about 1 MiB", async () => {
    peer.handler = takesBatches;
    stage = await Stage.open([makePeer(1, peer.url, { batches: true })]);
    const small = await stage.events(600);
    const large = await stage.events(12, { data: JSON.stringify("x".repeat(200_000)) }, 601);
    await stage.owe(1, [...small, ...large]);
    await stage.start();
    await stage.settled(0, 612);
    expect(Math.max(...peer.received.map(({ events }) => events.length))).toBe(256);
    expect(Math.max(...peer.received.map(({ body }) => body.length))).toBeLessThan(1_200_000);
    expect(peer.mostWaiting).toBeLessThanOrEqual(2);
    expect(peer.ids).toHaveLength(612);
  });

  test("that the peer does not know after all go as singles, without a counted attempt", async () => {
    peer.handler = takesSingles;
    stage = await Stage.open([makePeer(1, peer.url, { batches: true })]);
    await stage.owe(1, await stage.events(20));
    await stage.start();
    await stage.settled(0, 20);
    expect(peer.received[0]?.batch).toBe(true);
    expect(peer.received.slice(1).every(({ batch }) => !batch)).toBe(true);
    const done = await stage.done();
    expect(done.every(({ tries, state }) => tries === 1 && state === "delivered")).toBe(true);
    // Both the refused batch and the single stand in the entry's history.
    expect(done.every(({ attempts }) => attempts.length === 2)).toBe(true);
    expect((await stage.attempts()).filter(({ batch }) => batch)).toMatchObject([{ outcome: "split", status: 415 }]);
  });

  test("answered 2xx without results go again as singles", async () => {
    peer.handler = (request) => (request.batch ? { status: 200, body: "thanks" } : { status: 202 });
    stage = await Stage.open([makePeer(1, peer.url, { batches: true })]);
    await stage.owe(1, await stage.events(3));
    await stage.start();
    await stage.settled(0, 3);
    expect(peer.received.map(({ events }) => events.length)).toEqual([3, 1, 1, 1]);
  });

  test("have a result for each event", async () => {
    const statuses: Record<string, string> = {
      "evt-2": "duplicate",
      "evt-3": "own_id_in_chain",
      "evt-4": "too_large",
      "evt-5": "provenance_invalid",
      "evt-6": "invalid",
      "evt-7": "something_new",
    };
    peer.handler = (request) => ({
      status: 200,
      body: results(request, (id) => statuses[id] ?? "accepted"),
    });
    stage = await Stage.open([makePeer(1, peer.url, { batches: true })]);
    await stage.owe(1, await stage.events(8));
    await stage.start();
    await stage.settled(1, 7);
    const done = new Map((await stage.done()).map((row) => [row.seq, `${row.state} ${row.result} ${row.cause}`]));
    expect(Object.fromEntries(done)).toEqual({
      1: "delivered accepted null",
      2: "delivered duplicate null",
      3: "delivered own_id_in_chain null",
      4: "dead refused too_large",
      5: "dead refused provenance_invalid",
      6: "dead refused invalid",
      8: "delivered accepted null",
    });
    await until(async () => (await stage.owed())[0]?.state === "pending", "the seventh to go back");
    expect(await stage.owed()).toMatchObject([{ seq: 7, state: "pending", tries: 1, wait_reason: "schedule" }]);
    await stage.died(3);
    expect(stage.dead.map(({ seq, cause, event }) => [seq, cause, event?.id])).toEqual([
      [4, "too_large", "evt-4"],
      [5, "provenance_invalid", "evt-5"],
      [6, "invalid", "evt-6"],
    ]);
    expect(await stage.attempts()).toMatchObject([{ outcome: "partial", batch: true, entries: 8, status: 200 }]);
    expect(await stage.counts()).toEqual({
      "1 attempt_ok": 1,
      "1 delivered": 2,
      "1 delivered duplicate": 1,
      "1 delivered own_id_in_chain": 1,
      "1 dead too_large": 1,
      "1 dead provenance_invalid": 1,
      "1 dead invalid": 1,
    });
  });

  test("with a missing, a misplaced or an unreadable result send those events again", async () => {
    let first = true;
    peer.handler = (request) => {
      if (!first) return { status: 200, body: results(request) };
      first = false;
      const { results: list } = JSON.parse(results(request)) as { results: { id: string }[] };
      const odd = [list[0], { ...list[2] }, "nonsense", null, list[4]];
      return { status: 200, body: JSON.stringify({ results: odd }) };
    };
    stage = await Stage.open([makePeer(1, peer.url, { batches: true })]);
    await stage.owe(1, await stage.events(6));
    await stage.start();
    await stage.settled(4, 2);
    await until(async () => (await stage.owed()).every(({ state }) => state === "pending"), "the others to go back");
    expect((await stage.owed()).map(({ seq, tries }) => [seq, tries])).toEqual([
      [2, 1],
      [3, 1],
      [4, 1],
      [6, 1],
    ]);
    stage.now += 6_000;
    await stage.settled(0, 6);
    expect(peer.received[1]?.events.map(({ id }) => id)).toEqual(["evt-2", "evt-3", "evt-4", "evt-6"]);
  });

  test.each([400, 413, 422])("refused with %i are halved down to the one at fault", async (status) => {
    peer.handler = (request) => {
      if (request.events.some(({ id }) => id === "evt-70")) return { status, body: "one of these is bad" };
      return request.batch ? { status: 200, body: results(request) } : { status: 202 };
    };
    stage = await Stage.open([makePeer(1, peer.url, { batches: true })]);
    await stage.owe(1, await stage.events(128));
    await stage.start();
    await stage.settled(0, 128);
    const done = await stage.done();
    expect(done.filter(({ state }) => state === "delivered")).toHaveLength(127);
    const dead = done.find(({ state }) => state === "dead");
    expect(dead).toMatchObject({ seq: 70, result: "refused", cause: `http_${status}`, tries: 1 });
    expect(dead?.last_error).toContain("one of these is bad");
    // 128, 64, 32, 16, 8, 4, 2 and the single: the whole way stands in its history, and one attempt is counted.
    expect(dead?.attempts).toHaveLength(8);
    await stage.died(1);
    expect(stage.dead).toMatchObject([{ seq: 70, cause: `http_${status}`, tries: 1 }]);
    expect((await stage.attempts()).filter(({ outcome }) => outcome === "split")).toHaveLength(7);
  });
});
