import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import type { HubAddress } from "../support/hub-client.ts";
import { openRealHub, type RealHub } from "../support/real-hub.ts";
import { rpc } from "../support/rpc.ts";
import { WireClient } from "./frames.ts";

const open: WireClient[] = [];
afterEach(async () => {
  for (const client of open.splice(0)) await client.vanish();
});

/** The connect frame of the Rust CLI: the client id is an explicit null unless `--client-id` was given. */
const connectFrame = ({ apiKey, team }: HubAddress, clientId: string | null = null, scopes = ["*"]): object => ({
  type: "connect",
  version: 1,
  token: apiKey,
  team_id: team,
  scopes,
  client_id: clientId,
});

async function connect(
  { client }: RealHub,
  frame: object = connectFrame(client.address),
  deflate = false,
): Promise<WireClient> {
  const wire = await WireClient.connect(client.address.url, frame, { deflate });
  open.push(wire);
  return wire;
}

let ids = 0;
/** Posts an event and returns its seq. */
async function post({ client }: RealHub, more: object = {}): Promise<number> {
  const { seq } = await client.post({ id: `evt-${++ids}`, ...more });
  if (seq === null) throw new Error("the event was not accepted");
  return seq;
}

describe("the handshake", () => {
  it("is answered by connected first, with a seq and a client id that is no null", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const seq = await post(hub);
    const wire = await connect(hub);
    expect(wire.frames[0]).toEqual({ type: "connected", last_seq: seq, client_id: expect.any(String) });
    await wire.settled();
    // The harness takes every later frame for an event: none of quota_snapshot's kind may come.
    expect(wire.frames.map(({ type }) => type)).toEqual(["connected", "response"]);
  });

  it.each([
    ["no client_id member at all", (a: HubAddress) => ({ ...connectFrame(a), client_id: undefined })],
    [
      "a client id of its own, compression offered, members nobody knows",
      (a: HubAddress) => ({ ...connectFrame(a, "agent-7f"), future: { a: [1] } }),
    ],
    ["a team with a colon", null],
  ])("takes %s", async (_name, frame) => {
    const hub = await openRealHub({ instanceId: "hub" });
    let { address } = hub.client;
    if (frame === null) {
      await hub.hub.admin.createTeam("clerk-user:user_abc", "Abc");
      const { token } = await hub.hub.admin.createKey("clerk-user:user_abc", { name: null, permissions: ["read"] });
      address = { ...address, team: "clerk-user:user_abc", apiKey: token };
    }
    const wire = await connect(hub, frame === null ? connectFrame(address) : frame(address), true);
    expect(wire.frames[0]?.type).toBe("connected");
    await wire.settled();
  });

  it.each([
    ["an unknown key", { token: "kite_deadbeef_cafebabecafebabe" }],
    ["no key", { token: "" }],
    ["another team", { team_id: "other" }],
  ])("refuses %s so that the CLI gives up", async (_name, change) => {
    const hub = await openRealHub({ instanceId: "hub" });
    const wire = await connect(hub, { ...connectFrame(hub.client.address), ...change });
    expect(wire.frames).toEqual([{ type: "error", code: 4001, message: expect.stringContaining("Invalid token") }]);
    await wire.closed;
  });

  it("answers pings", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const wire = await connect(hub);
    wire.socket.ping("are you there");
    const [data] = await once(wire.socket, "pong");
    expect(String(data)).toBe("are you there");
  });
});

