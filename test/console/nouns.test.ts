import { ORPCError } from "@orpc/client";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ConsoleClient } from "../../src/shared/contract/index.ts";
import { FakePeer, type Handler, takesSingles } from "../federation/outbound/fake-peer.ts";
import { StreamClient } from "../support/stream-client.ts";
import { until } from "../support/until.ts";
import { type ConsoleUnderTest, openConsoleUnderTest, TRANSPORTS } from "./console-under-test.ts";

async function fakePeer(handler: Handler = takesSingles): Promise<FakePeer> {
  const fake = await FakePeer.start(handler);
  onTestFinished(() => fake.stop());
  return fake;
}

async function addPeer(client: ConsoleClient, fake: FakePeer, name = "staging") {
  const { token } = await client.peers.newToken();
  return client.peers.create({ name, hookUrl: fake.url, outboundToken: "out", inboundToken: token });
}

/** What a call was refused with: the code of the contract, and its data. */
async function refusal(
  call: Promise<unknown>,
): Promise<{ code: string; message: string; data: unknown; defined: boolean }> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ORPCError)) throw new Error(`not refused by the contract: ${String(error)}`);
  const { code, message, data, defined } = error;
  return { code, message, data, defined };
}

const allDead = { filter: { peerId: null, state: "dead", cause: null }, ids: null } as const;
const allOwed = { filter: { peerId: null, state: "owed", cause: null }, ids: null } as const;

