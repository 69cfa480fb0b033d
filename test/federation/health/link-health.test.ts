import { expect, onTestFinished, test } from "vitest";
import { signBody } from "../../../src/main/hub/federation/outbound/index.ts";
import type { LinkReport } from "../../../src/main/hub/links.ts";
import { pair } from "../../support/hub-client.ts";
import { openRealHub, type RealHub } from "../../support/real-hub.ts";
import { StreamClient } from "../../support/stream-client.ts";
import { until } from "../../support/until.ts";
import { FakePeer, takesSingles } from "../outbound/fake-peer.ts";

async function reportOf(hub: RealHub): Promise<LinkReport> {
  const [report] = await hub.hub.links.reports.list("team");
  if (report === undefined) throw new Error("there is no peer");
  return report;
}

const directionOf = (report: LinkReport, name: string) => report.directions.find(({ direction }) => direction === name);

async function push(hub: RealHub, token: string, id: string, headers: Record<string, string> = {}, key = token) {
  const provenance = { kitefedorigin: "half", kitefedchain: '["half"]', kitefedhops: 1 };
  const event = {
    specversion: "1.0",
    id,
    source: "https://peer.example",
    type: "com.example.a",
    ...provenance,
    data: {},
  };
  const body = JSON.stringify(event);
  const answer = await fetch(hub.client.peerHookUrl, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "x-kite-signature": signBody(key, body),
      "content-type": "application/cloudevents+json",
      ...headers,
    },
    body,
  });
  return { status: answer.status, text: await answer.text() };
}

test("a peer that takes nothing and sends well fails in one direction only", async () => {
  const hub = await openRealHub({ instanceId: "here" });
  const broken = await FakePeer.start(() => ({ status: 500 }));
  onTestFinished(() => broken.stop());
  await hub.client.createPeer({ name: "half", peer_hook_url: broken.url, outbound_token: "out", inbound_token: "in" });
  expect((await reportOf(hub)).state).toBe("waiting");
  await hub.client.post({ id: "owed" });
  expect((await push(hub, "in", "sent")).status).toBe(202);
  const report = await until("both directions were seen", async () => {
    const now = await reportOf(hub);
    return directionOf(now, "push_out")?.lastFailureAt && directionOf(now, "push_in")?.lastSuccessAt ? now : null;
  });
  expect(directionOf(report, "push_out")).toMatchObject({ state: "failing", backlog: 1, availability: 0 });
  expect(directionOf(report, "push_out")?.lastFailure).toContain("500");
  expect(directionOf(report, "push_in")).toMatchObject({ state: "active", failingSince: null, availability: 1 });

  // A wrong signature fails what comes in, and leaves what goes out as it is.
  const since = directionOf(report, "push_out")?.failingSince;
  expect((await push(hub, "in", "forged", {}, "wrong")).status).toBe(401);
  const later = await reportOf(hub);
  expect(directionOf(later, "push_in")).toMatchObject({
    state: "failing",
    lastFailure: "Its signature does not fit the body.",
  });
  broken.handler = takesSingles;
  await hub.hub.admin.updatePeer("team", report.peer.id, { status: "paused" });
  await until("it is paused", async () => directionOf(await reportOf(hub), "push_out")?.state === "paused");
  await hub.hub.admin.updatePeer("team", report.peer.id, { status: "active" });
  const mended = await until("it has recovered", async () => {
    const out = directionOf(await reportOf(hub), "push_out");
    return out?.state === "active" && out.backlog === 0 ? out : null;
  });
  expect([mended.failingSince, mended.backlog, since === null]).toEqual([null, 0, false]);
});

test("while a token is changed, both are taken; the old one ends with its time", async () => {
  const hub = await openRealHub({ instanceId: "here" });
  const peer = await hub.client.createPeer({
    name: "rotating",
    peer_hook_url: "http://127.0.0.1:1/",
    outbound_token: "out",
    inbound_token: "old",
    scopes: [],
  });
  const { token } = await hub.hub.admin.rotateInboundToken("team", peer.id, 60_000);
  expect((await push(hub, "old", "by-old")).status).toBe(202);
  expect((await push(hub, token, "by-new")).status).toBe(202);
  await hub.hub.admin.updatePeer("team", peer.id, { previousInbound: { token: "old", until: new Date(0) } });
  expect((await push(hub, "old", "too-late")).status).toBe(401);
  expect((await push(hub, token, "still-new")).status).toBe(202);
});