describe("an event on the wire", () => {
  it("has a kiteseq that is its seq, and only values that the Rust client can read", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const wire = await connect(hub);
    const body = {
      specversion: "1.0",
      id: "x",
      source: "https://s",
      type: "com.s.t",
      flag: true,
      count: -7,
      name: "n",
      data: { deep: [1.5, null] },
    };
    await fetch(hub.client.address.hookUrl, {
      method: "POST",
      headers: { "content-type": "application/cloudevents+json; charset=utf-8", "X-Trace": "1" },
      body: JSON.stringify(body),
    });
    await wire.until(() => wire.events.length === 1);
    const [frame] = wire.events;
    const { data, ...attributes } = frame?.event ?? {};
    expect(data).toEqual(body.data);
    const { data: _, ...sent } = body;
    expect(attributes).toMatchObject({
      ...sent,
      kiteseq: frame?.seq,
      datacontenttype: "application/json",
    });
    expect(Date.parse(String(attributes["time"]))).toBeGreaterThan(0);
    for (const [name, value] of Object.entries(attributes)) {
      expect(name).toMatch(/^[a-z0-9]+$/);
      expect([
        name,
        typeof value === "number" ? Number.isSafeInteger(value) : /^(string|boolean)$/.test(typeof value),
      ]).toEqual([name, true]);
    }
    const headers = JSON.parse(String(attributes["kiteoriginalheaders"]));
    expect(headers).toMatchObject({ "content-type": "application/cloudevents+json; charset=utf-8", "x-trace": "1" });
    expect(Object.keys(headers)).not.toEqual(
      expect.arrayContaining(["host", "content-length", "connection", "accept-encoding"]),
    );
  });

  it("has a seq that no event of any team, nor of the hub's life before, has had", async () => {
    const first = await openRealHub({ instanceId: "hub" });
    const seqs = [await post(first), await post(first)];
    await first.hub.stop();
    const again = await openRealHub({ instanceId: "hub", database: first.database });
    const { token: hookToken } = await again.hub.admin.createHook("team", "after");
    const answer = await fetch(`${again.client.address.url}/hooks/team/after/${hookToken}`, {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    seqs.push(((await answer.json()) as { usage: { events_used: number } }).usage.events_used);
    expect(seqs).toEqual([1, 2, 3]);
  });
});

describe("odd clients", () => {
  it("one that never acknowledges gets everything again when it comes back", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const frame = connectFrame(hub.client.address, "never");
    const wire = await connect(hub, frame);
    const seqs = [await post(hub), await post(hub)];
    await wire.until(() => wire.events.length === 2);
    await wire.vanish();
    const back = await connect(hub, frame);
    await back.until(() => back.events.length === 2);
    expect(back.seqs).toEqual(seqs);
  });

  it("one whose handler failed drops without a close frame, and is sent that event again, but none before it", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const frame = connectFrame(hub.client.address, "proxy-1");
    const wire = await connect(hub, frame);
    const [done, failed] = [await post(hub), await post(hub)];
    await wire.untilSeq(failed);
    wire.send({ type: "ack", seq: done });
    await wire.settled();
    await wire.vanish();
    const back = await connect(hub, frame);
    await back.untilSeq(failed);
    expect(back.seqs).toEqual([failed]);
  });

  it("one that acknowledges seqs nobody sent, again, backwards and ahead of the log, goes on and skips nothing", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const frame = connectFrame(hub.client.address, "agent-invents");
    const wire = await connect(hub, frame);
    for (const seq of [1, 1, 0, 999, 2 ** 53 - 1]) wire.send({ type: "ack", seq });
    await wire.settled();
    const seqs = [await post(hub), await post(hub)];
    await wire.until(() => wire.events.length === 2);
    wire.send({ type: "ack", seq: seqs[0] });
    wire.send({ type: "ack", seq: 0 });
    await wire.settled();
    await wire.vanish();
    const back = await connect(hub, frame);
    await back.untilSeq(seqs[1] ?? 0);
    expect(back.seqs).toEqual([seqs[1]]);
  });

  it("without a client id begins live, and gets an id it may forget", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    await post(hub);
    const [a, b] = [await connect(hub), await connect(hub)];
    expect(a.frames[0]?.client_id).not.toBe(b.frames[0]?.client_id);
    const seq = await post(hub);
    await Promise.all([a.untilSeq(seq), b.untilSeq(seq)]);
    expect([a.seqs, b.seqs]).toEqual([[seq], [seq]]);
  });

  it("two sockets with one client id both get everything; what either acknowledges counts", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const frame = connectFrame(hub.client.address, "twice");
    const [a, b] = [await connect(hub, frame), await connect(hub, frame)];
    const seqs = [await post(hub), await post(hub)];
    await Promise.all([a.until(() => a.events.length === 2), b.until(() => b.events.length === 2)]);
    b.send({ type: "ack", seq: seqs[1] });
    await b.settled();
    await a.vanish();
    await b.vanish();
    const back = await connect(hub, frame);
    const next = await post(hub);
    await back.untilSeq(next);
    expect(back.seqs).toEqual([next]);
  });

  it("one that sends rubbish after the handshake is told, and stays", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const wire = await connect(hub);
    for (const text of [
      "not json",
      "[]",
      "{}",
      '{"type":"ack","seq":"1"}',
      '{"type":"ack","seq":-1}',
      '{"type":"subscribe"}',
    ])
      wire.send(text);
    await wire.settled();
    expect(wire.frames.filter(({ code }) => code === 4002)).toHaveLength(6);
    const seq = await post(hub);
    await wire.untilSeq(seq);
  });
});