describe.each(TRANSPORTS)("over %s", (_name, connect) => {
  async function open(): Promise<{ hub: ConsoleUnderTest; client: ConsoleClient }> {
    const hub = await openConsoleUnderTest();
    const { client } = await connect(hub);
    return { hub, client };
  }

  test("the hub says who it is, how to reach it, and how it is", async () => {
    const { hub, client } = await open();
    expect(await client.hub.about()).toMatchObject({
      instanceId: "here",
      version: "0.0.0-test",
      team: "team",
      url: hub.url,
      database: "embedded",
    });
    const steps = await client.hub.firstSteps();
    expect(steps.hookUrl).toBe(hub.client.address.hookUrl);
    expect(steps.kiteStream).toContain(steps.apiKey);
    const posted = await fetch(steps.hookUrl, { method: "POST", body: "{}" });
    expect(posted.status).toBe(202);
    for await (const state of await client.hub.state()) {
      expect(state).toMatchObject({ phase: "running", problems: [], head: 1 });
      break;
    }
  });

  test("what changed is told, at first nothing", async () => {
    const { hub, client } = await open();
    const changes = await client.hub.changes();
    expect((await changes.next()).value).toEqual({ topics: [] });
    await hub.client.post({ id: "a" });
    expect((await changes.next()).value).toEqual({ topics: ["events"] });
    await client.views.save({ id: null, name: "orders", filter: "type:com.example.*" });
    expect((await changes.next()).value).toEqual({ topics: ["views"] });
    await changes.return?.(undefined);
  });

  test("peers are made, changed and removed, and what is wrong is said of the field", async () => {
    const { client } = await open();
    const fake = await fakePeer();
    const peer = await addPeer(client, fake);
    expect(peer).toMatchObject({ name: "staging", hookUrl: fake.url, maxHops: 3, scopes: ["*"], status: "active" });
    const changed = await client.peers.update({
      id: peer.id,
      maxHops: 5,
      scopes: ["com.*"],
      retry: { ages: [1_000, 5_000] },
      status: "paused",
    });
    expect(changed).toMatchObject({ maxHops: 5, scopes: ["com.*"], status: "paused", retry: { ages: [1_000, 5_000] } });
    expect((await client.peers.update({ id: peer.id, retry: null })).retry.ages.length).toBeGreaterThan(10);

    const stale = client.peers.update({ id: peer.id, ifVersion: peer.version, maxHops: 9 });
    expect(await refusal(stale)).toMatchObject({ code: "CONFLICT", defined: true });
    expect((await client.peers.get({ id: peer.id })).maxHops).toBe(5);

    const tokens = { outboundToken: "o", inboundToken: "i" };
    expect(await refusal(client.peers.create({ name: "x", hookUrl: "ftp://b", ...tokens }))).toMatchObject({
      code: "BAD_REQUEST",
      defined: true,
      data: { field: "hookUrl" },
    });
    expect(await refusal(client.peers.update({ id: peer.id, maxHops: 0 }))).toMatchObject({
      code: "BAD_REQUEST",
      data: { field: "maxHops" },
    });
    expect(await refusal(addPeer(client, fake))).toMatchObject({ code: "CONFLICT", defined: true });
    expect(await refusal(client.peers.get({ id: "nobody" }))).toMatchObject({ code: "NOT_FOUND" });
    expect(await client.peers.remove({ id: peer.id })).toEqual({ count: 0 });
    expect(await client.peers.list()).toEqual([]);
  });

  test("an event is shown whole: its way, its decisions, its entries and attempts", async () => {
    const { hub, client } = await open();
    const peer = await addPeer(client, await fakePeer());
    const other = await addPeer(client, await fakePeer(), "other");
    await client.peers.update({ id: other.id, scopes: ["nothing.*"] });
    await hub.client.post({ id: "a", data: { big: 1 } });
    await hub.client.post({ id: "a", data: { big: 2 } });
    await until(
      "it is delivered",
      async () => (await client.events.rows({ seqs: [1] }))[0]?.outcomes[0]?.state === "delivered",
    );

    const event = await client.events.get({ seq: 1 });
    expect(JSON.parse(event.event)).toMatchObject({ id: "a", kiteseq: 1, data: { big: 1 } });
    expect(event.arrivals).toMatchObject([{ kind: "conflict", data: '{"big":2}', via: null }]);
    const byPeer = new Map(event.decisions.map((decision) => [decision.peer.name, decision]));
    expect(byPeer.get("staging")).toMatchObject({ outcome: "forward", reason: null, entryId: `1-${peer.no}-0` });
    expect(byPeer.get("other")).toMatchObject({
      outcome: "drop",
      reason: "out_of_scope",
      evidence: { type: "com.example.order", scopes: ["nothing.*"] },
    });
    expect(byPeer.get("other")?.sentence).toContain("nothing.*");
    expect(event.entries).toMatchObject([{ id: `1-${peer.no}-0`, state: "delivered", tries: 1 }]);
    expect(event.attempts).toMatchObject([{ outcome: "delivered", status: 202, entries: 1 }]);
    expect(JSON.stringify(event.attempts)).not.toContain('"Bearer out"');
    expect(event.outcomes).toHaveLength(2);
    expect(await client.events.findById({ id: "a" })).toEqual([1]);
    expect(await client.events.findById({ id: "nope" })).toEqual([]);
    expect(await refusal(client.events.get({ seq: 99 }))).toMatchObject({ code: "NOT_FOUND" });

    const listed = await client.attempts.list({});
    expect(listed.items).toEqual(event.attempts);
    expect(await client.attempts.get({ id: listed.items[0]?.id ?? "" })).toEqual(event.attempts[0]);
    expect((await client.attempts.list({ failed: true })).items).toEqual([]);
  });

  test("an event is made by hand, and meets the checks that any other does", async () => {
    const { client } = await open();
    const sent = await client.events.send({ source: "demo", format: "json", body: '{"n":12345678901234567890}' });
    expect(sent).toMatchObject({ status: "accepted", seq: 1 });
    expect((await client.events.get({ seq: 1 })).event).toContain("12345678901234567890");
    const event = { specversion: "1.0", id: "x", source: "https://a", type: "com.a.b", data: {} };
    const input = { source: "demo", format: "cloudevent", body: JSON.stringify(event) } as const;
    expect(await client.events.send(input)).toEqual({ status: "accepted", seq: 2, id: "x" });
    expect(await client.events.send(input)).toEqual({ status: "duplicate", seq: 2, id: "x" });
    expect(await refusal(client.events.send({ ...input, format: "json", body: "{" }))).toMatchObject({
      code: "BAD_REQUEST",
      defined: true,
    });
    expect(await refusal(client.events.send({ ...input, source: "nobody" }))).toMatchObject({ code: "NOT_FOUND" });
  });

  test("what is owed is listed, retried, cancelled and replayed, one by one and together", async () => {
    const { hub, client } = await open();
    let status = 503;
    const fake = await fakePeer((request, count) => (status === 0 ? takesSingles(request, count) : { status }));
    const peer = await addPeer(client, fake);
    await hub.client.post({ id: "a" });
    const id = `1-${peer.no}-0`;
    const entry = () => client.outbox.get({ id });
    await until("it waits", async () => (await entry()).state === "pending" && (await entry()).tries > 0);
    expect(await entry()).toMatchObject({ waitReason: "schedule", event: { id: "a" }, peer: { name: "staging" } });
    expect((await entry()).schedule.filter(({ made }) => made)).toHaveLength((await entry()).tries);
    expect((await entry()).attempts[0]).toMatchObject({ status: 503 });
    const [lane] = await client.outbox.lanes();
    expect(lane).toMatchObject({ peer: { name: "staging" }, depth: 1, dead: 0, status: "active" });
    expect(lane?.failedLastMinute).toBeGreaterThan(0);
    expect(lane?.oldestAt).toBeGreaterThan(0);
    expect(await client.outbox.count(allOwed)).toEqual({ count: 1 });
    expect(await client.peers.owed({ id: peer.id })).toEqual({ count: 1 });
    const out = (await client.links.get({ peerId: peer.id })).directions.find((each) => each.direction === "push_out");
    expect(out).toMatchObject({ state: "failing", backlog: 1 });
    const failing = (await client.overview.get()).attention.find((each) => each.title === "staging is failing");
    expect(failing).toMatchObject({ to: `peers/${peer.id}`, since: out?.failingSince });
    const onMap = async () => (await client.topology.get({ windowMinutes: 60 })).edges.map(({ state }) => state);
    expect(await onMap()).toEqual(["failing"]);

    status = 422;
    await client.outbox.retryNow({ id });
    await until("it is dead", async () => (await entry()).state === "dead");
    const [group] = await client.outbox.deadGroups();
    expect(group).toMatchObject({ peer: { name: "staging" }, count: 1 });
    expect(group?.newestAt).toBeGreaterThan(0);
    // It answers, whatever it says of the event: no link fails.
    expect(await onMap()).toEqual(["active"]);
    expect((await client.outbox.list({ state: "dead" })).items.map((item) => item.id)).toEqual([id]);
    expect((await client.outbox.list({ state: "owed" })).items).toEqual([]);
    expect(await client.outbox.count(allDead)).toEqual({ count: 1 });
    expect((await client.overview.get()).attention.map(({ severity }) => severity)).toContain("error");

    status = 0;
    expect(await client.outbox.retryAll(allDead)).toEqual({ count: 1 });
    await until("it is delivered", async () => (await entry()).state === "delivered");
    await until("the job is done", async () => (await client.replays.list({})).items[0]?.state === "done");
    expect(await refusal(client.outbox.cancel({ id }))).toMatchObject({ code: "CONFLICT", defined: true });
    expect(await refusal(client.outbox.get({ id: "1-1" }))).toMatchObject({ code: "BAD_REQUEST" });

    status = 422;
    for (const name of ["b", "c", "d"]) await hub.client.post({ id: name });
    await until("they are dead", async () => (await client.outbox.count(allDead)).count === 3);
    const ids = (await client.outbox.list({ state: "dead" })).items.map((item) => item.id);
    expect(await client.outbox.cancelAll({ ...allDead, ids: ids.slice(0, 1) })).toEqual({ count: 1 });
    expect(await client.outbox.cancelAll(allDead)).toEqual({ count: 2 });
    expect((await client.outbox.list({ state: "cancelled" })).items).toHaveLength(3);
    expect(await client.outbox.cancelAll({ ...allDead, ids })).toEqual({ count: 0 });
  });

  test("what waits for a peer is cancelled together, and nothing that comes later", async () => {
    const { hub, client } = await open();
    const peer = await addPeer(client, await fakePeer());
    await client.peers.update({ id: peer.id, status: "paused" });
    for (const id of ["a", "b", "c"]) await hub.client.post({ id });
    await until("all are owed", async () => (await client.outbox.count(allOwed)).count === 3);
    expect(await client.outbox.cancelAll(allOwed)).toEqual({ count: 3 });
    await hub.client.post({ id: "d" });
    expect(await client.outbox.count(allOwed)).toEqual({ count: 1 });
    expect(
      await refusal(client.outbox.cancelAll({ ...allOwed, filter: { ...allOwed.filter, state: "delivered" } })),
    ).toMatchObject({
      code: "BAD_REQUEST",
    });
  });

  test("a dead letter is changed by hand and sent to its peer alone", async () => {
    const { hub, client } = await open();
    const fake = await fakePeer((request, count) =>
      request.body.includes("wrong") ? { status: 422 } : takesSingles(request, count),
    );
    const other = await fakePeer();
    const peer = await addPeer(client, fake);
    await addPeer(client, other, "other");
    await hub.client.post({ id: "a", data: { it: "wrong" } });
    const id = `1-${peer.no}-0`;
    await until("it is dead", async () => (await client.outbox.get({ id })).state === "dead");
    expect(await refusal(client.outbox.editAndResend({ id, body: "{" }))).toMatchObject({ data: { field: "body" } });
    const made = await client.outbox.editAndResend({ id, body: '{"it":"right"}' });
    expect(made.id).not.toBe("a");
    await until("it arrived", () => fake.ids.includes(made.id));
    expect(other.ids).toEqual(["a"]);
    expect((await client.outbox.get({ id })).state).toBe("cancelled");
    expect((await client.events.get({ seq: made.seq })).event).toContain('"kitereplayof":"a"');
  });

  test("replays are counted, made and followed", async () => {
    const { hub, client } = await open();
    const fake = await fakePeer();
    const peer = await addPeer(client, fake);
    for (const id of ["a", "b"]) await hub.client.post({ id });
    await until("both arrived", () => fake.ids.length === 2);
    const request = {
      filter: { peerId: peer.id, state: "delivered" },
      targets: "peers",
      routing: "then",
      id: "same",
    } as const;
    await until("both are written", async () => (await client.replays.count(request)).count === 2);
    const job = await client.replays.create(request);
    expect(job).toMatchObject({ total: 2, request: { filter: { peerId: peer.id, cause: null } } });
    await until("it is done", async () => (await client.replays.get({ id: job.id })).state === "done");
    await until("both arrived again", () => fake.ids.length === 4);
    expect(await refusal(client.replays.cancel({ id: job.id }))).toMatchObject({ code: "CONFLICT" });
    expect(await refusal(client.replays.get({ id: "nothing" }))).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusal(client.replays.create({ ...request, filter: {} }))).toMatchObject({
      code: "BAD_REQUEST",
      data: { field: "filter" },
    });
  });

  test("a replay's count tells which production peers it may go to, and it goes only with their names", async () => {
    const { hub, client } = await open();
    const fake = await fakePeer();
    const peer = await addPeer(client, fake, "prod");
    await client.peers.update({ id: peer.id, environment: "production", receiveOnly: false, confirm: "prod" });
    await hub.client.post({ id: "a" });
    await until("it arrived", () => fake.ids.length === 1);
    // What is on its way still is not sent a second time.
    await until("it is written", async () => (await client.outbox.get({ id: `1-${peer.no}-0` })).state === "delivered");
    const request = { filter: { seqs: [1] }, targets: "both" as const, routing: "then" as const, id: "same" as const };
    const { production } = await client.replays.count(request);
    expect(production).toEqual(["prod"]);
    expect((await client.replays.count({ ...request, targets: "listeners" })).production).toEqual([]);
    expect(await refusal(client.replays.create(request))).toMatchObject({ code: "CONFLICT" });
    await client.replays.create({ ...request, confirm: production });
    await until("it arrived again", () => fake.ids.length === 2);
  });

  test("listeners are seen, disconnected and forgotten", async () => {
    const { hub, client } = await open();
    const listener = await StreamClient.open(hub.client.address, { clientId: "cli", scopes: ["agent_to:bob"] });
    onTestFinished(() => listener.drop());
    expect(await client.listeners.list()).toMatchObject([
      { clientId: "cli", agents: ["bob"], cursor: 0, behind: 0, keyName: "this hub's stream key", expired: false },
    ]);
    expect(await refusal(client.listeners.forget({ clientId: "cli" }))).toMatchObject({ code: "CONFLICT" });
    await client.listeners.disconnect({ clientId: "cli" });
    await listener.closed;
    await until("it is gone", async () => (await client.listeners.list())[0]?.connectedAt === null);
    await client.listeners.forget({ clientId: "cli" });
    expect(await client.listeners.list()).toEqual([]);
    expect(await refusal(client.listeners.disconnect({ clientId: "cli" }))).toMatchObject({ code: "NOT_FOUND" });
  });

  test("endpoints, keys and refusals", async () => {
    const { hub, client } = await open();
    const made = await client.endpoints.create({ source: "shop" });
    expect((await fetch(made.urlWithToken, { method: "POST", body: "{}" })).status).toBe(202);
    const rotated = await client.endpoints.rotateToken({ id: made.endpoint.id });
    expect((await fetch(made.urlWithToken, { method: "POST", body: "{}" })).status).toBe(401);
    expect((await fetch(rotated.urlWithToken, { method: "POST", body: "{}" })).status).toBe(202);
    await until("the refusal is kept", async () => (await client.refusals.list({})).items.length === 1);
    expect((await client.refusals.list({ reason: "bad_token" })).items).toMatchObject([
      { route: "/hooks/team/shop", reason: "bad_token" },
    ]);
    expect((await client.endpoints.list()).find(({ source }) => source === "shop")).toMatchObject({
      active: true,
      lastEventSeq: 2,
      lastRefusal: { reason: "bad_token" },
    });
    expect(await refusal(client.endpoints.create({ source: "shop" }))).toMatchObject({ code: "CONFLICT" });
    expect(await refusal(client.endpoints.create({ source: "A b" }))).toMatchObject({ data: { field: "source" } });
    expect(await client.endpoints.deactivate({ id: made.endpoint.id })).toMatchObject({ active: false });

    const created = await client.keys.create({ name: "ci", permissions: ["read"] });
    expect(created.kite).toContain(created.secret);
    const listed = await client.keys.list();
    expect(JSON.stringify(listed)).not.toContain(created.secret);
    expect(listed.find(({ name }) => name === "ci")).toEqual(created.key);
    expect((await client.keys.revoke({ id: created.key.id })).revokedAt).not.toBeNull();
    const own = listed.find(({ prefix }) => hub.client.address.apiKey.includes(prefix));
    expect(await refusal(client.keys.revoke({ id: own?.id ?? "" }))).toMatchObject({ code: "CONFLICT" });
  });

  test("the overview counts what there is, and the rates are those of the rollups", async () => {
    const { hub, client } = await open();
    expect((await client.overview.get()).fresh).toBe(true);
    await addPeer(client, await fakePeer());
    for (const id of ["a", "b", "c"]) await hub.client.post({ id });
    await until("all are delivered", async () => {
      const points = await client.overview.rates({ minutes: 5, step: 60 });
      return points.reduce((sum, { delivered }) => sum + delivered, 0) === 3;
    });
    const points = await client.overview.rates({ minutes: 5, step: 60 });
    expect(points).toHaveLength(5);
    expect(points.reduce((sum, { received }) => sum + received, 0)).toBe(3);
    expect(await client.overview.get()).toMatchObject({
      fresh: false,
      attention: [],
      totals: { events: 3, eventsToday: 3, owed: 0, dead: 0, peers: 1, listeners: 0, endpoints: 1 },
    });
    expect(await refusal(client.overview.rates({ minutes: 44_640, step: 60 }))).toMatchObject({
      data: { field: "step" },
    });
  });

  test("the topology has its own links, and those that chains prove", async () => {
    const { hub, client } = await open();
    const peer = await addPeer(client, await fakePeer());
    await client.peers.update({ id: peer.id, instanceId: "b" });
    const body = JSON.stringify({
      specversion: "1.0",
      id: "far",
      source: "https://far",
      type: "com.far",
      kitefedorigin: "c",
      kitefedchain: '["c","b"]',
      kitefedhops: 2,
      data: {},
    });
    await client.events.send({ source: "demo", format: "cloudevent", body });
    await hub.client.post({ id: "near" });
    const { nodes, edges } = await client.topology.get({ windowMinutes: 60 });
    expect(nodes.map(({ key, kind }) => [key, kind])).toEqual([
      ["here", "self"],
      ["b", "peer"],
      ["c", "inferred"],
    ]);
    expect(edges.map(({ from, to, known }) => [from, to, known])).toEqual([
      ["here", "b", "own"],
      ["c", "b", "proven"],
      ["b", "here", "proven"],
    ]);
    const { findings } = await client.lint.list();
    expect(findings.filter(({ rule }) => rule === "cycle")).toMatchObject([
      {
        instances: ["here", "b"],
        sentence: expect.stringContaining("Where an event ends on it is not known") as string,
      },
    ]);
    const path = await client.topology.path({ seq: 1 });
    expect(path.map(({ edge, outcome, reason }) => [edge, outcome, reason])).toEqual([
      ["c>b", "came", null],
      ["b>here", "came", null],
      [peer.id, "dropped", "loop"],
    ]);
    // Every step is an edge of the map.
    expect(path.every(({ edge }) => edges.some(({ id }) => id === edge))).toBe(true);
  });

  test("the history is searched by a filter, counted and purged", async () => {
    const { hub, client } = await open();
    for (let n = 1; n <= 6; n++) await hub.client.post({ id: `e${n}`, type: n % 2 === 0 ? "com.even" : "com.odd" });
    const search = async (filter: string) => {
      const seqs: number[] = [];
      for await (const { rows } of await client.events.search({ filter })) seqs.push(...rows.map(({ seq }) => seq));
      return seqs;
    };
    expect(await search("")).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await search("type:com.even")).toEqual([6, 4, 2]);
    let facets: unknown;
    for await (const message of await client.events.facets({ filter: "", fields: ["type"] })) facets = message;
    expect(facets).toMatchObject({
      state: "done",
      matched: 6,
      fields: {
        type: [
          { value: "com.even", count: 3 },
          { value: "com.odd", count: 3 },
        ],
      },
    });
    const wrong = await client.events.search({ filter: "hops:>=many" });
    expect(await refusal(wrong.next())).toMatchObject({ code: "BAD_REQUEST", defined: true });

    const purge = { filter: "type:com.odd", before: null };
    expect(await client.events.purgeCount(purge)).toMatchObject({ count: 3 });
    let step: unknown;
    for await (const message of await client.events.purge(purge)) step = message;
    expect(step).toMatchObject({ purged: 3, total: 3, done: true });
    expect(await client.events.get({ seq: 1 })).toMatchObject({ id: "e1", dataCut: true });
    expect(await client.events.get({ seq: 2 })).toMatchObject({ id: "e2", dataCut: false });
    expect(await client.events.purgeCount(purge)).toMatchObject({ count: 0 });
  });

  test("settings are changed while the hub runs, and what is stored is shown", async () => {
    const { hub, client } = await open();
    expect((await client.settings.get()).keepPayload).toBe("all");
    expect(await client.settings.update({ keepPayload: "none", retentionDays: 3 })).toMatchObject({
      keepPayload: "none",
      retentionDays: 3,
    });
    expect(await client.settings.get()).toMatchObject({ keepPayload: "none" });
    expect(await refusal(client.settings.update({ retentionDays: 3_000 }))).toMatchObject({ code: "BAD_REQUEST" });
    await hub.client.post({ id: "a" });
    expect(await client.settings.storage()).toMatchObject({ events: 1, head: 1, oldestSeq: 1 });
    expect(await client.settings.config()).toEqual([]);
  });

  test("filters are kept under their names", async () => {
    const { client } = await open();
    const view = await client.views.save({ id: null, name: "orders", filter: "type:order" });
    await client.views.save({ ...view, name: "all orders" });
    expect(await client.views.list()).toEqual([{ ...view, name: "all orders" }]);
    await client.views.remove({ id: view.id });
    expect(await client.views.list()).toEqual([]);
    expect(await refusal(client.views.remove({ id: view.id }))).toMatchObject({ code: "NOT_FOUND" });
  });

  test("malformed input is said of its field, and what is inside stays inside", async () => {
    const { hub, client } = await open();
    const wrong = client.events.get as unknown as (input: unknown) => Promise<unknown>;
    expect(await refusal(wrong({ seq: "one" }))).toMatchObject({
      code: "BAD_REQUEST",
      defined: true,
      data: { field: "seq" },
    });
    // Something breaks that nobody has foreseen.
    await hub.hub.registry.snapshot;
    const broken = (hub.hub.registry as { peersOf: unknown }).peersOf;
    Object.assign(hub.hub.registry, {
      peersOf() {
        throw new Error("secret at /srv/kite");
      },
    });
    onTestFinished(() => {
      Object.assign(hub.hub.registry, { peersOf: broken });
    });
    const inner = await refusal(client.peers.list());
    expect(inner).toMatchObject({ code: "INTERNAL_SERVER_ERROR", defined: false });
    expect(JSON.stringify(inner)).not.toContain("secret");
  });
});
