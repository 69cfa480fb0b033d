import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { openRealHub, type RealHub } from "../support/real-hub.ts";
import { until } from "../support/until.ts";
import { WireClient } from "./frames.ts";

const sign = (token: string, body: string): string =>
  `sha256=${createHmac("sha256", token).update(body).digest("hex")}`;

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: Record<string, unknown>;
}

/** A real Kite server as far as the wire tells: takes one event at a time, checks both credentials, announces nothing. */
class KiteServer {
  readonly received: Received[] = [];
  readonly server: Server;
  status = 202;

  constructor(token: string) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString("utf8");
        const { authorization, "x-kite-signature": signature } = request.headers;
        const known = authorization === `Bearer ${token}` && signature === sign(token, body);
        const single = request.headers["content-type"] === "application/cloudevents+json";
        if (known && single && this.status < 300)
          this.received.push({ headers: request.headers, body, event: JSON.parse(body) });
        response.writeHead(known ? (single ? this.status : 415) : 401, { "content-type": "application/json" });
        response.end(JSON.stringify(known ? { id: "x" } : { error: "invalid signature" }));
      });
    });
  }

  async listen(): Promise<string> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    onTestFinished(() => {
      this.server.closeAllConnections();
      this.server.close();
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks/team-b/kite`;
  }
}

async function withPeer(): Promise<{ hub: RealHub; kite: KiteServer; out: string; into: string }> {
  const [out, into] = [`fed_${randomUUID()}`, `fed_${randomUUID()}`];
  const kite = new KiteServer(out);
  const url = await kite.listen();
  const hub = await openRealHub({ instanceId: "instance-a" });
  await hub.client.createPeer({ name: "instance-b", peer_hook_url: url, outbound_token: out, inbound_token: into });
  return { hub, kite, out, into };
}

describe("a real Kite server as a peer", () => {
  it("gets single events, signed over their bytes, with the provenance it expects", async () => {
    const { hub, kite } = await withPeer();
    for (const id of ["one", "two", "three"]) await hub.client.post({ id, type: "com.stripe.charge.succeeded" });
    await until("three events came", () => kite.received.length === 3);
    const { headers, event } = kite.received.find((each) => each.event["id"] === "one") ?? { headers: {}, event: {} };
    expect(headers["content-type"]).toBe("application/cloudevents+json");
    expect(event).toMatchObject({
      specversion: "1.0",
      id: "one",
      source: "https://shop.example",
      type: "com.stripe.charge.succeeded",
      kitefedorigin: "instance-a",
      kitefedchain: '["instance-a"]',
      kitefedhops: 1,
      data: { id: "one" },
    });
    for (const [name, value] of Object.entries(event))
      if (name !== "data")
        expect([name, typeof value]).toEqual([name, expect.stringMatching(/^(string|number|boolean)$/)]);
  });

  it("is known by its name where nobody told its id: what has been at instance-b is not sent there", async () => {
    const { hub, kite } = await withPeer();
    const chain = { kitefedorigin: "instance-b", kitefedchain: '["instance-b"]', kitefedhops: 1 };
    const post = (event: object): Promise<Response> =>
      fetch(hub.client.address.hookUrl, {
        method: "POST",
        headers: { "content-type": "application/cloudevents+json" },
        body: JSON.stringify({ specversion: "1.0", source: "https://s", type: "com.s.t", ...event }),
      });
    await post({ id: "was-there", ...chain });
    await post({ id: "was-not", kitefedorigin: "c", kitefedchain: '["c"]', kitefedhops: 1 });
    await until("an event came", () => kite.received.length === 1);
    expect(kite.received[0]?.event).toMatchObject({
      id: "was-not",
      kitefedchain: '["c","instance-a"]',
      kitefedhops: 2,
    });
    const [decision] = await hub.client.decisions({ outcome: "drop" });
    expect(decision).toMatchObject({ reason: "loop", evidence: { instance: "instance-b", known_by: "name" } });
  });

  it("that answers 415 to a batch, or any 2xx to an event, is served", async () => {
    const { hub, kite } = await withPeer();
    kite.status = 204;
    await Promise.all(Array.from({ length: 40 }, (_, i) => hub.client.post({ id: `n${i}` })));
    await until("all events came", () => kite.received.length === 40);
    await until("nothing is owed", async () => (await hub.client.owed()) === 0);
  });
});

/** An event on its way through the CLI's P2P sink: what `kite stream` received, with the sink's marks (CLI-0.1). */
function throughSink(event: Record<string, unknown>, instanceId: string): string | null {
  const chain = JSON.parse(String(event["kitefedchain"] ?? "[]")) as string[];
  if (chain.includes(instanceId)) return null;
  return JSON.stringify({
    ...event,
    kitefedorigin: event["kitefedorigin"] ?? instanceId,
    kitefedchain: JSON.stringify([...chain, instanceId]),
    kitefedhops: Number(event["kitefedhops"] ?? 0) + 1,
  });
}

describe("the CLI's own P2P sink as a caller", () => {
  const open: WireClient[] = [];
  afterEach(async () => {
    for (const client of open.splice(0)) await client.vanish();
  });

  it("carries what it streams from one hub into another", async () => {
    const [a, b] = [await openRealHub({ instanceId: "hub-a" }), await openRealHub({ instanceId: "hub-b" })];
    const token = "p2p_token";
    const peer = { name: "my-cli", peer_hook_url: `${a.client.address.url}/hooks/team/kite`, outbound_token: "unused" };
    await b.client.createPeer({ ...peer, inbound_token: token, scopes: ["nothing.*"] });
    const { apiKey, team } = a.client.address;
    const stream = await WireClient.connect(a.client.address.url, {
      type: "connect",
      version: 1,
      token: apiKey,
      team_id: team,
      scopes: ["*"],
      client_id: "p2p",
    });
    open.push(stream);
    await fetch(a.client.address.hookUrl, {
      method: "POST",
      body: '{"n":1}',
      headers: { "content-type": "application/json" },
    });
    await stream.until(() => stream.events.length === 1);
    const streamed = stream.events[0]?.event ?? {};
    const instanceId = randomUUID();
    const body = throughSink(streamed, instanceId) ?? "";
    const post = (text: string, more: Record<string, string> = {}): Promise<Response> =>
      fetch(`${b.client.address.url}/hooks/team/kite`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "x-kite-signature": sign(token, text),
          "content-type": "application/cloudevents+json",
          ...more,
        },
        body: text,
      });

    const first = await post(body);
    expect([first.status, await first.json()]).toEqual([202, { id: streamed["id"], created_at: expect.any(String) }]);
    const again = await post(body);
    expect([again.status, await again.json()]).toEqual([200, { status: "duplicate_ignored", id: streamed["id"] }]);
    const [event] = await b.client.events();
    expect(event).toMatchObject({
      id: streamed["id"],
      source: streamed["source"],
      copy: { origin: instanceId, chain: [instanceId], hops: 1 },
    });

    // hub-b's own event, streamed and sent back to it: not stored, and the sink must not try again.
    const own = throughSink({ ...streamed, id: "own", kitefedchain: '["hub-b"]', kitefedhops: "1" }, instanceId) ?? "";
    const back = await post(own);
    expect([back.status, (await back.json()) as object]).toEqual([200, { status: "own_id_in_chain", id: "own" }]);
    expect(await b.client.events()).toHaveLength(1);

    for (const [name, more, status] of [
      ["a signature of another body", { "x-kite-signature": sign(token, "other") }, 401],
      ["a signature by another token", { "x-kite-signature": sign("other", body) }, 401],
      ["no bearer", { authorization: "" }, 401],
      ["another bearer", { authorization: "Bearer other" }, 401],
    ] as const)
      expect([name, (await post(body, more)).status]).toEqual([name, status]);
    await until("five refusals were recorded", async () => (await b.client.refusals()).length >= 5);
  });
});

describe("an agent message by URL", () => {
  it("goes to the other instance by the peers' scopes, and finds its agent there", async () => {
    const [a, b] = [await openRealHub({ instanceId: "instance-a" }), await openRealHub({ instanceId: "instance-b" })];
    const [there, back] = ["token-there", "token-back"];
    const scopes = ["com.kite.agent.message"];
    await b.client.createPeer({
      name: "instance-a",
      peer_hook_url: a.client.peerHookUrl,
      outbound_token: back,
      inbound_token: there,
      scopes,
    });
    await a.client.createPeer({
      name: "instance-b",
      peer_hook_url: b.client.peerHookUrl,
      outbound_token: there,
      inbound_token: back,
      scopes,
    });
    const { apiKey, team } = b.client.address;
    const listen = await WireClient.connect(b.client.address.url, {
      type: "connect",
      version: 1,
      token: apiKey,
      team_id: team,
      scopes: ["agent_to:worker"],
      client_id: null,
    });
    onTestFinished(() => listen.vanish());
    // As the federation page shows it: a structured event, `to` a URL, `payload` any object, no from and no body.
    const event = {
      specversion: "1.0",
      id: "msg-1",
      source: "https://a.kite.example.com/agents/orchestrator",
      type: "com.kite.agent.message",
      data: { to: "https://b.kite.example.com/agents/worker", payload: { task: "summarise", ids: [1, 2] } },
    };
    await a.client.post({ id: "not-for-b", type: "com.example.order" });
    await fetch(a.client.address.hookUrl, {
      method: "POST",
      headers: { "content-type": "application/cloudevents+json" },
      body: JSON.stringify(event),
    });
    await listen.until(() => listen.events.length === 1);
    expect(listen.events[0]?.event).toMatchObject({
      ...event,
      kitefedorigin: "instance-a",
      kitefedchain: '["instance-a"]',
      kitefedhops: 1,
    });
    expect((await b.client.events()).map(({ id }) => id)).toEqual(["msg-1"]);
  });
});