describe("scopes", () => {
  it.each([
    [["*"], [1, 2, 3]],
    [["source:shop"], [1]],
    [["type:invoice"], [2]],
    [["source:demo"], [1, 2, 3]],
    [
      ["type:invoice", "source:shop.example"],
      [1, 2],
    ],
    [["type:INVOICE"], []],
  ])("%j", async (scopes, expected) => {
    const hub = await openRealHub({ instanceId: "hub" });
    const wire = await connect(hub, connectFrame(hub.client.address, null, scopes));
    const all = await connect(hub);
    await post(hub, { source: "https://shop.example", type: "com.example.order" });
    await post(hub, { source: "https://bank.example", type: "com.example.invoice.paid" });
    const last = await post(hub, { source: "https://mail.example", type: "com.example.mail" });
    await all.untilSeq(last);
    await wire.settled();
    expect(wire.seqs).toEqual(expected);
  });
});

describe("agent messages", () => {
  const send = ({ client }: RealHub, body: object): Promise<Response> =>
    fetch(`${client.address.url}/api/v1/agents/messages?team_id=${client.address.team}`, {
      method: "POST",
      headers: { authorization: `Bearer ${client.address.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  it("of `kite agent send` reach `kite agent listen` of that agent alone", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const beta = await connect(hub, connectFrame(hub.client.address, null, ["agent_to:agent-beta"]));
    const other = await connect(hub, connectFrame(hub.client.address, null, ["agent_to:agent-bet"]));
    const all = await connect(hub);
    const answer = await send(hub, {
      from: "agent-alpha",
      to: "agent-beta",
      body: "hello",
      thread_id: "t1",
      reply_to_id: null,
    });
    expect(answer.status).toBe(202);
    const { id, usage } = (await answer.json()) as { id: string; usage: { events_used: number } };
    await beta.until(() => beta.events.length === 1);
    expect(beta.events[0]?.event).toMatchObject({
      id,
      type: "com.kite.agent.message",
      source: "https://getkite.sh/agents/agent-alpha",
      data: { from: "agent-alpha", to: "agent-beta", body: "hello", thread_id: "t1" },
      kitesummary: "[agent msg] agent-alpha → agent-beta: hello",
    });
    expect(beta.events[0]?.event?.["data"]).not.toHaveProperty("reply_to_id");
    await all.untilSeq(usage.events_used);
    await other.settled();
    expect(other.events).toEqual([]);
  });

  it("in the shape of the federation page are found by the last part of the URL, and travel untouched", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const worker = await connect(hub, connectFrame(hub.client.address, null, ["agent_to:worker"]));
    const to = "https://b.kite.example.com/agents/worker";
    await send(hub, { from: "orchestrator", to, payload: { task: "x", n: 1.5 } });
    await worker.until(() => worker.events.length === 1);
    const event = worker.events[0]?.event;
    expect(event?.["source"]).toMatch(/\/agents\/orchestrator$/);
    expect(event?.["data"]).toEqual({ to, payload: { task: "x", n: 1.5 } });
  });
});

describe("management over the stream", () => {
  it("answers although events come in between", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    await Promise.all([
      rpc(hub.client.address, "dashboard.stats"),
      post(hub),
      rpc(hub.client.address, "events.recent", { limit: 100 }),
      post(hub),
    ]);
    const { payload } = await rpc(hub.client.address, "events.recent", {});
    const seqs = (payload["events"] as { seq: number }[]).map(({ seq }) => seq);
    expect(seqs).toEqual([2, 1]);
  });

  it("a key that is revoked, by RPC or REST, ends the streams it opened; an expired one does too", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const { address } = hub.client;
    const admin = { ...address, apiKey: address.adminKey };
    const make = async (): Promise<{ id: string; apiKey: string }> => {
      const { payload } = await rpc(admin, "keys.create", { permissions: ["read"] });
      return { id: String(payload["id"]), apiKey: String(payload["api_key"]) };
    };
    const [one, two] = [await make(), await make()];
    const first = await connect(hub, connectFrame({ ...address, apiKey: one.apiKey }));
    const second = await connect(hub, connectFrame({ ...address, apiKey: two.apiKey }));
    await rpc(admin, "keys.revoke", { id: one.id });
    expect(await first.closed).toBe(4001);
    expect(first.frames.at(-1)).toMatchObject({
      type: "error",
      code: 4001,
      message: expect.stringContaining("Invalid token"),
    });
    await hub.client.api("DELETE", `/api/v1/keys/${two.id}?team_id=team`);
    expect(await second.closed).toBe(4001);
    const { token } = await hub.hub.admin.createKey("team", {
      name: null,
      permissions: ["read"],
      expiresAt: new Date(Date.now() + 400),
    });
    const third = await connect(hub, connectFrame({ ...address, apiKey: token }));
    expect(await third.closed).toBe(4001);
  });
});