test("a peer that calls itself by another id is refused in both directions until it is accepted", async () => {
  const a = await openRealHub({ instanceId: "a" });
  const b = await openRealHub({ instanceId: "b" });
  const { atA, tokens } = await pair(a.client, b.client, { aToB: { instance_id: "b" } });
  const refused = await push(a, tokens[1] ?? "", "by-stranger", { "x-kite-instance": "not-b" });
  expect(refused.status).toBe(403);
  expect(refused.text).toContain("This instance knows you as b, and you call yourself not-b");
  await until("it was noted", () => a.hub.registry.peerById(atA.id)?.strangerId === "not-b");
  await a.client.post({ id: "held-back" });
  const report = await reportOf(a);
  expect(report).toMatchObject({ state: "failing" });
  expect(await b.client.events()).toEqual([]);
  const peer = a.hub.registry.peerById(atA.id);
  if (peer === undefined) throw new Error("the peer is there");
  await expect(a.hub.links.confirmInstance(peer, "a")).rejects.toThrow("this instance's own id");
  expect(directionOf(await reportOf(a), "push_in")?.failingSince).not.toBeNull();
  await a.hub.links.confirmInstance(peer, "b");
  // What it failed for is mended: it does not fail until the next request.
  expect(directionOf(await reportOf(a), "push_in")).toMatchObject({ state: "waiting", failingSince: null });
  await until("what was held back went out", async () => (await b.client.events()).length === 1);
});

test("a backlog is sent newest first where that was chosen, and oldest first elsewhere", async () => {
  const hub = await openRealHub({ instanceId: "here" });
  const peers = await Promise.all(["oldest", "newest"].map(() => FakePeer.start(takesSingles)));
  onTestFinished(async () => {
    for (const peer of peers) await peer.stop();
  });
  const made = [];
  for (const [index, name] of ["oldest", "newest"].entries()) {
    const url = peers[index]?.url ?? "";
    const peer = await hub.client.createPeer({
      name,
      peer_hook_url: url,
      outbound_token: name,
      inbound_token: `in-${name}`,
    });
    await hub.client.updatePeer(peer.id, { status: "paused", newest_first: name === "newest" });
    made.push(peer);
  }
  const ids = Array.from({ length: 100 }, (_, index) => `event-${index}`);
  await hub.client.postBatch(ids.map((id) => ({ id })));
  for (const peer of made) await hub.client.updatePeer(peer.id, { status: "active" });
  await until("both have everything", () => peers.every((peer) => peer.ids.length === ids.length));
  // Requests go out in parallel, so that neighbours may overtake: first come those from the chosen end.
  const place = (list: readonly string[], id: string): number => list.indexOf(id);
  const [oldest, newest] = peers.map((peer) => peer.ids);
  expect(place(oldest ?? [], "event-0")).toBeLessThan(40);
  expect(place(newest ?? [], "event-99")).toBeLessThan(40);
  expect(place(newest ?? [], "event-0")).toBeGreaterThan(60);
});

test("a peer that only reads is as well as its reading, and does not wait for what it never sends", async () => {
  const hub = await openRealHub({ instanceId: "here" });
  const made = { peer_hook_url: "http://127.0.0.1:1/hooks/team/kite", outbound_token: "out", inbound_token: "in" };
  const { no } = await hub.client.createPeer({ ...made, name: "reader", scopes: [] });
  const { token } = await hub.hub.admin.createKey("team", { name: null, permissions: ["stream"], peer: no });
  const readOnly = async (state: string) => {
    const { directions, ...report } = await reportOf(hub);
    expect(directions.map(({ direction }) => direction)).toEqual(["read"]);
    return report.state === state && directions[0]?.state === state;
  };
  expect(await readOnly("waiting")).toBe(true);
  const reader = await StreamClient.open({ ...hub.client.address, apiKey: token }, { clientId: "r" });
  onTestFinished(() => reader.drop());
  await until("it is seen to read", () => readOnly("active"));
  // Once it has sent something, that counts as well.
  expect((await push(hub, "in", "sent")).status).toBe(202);
  expect((await reportOf(hub)).directions.map(({ direction }) => direction)).toEqual(["push_in", "read"]);
});
