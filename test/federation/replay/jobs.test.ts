import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Replays } from "../../../src/main/hub/api/index.ts";
import { HubError } from "../../../src/main/hub/errors.ts";
import type { ReplayService } from "../../../src/main/hub/federation/replay/index.ts";
import type { Peer } from "../../../src/main/hub/model.ts";
import { candidate } from "../../support/log-harness.ts";
import { copyVia } from "../relax/relax-fixture.ts";
import { sharedDatabase } from "../relax/shared-database.ts";
import { asRequest, ReplayFixture } from "./replay-fixture.ts";

const freshDatabase = sharedDatabase();
let fixture: ReplayFixture;
let service: ReplayService;
let x: Peer;
let y: Peer;

beforeEach(async () => {
  fixture = await ReplayFixture.open(await freshDatabase());
  x = await fixture.ledger.peer("x");
  y = await fixture.ledger.peer("y");
  service = fixture.serve();
});

afterEach(async () => {
  await fixture.close();
  expect(fixture.errors).toEqual([]);
});

const states = async (): Promise<string[]> =>
  (await fixture.ledger.entries()).map(
    ({ seq, peer, gen, state, replay }) => `${seq} ${peer} ${gen} ${state}${replay ? " replay" : ""}`,
  );

describe("to peers, by the routing of then", () => {
  test("dead letters of a peer come back: due now, their attempts kept, their schedule begun anew", async () => {
    await fixture.events(3);
    await fixture.ledger.finish(x, "fail");
    await fixture.ledger.finish(y, "deliver");
    await fixture.hub.rows(
      "UPDATE outbox_done SET attempts = ARRAY['0192d3a0-0000-7000-8000-000000000001']::uuid[], last_error = 'no'",
    );
    fixture.hub.now += 3_600_000;
    const job = await fixture.run(service, { filter: { peer_id: x.id, state: "dead" } });
    expect(job).toMatchObject({ state: "done", total: 3, done: 3, skipped: 0, error: null });
    expect(job.finishedAt?.getTime()).toBe(fixture.hub.now);
    expect(await states()).toEqual([
      "1 x 0 pending replay",
      "1 y 0 delivered",
      "2 x 0 pending replay",
      "2 y 0 delivered",
      "3 x 0 pending replay",
      "3 y 0 delivered",
    ]);
    const [row] = await fixture.hub.rows(
      "SELECT tries, cardinality(attempts) AS attempts, last_error, created_at, available_at FROM outbox",
    );
    const at = new Date(fixture.hub.now);
    expect(row).toEqual({ tries: 0, attempts: 1, last_error: "no", created_at: at, available_at: at });
    expect([...fixture.woken]).toEqual([x.no]);
    expect(await fixture.ledger.counts("replay")).toEqual([{ peer: x.no, reason: "", n: 3 }]);
    expect(await fixture.ledger.claim(x)).toMatchObject([{ replay: true, tries: 0, firstTriedAt: null }, {}, {}]);
  });

  test("a filter on cause, type, time and peer takes what matches all of it", async () => {
    const at = fixture.hub.now;
    await fixture.events(4, (n) => ({ type: n % 2 === 0 ? "com.stripe.charge" : "com.github.push" }));
    fixture.hub.now = at + 60_000;
    await fixture.hub.log.accept(candidate({ id: "late", type: "com.stripe.refund" }));
    await fixture.ledger.finish(x, "fail");
    await fixture.ledger.finish(y, "fail");
    await fixture.hub.rows("UPDATE outbox_done SET cause = 'http_413' WHERE seq = 2 AND peer = $1", [x.no]);
    const since = new Date(at + 1_000).toISOString();
    const count = (filter: object): Promise<number> => service.count("team", asRequest({ filter }));
    expect(await count({ state: "dead" })).toBe(10);
    expect(await count({ state: "dead", type: "stripe.*" })).toBe(6);
    expect(await count({ type: "stripe.*", peer_id: x.id })).toBe(3);
    expect(await count({ state: "dead", since })).toBe(2);
    expect(await count({ state: "dead", until: since })).toBe(8);
    expect(await count({ cause: "http_413" })).toBe(1);
    expect(await count({ state: "delivered" })).toBe(0);
    const job = await fixture.run(service, { filter: { type: "stripe.*", cause: "http_400", until: since } });
    expect(job).toMatchObject({ total: 3, done: 3 });
    expect((await states()).filter((entry) => entry.includes("pending"))).toEqual([
      "2 y 0 pending replay",
      "4 x 0 pending replay",
      "4 y 0 pending replay",
    ]);
  });

  test("an entry that waits becomes due in its place, one that is being sent is left alone, never a second one beside it", async () => {
    await fixture.events(2);
    const [first] = await fixture.ledger.claim(x);
    await fixture.hub.rows("UPDATE outbox SET available_at = now() + interval '1 day' WHERE state = 'pending'");
    const entry_ids = [`1-${x.no}-0`, `1-${y.no}-0`, `2-${y.no}-0`, `9-${y.no}-0`];
    const job = await fixture.run(service, { filter: { entry_ids } });
    expect(job).toMatchObject({ state: "done", total: 2, done: 2, skipped: 0 });
    expect(first?.seq).toBe(1);
    expect(await fixture.ledger.claim(y)).toHaveLength(2);
    expect(await fixture.ledger.entries()).toHaveLength(4);
  });

  test("a cancelled entry stays as it is, and gets a new one", async () => {
    await fixture.events(1);
    await fixture.ledger.finish(x, "abandon");
    const job = await fixture.run(service, { filter: { state: "cancelled" } });
    expect(job).toMatchObject({ total: 1, done: 1 });
    expect(await states()).toEqual(["1 x 0 cancelled", "1 x 1 pending replay", "1 y 0 pending"]);
  });

  test("of an event and a peer only the newest entry is replayed", async () => {
    await fixture.ledger.accept("e", copyVia("s", "a"));
    await fixture.ledger.finish(x, "deliver");
    await fixture.ledger.again("e", copyVia("s"));
    expect(await service.count("team", asRequest({ filter: { peer_id: x.id } }))).toBe(0);
    await fixture.ledger.finish(x, "deliver");
    const job = await fixture.run(service, { filter: { peer_id: x.id } });
    expect(job).toMatchObject({ total: 1, done: 1 });
    expect((await states()).slice(0, 2)).toEqual(["1 x 0 delivered", "1 x 1 pending replay"]);
  });

  test("nothing is sent to a revoked peer", async () => {
    await fixture.events(2);
    await fixture.ledger.finish(x, "fail");
    await fixture.hub.admin.updatePeer("team", x.id, { status: "revoked" });
    const job = await fixture.run(service, { filter: { state: "dead" } });
    expect(job).toMatchObject({ state: "done", total: 2, done: 0, skipped: 2 });
    expect((await states()).filter((entry) => entry.includes("replay"))).toEqual([]);
  });

  test("events and outcomes that came after the job are not its business", async () => {
    await fixture.events(1);
    await fixture.ledger.finish(x, "fail");
    await Promise.all(fixture.services.map((one) => one.stop()));
    const { id } = await service.create("team", asRequest({ filter: { state: "dead" } }));
    fixture.hub.now += 1_000;
    await fixture.ledger.finish(y, "fail");
    await fixture.events(3, (n) => ({ id: `later${n}` }));
    await fixture.ledger.finish(x, "fail");
    expect(await fixture.ended(fixture.serve(), id)).toMatchObject({ total: 1, done: 1 });
    expect((await states()).filter((entry) => entry.includes("replay"))).toEqual(["1 x 0 pending replay"]);
  });
});

describe("to listeners", () => {
  test("events are shown again in their order, under new seqs, and no peer gets anything", async () => {
    await fixture.events(4, (n) => ({ type: n === 3 ? "com.other" : "com.example.order" }));
    fixture.hub.published.length = 0;
    const before = await fixture.ledger.entries();
    const job = await fixture.run(service, { filter: { type: "com.example.*" }, targets: "listeners" });
    expect(job).toMatchObject({ state: "done", total: 3, done: 3 });
    expect(fixture.hub.published.map(({ seq, id, replayOf }) => ({ seq, id, replayOf }))).toEqual([
      { seq: 5, id: "e1", replayOf: 1 },
      { seq: 6, id: "e2", replayOf: 2 },
      { seq: 7, id: "e4", replayOf: 4 },
    ]);
    expect(await fixture.ledger.entries()).toEqual(before);
    // What was only shown again is not an event of its own: the next replay does not show it twice.
    expect(await service.count("team", asRequest({ filter: {}, targets: "listeners" }))).toBe(4);
  });

  test("a filter on entries chooses events, each once, whatever the number of its peers", async () => {
    await fixture.events(3);
    await fixture.ledger.finish(x, "fail");
    await fixture.ledger.finish(y, "fail");
    expect(await fixture.run(service, { filter: { state: "dead" }, targets: "listeners" })).toMatchObject({
      total: 3,
      done: 3,
    });
    expect(await fixture.shownAgain()).toEqual([1, 2, 3]);
    const both = await fixture.run(service, { filter: { entry_ids: [`2-${x.no}-0`, `2-${y.no}-0`] }, targets: "both" });
    expect(both).toMatchObject({ total: 3, done: 3 });
    expect(await fixture.shownAgain()).toEqual([1, 2, 3, 2]);
  });

  test("large events are shown in steps that fit into memory", async () => {
    const data = `"${"x".repeat(250_000)}"`;
    await fixture.events(40, () => ({ data, dataBytes: data.length }));
    expect(await fixture.run(service, { filter: {}, targets: "listeners" })).toMatchObject({ done: 40 });
    expect(await fixture.shownAgain()).toHaveLength(40);
  });
});

describe("by the routing of now", () => {
  test("what a limit stopped is forwarded once it was raised; who has it already is left alone", async () => {
    const far = await fixture.ledger.peer("far", { maxHops: 1 });
    await fixture.events(3, (n) => ({ copy: copyVia("s", ...(n === 3 ? ["a", "b"] : [])) }));
    await fixture.ledger.finish(x, "deliver");
    const request = { filter: { reason: "hop_limit" }, routing: "now" } as const;
    expect(await service.count("team", asRequest(request))).toBe(3);
    await fixture.hub.admin.updatePeer("team", far.id, { maxHops: 2 });
    const job = await fixture.run(service, request);
    expect(job).toMatchObject({ state: "done", total: 3, done: 2, skipped: 1 });
    expect((await states()).filter((entry) => entry.includes("far") || entry.includes("replay"))).toEqual([
      "1 far 0 pending replay",
      "2 far 0 pending replay",
    ]);
    expect((await fixture.ledger.drops()).filter(({ peer }) => peer === "far")).toEqual([
      { seq: 3, peer: "far", reason: "hop_limit", evidence: '{"hops":3,"limit":2}' },
    ]);
  });

  test("a peer that was added later gets what came before it, with the decisions of now", async () => {
    await fixture.events(3, (n) => ({ type: n === 2 ? "com.other" : "com.stripe.charge" }));
    const late = await fixture.ledger.peer("late", { scopes: ["stripe.*"] });
    const job = await fixture.run(service, { filter: { peer_id: late.id }, routing: "now" });
    expect(job).toMatchObject({ total: 3, done: 2, skipped: 1 });
    expect((await states()).filter((entry) => entry.includes("late"))).toEqual([
      "1 late 0 pending replay",
      "3 late 0 pending replay",
    ]);
    expect(await fixture.ledger.drops()).toMatchObject([{ seq: 2, peer: "late", reason: "out_of_scope" }]);
    expect(await fixture.ledger.counts("drop")).toEqual([{ peer: late.no, reason: "out_of_scope", n: 1 }]);
  });

  test("with a state, only the entries in it are decided again", async () => {
    await fixture.events(2);
    await fixture.ledger.finish(x, "fail");
    await fixture.ledger.finish(y, "deliver");
    const job = await fixture.run(service, { filter: { state: "dead" }, routing: "now" });
    expect(job).toMatchObject({ total: 2, done: 2 });
    expect(await states()).toEqual([
      "1 x 0 pending replay",
      "1 y 0 delivered",
      "2 x 0 pending replay",
      "2 y 0 delivered",
    ]);
  });

  test("without a filter on entries everybody gets it again: delivered, dead and cancelled", async () => {
    const z = await fixture.ledger.peer("z");
    await fixture.events(1);
    await fixture.ledger.finish(x, "deliver");
    await fixture.ledger.finish(y, "fail");
    await fixture.ledger.finish(z, "abandon");
    await fixture.run(service, { filter: { seqs: [1] }, routing: "now" });
    expect(await states()).toEqual([
      "1 x 0 pending replay",
      "1 y 0 pending replay",
      "1 z 0 cancelled",
      "1 z 1 pending replay",
    ]);
  });

  test("what a scope of now shuts out stays what it was", async () => {
    await fixture.events(1);
    await fixture.ledger.finish(x, "deliver");
    await fixture.hub.admin.updatePeer("team", x.id, { scopes: ["nothing"] });
    const job = await fixture.run(service, { filter: { seqs: [1], peer_id: x.id }, routing: "now" });
    expect(job).toMatchObject({ done: 0, skipped: 1 });
    expect(await states()).toEqual(["1 x 0 delivered", "1 y 0 pending"]);
    expect(await fixture.ledger.drops()).toEqual([]);
  });
});

describe("under a new id", () => {
  test("events become new events that name the old ones, and go to everybody", async () => {
    await fixture.events(2, () => ({ attrs: '"subject":"a,\\"b","x":1.5' }));
    await fixture.ledger.finish(x, "deliver");
    const request = { filter: { seqs: [1] }, targets: "both", routing: "now", id: "new" } as const;
    const job = await fixture.run(service, request);
    expect(job).toMatchObject({ state: "done", total: 1, done: 1 });
    const fresh = fixture.hub.published.at(-1);
    expect(fresh).toMatchObject({
      seq: 3,
      source: "https://example.com/orders",
      data: '{"total":12.50}',
      replayOf: null,
    });
    expect(fresh?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(fresh?.attrs).toBe('"subject":"a,\\"b","x":1.5,"kitereplayof":"e1"');
    expect((await states()).filter((entry) => entry.startsWith("3"))).toEqual(["3 x 0 pending", "3 y 0 pending"]);

    await fixture.run(service, { ...request, filter: { seqs: [3] } });
    expect(fixture.hub.published.at(-1)?.attrs).toBe(`"subject":"a,\\"b","x":1.5,"kitereplayof":"${fresh?.id}"`);
    expect(fixture.hub.published.at(-1)?.id).not.toBe(fresh?.id);
  });

  test("a step that is repeated makes no event twice", async () => {
    await fixture.events(5);
    let failures = 2;
    await service.stop();
    const { log } = fixture.hub;
    const flaky = fixture.serve({
      acceptor: {
        accept: async (event) => {
          const result = await log.accept(event);
          if (failures-- > 0) throw new HubError("unavailable");
          return result;
        },
        acceptMany: (events) => log.acceptMany(events),
      },
    });
    const job = await fixture.run(flaky, { filter: {}, targets: "both", routing: "now", id: "new" });
    expect(job).toMatchObject({ state: "done", total: 5, done: 5 });
    expect(await fixture.hub.rows("SELECT seq FROM events")).toHaveLength(10);
  });
});

describe("requests that make no sense", () => {
  test.each([
    [{ filter: { peer_id: "0192d3a0-0000-7000-8000-000000000099" } }, /no peer/],
    [{ filter: {}, id: "new" }, /targets "both"/],
    [{ filter: {}, id: "new", targets: "both" }, /routing "now"/],
    [{ filter: { reason: "hop_limit" } }, /routing "now"/],
    [{ filter: { reason: "hop_limit", state: "dead" }, routing: "now" }, /not by both/],
    [{ filter: { seqs: [1], state: "dead" }, routing: "now" }, /seqs/],
    [{ filter: { since: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z" } }, /before until/],
  ] as const)("%j is refused with what to do", async (request, message) => {
    await expect(service.count("team", asRequest(request))).rejects.toThrow(message);
    await expect(service.create("team", asRequest(request))).rejects.toMatchObject({ code: "bad_request" });
    expect(await service.list("team", { before: null, limit: 10 })).toEqual([]);
  });
});

test("jobs are listed newest first, by team, and paged", async () => {
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) {
    ids.unshift((await fixture.run(service, { filter: {} })).id);
    fixture.hub.now += i;
  }
  const first = await service.list("team", { before: null, limit: 2 });
  const last = first.at(-1);
  const rest = await service.list("team", { before: last ?? null, limit: 2 });
  expect([...first, ...rest].map((job) => job.id)).toEqual(ids);
  expect(await service.list("other", { before: null, limit: 2 })).toEqual([]);
  expect(await service.get("other", ids[0] ?? "")).toBeNull();
  await expect(service.cancel("team", ids[0] ?? "")).rejects.toMatchObject({ code: "conflict" });
  await expect(service.cancel("other", ids[0] ?? "")).rejects.toMatchObject({ code: "not_found" });
});

test("the service is what the API asks for", () => {
  const replays: Replays = service;
  expect(replays).toBe(service);
});

describe("one entry", () => {
  test("dead, delivered, cancelled and waiting ones are sent again", async () => {
    await fixture.events(4);
    const claimed = await fixture.ledger.claim(x);
    await fixture.ledger.settle(claimed.slice(0, 1), "fail");
    await fixture.ledger.settle(claimed.slice(1, 2), "deliver");
    await fixture.ledger.settle(claimed.slice(2, 3), "abandon");
    await fixture.ledger.settle(claimed.slice(3, 4), "release");
    await fixture.hub.rows("UPDATE outbox SET available_at = now() + interval '1 day'");
    for (const seq of [1, 2, 3, 4]) await service.replayEntry("team", { seq, peer: x.no, gen: 0 });
    expect((await states()).filter((entry) => entry.includes(" x "))).toEqual([
      "1 x 0 pending replay",
      "2 x 0 pending replay",
      "3 x 0 cancelled",
      "3 x 1 pending replay",
      "4 x 0 pending",
    ]);
    expect(await fixture.ledger.claim(x)).toHaveLength(4);
    expect([...fixture.woken]).toEqual([x.no]);
  });

  test("and the others are refused with the reason", async () => {
    await fixture.ledger.accept("e", copyVia("s", "a"));
    const sending = await fixture.ledger.claim(x);
    const entry = { seq: 1, peer: x.no, gen: 0 };
    await expect(service.replayEntry("team", entry)).rejects.toThrow(/being sent/);
    await fixture.ledger.again("e", copyVia("s"));
    await fixture.ledger.settle(sending, "deliver");
    await expect(service.replayEntry("team", entry)).rejects.toThrow(/1-1-1, has taken its place/);
    await expect(service.replayEntry("team", { ...entry, gen: 7 })).rejects.toMatchObject({ code: "not_found" });
    await expect(service.replayEntry("team", { ...entry, peer: 99 })).rejects.toMatchObject({ code: "not_found" });
    await expect(service.replayEntry("elsewhere", entry)).rejects.toMatchObject({ code: "not_found" });
    await fixture.ledger.finish(x, "deliver");
    await fixture.hub.rows("DELETE FROM events");
    await expect(service.replayEntry("team", { ...entry, gen: 1 })).rejects.toThrow(/Retention/);
    await fixture.hub.admin.updatePeer("team", x.id, { status: "revoked" });
    await expect(service.replayEntry("team", { ...entry, gen: 1 })).rejects.toMatchObject({ code: "conflict" });
  });

  test("an event can be replayed by its seq", async () => {
    await fixture.events(2);
    const { id } = await service.replayEvent("team", 2, { targets: "listeners", routing: "then", id: "same" });
    expect(await fixture.ended(service, id)).toMatchObject({ done: 1 });
    expect(await fixture.shownAgain()).toEqual([2]);
  });
});
