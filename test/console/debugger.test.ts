import { expect, test } from "vitest";
import { LabFile } from "../../src/shared/lab/index.ts";
import { openHubWithLabs } from "../support/hub-with-labs.ts";
import { until } from "../support/until.ts";
import { overPort } from "./console-under-test.ts";

test("explains, lints and tries changes out on this hub, and applies its own", async () => {
  const hub = await openHubWithLabs();
  const peer = await hub.client.createPeer({
    name: "staging",
    peer_hook_url: "http://127.0.0.1:1/hooks/team/kite",
    outbound_token: "a",
    inbound_token: "b",
    scopes: ["stripe.*", "gihtub.*"],
    instance_id: "staging",
  });
  await hub.client.post({ id: "e1", type: "com.stripe.charge" });
  const { client } = await overPort(hub);

  const { explanation } = await client.explain.event({ event: { type: "com.github.push" } });
  expect(explanation.links).toMatchObject([{ outcome: "stopped", reason: "out_of_scope" }]);
  const stored = await client.explain.event({ event: { seq: 1 } });
  expect(stored.explanation.instances.map(({ key }) => key)).toEqual(["here", "staging"]);
  await expect(client.explain.event({ event: { seq: 7 } })).rejects.toMatchObject({ code: "NOT_FOUND" });

  const { findings } = await client.lint.list();
  const fix = findings.find(({ rule }) => rule === "unseen_scope")?.fix;
  expect(fix?.changes).toEqual([{ kind: "scopes", link: peer.id, scopes: ["stripe.*"] }]);
  const changes = [{ kind: "scopes" as const, link: peer.id, scopes: ["github.*"] }];
  const { many, calls } = await client.explain.whatIf({ changes, last: 10 });
  expect(many?.totals).toEqual([{ key: "staging", name: "staging", gained: 0, lost: 1, moved: 0 }]);
  expect(calls).toMatchObject([{ own: true, method: "PATCH", body: { scopes: ["github.*"] } }]);
  expect(await client.explain.apply({ changes })).toMatchObject([{ change: 0, applied: true }]);
  expect(hub.hub.registry.peerById(peer.id)?.scopes).toEqual(["github.*"]);
  expect(await client.explain.apply({ changes: [{ kind: "cut", link: "elsewhere" }] })).toMatchObject([
    { applied: false },
  ]);

  expect((await client.explain.ways({ seq: 1 })).sentence).toBe("One copy came, and it is kept.");
  expect(await client.explain.setProbes({ answers: true })).toEqual({ answers: true });
  expect((await client.explain.probe({ event: { type: "com.github.push" } })).steps).toMatchObject([
    { beyond: "unreachable" },
  ]);
  expect(await client.loops.list({ since: 0 })).toEqual([]);
});

test("applies a new link where a peer stands for the other end, and says of the others how they are made", async () => {
  const hub = await openHubWithLabs();
  const back = { outbound_token: "a", inbound_token: "b", peer_hook_url: "http://127.0.0.1:1/hooks/team/kite" };
  const peer = await hub.client.createPeer({ ...back, name: "staging", scopes: [], instance_id: "staging" });
  const { client } = await overPort(hub);
  const provenance = { kitefedorigin: "far", kitefedchain: '["far","staging"]', kitefedhops: 2 };
  const body = JSON.stringify({ specversion: "1.0", id: "1", source: "x", type: "com.far", data: {}, ...provenance });
  await client.events.send({ source: "demo", format: "cloudevent", body });
  const add = (from: string, to: string) => ({ kind: "add" as const, from, to, scopes: ["com.acme.*"], maxHops: 2 });
  const changes = [add("here", "staging"), add("here", "far"), add("staging", "far")];

  const { calls, problems } = await client.explain.whatIf({ changes });
  expect(problems).toEqual([]);
  expect(calls[0]).toMatchObject({ own: true, method: "PATCH", body: { scopes: ["com.acme.*"], max_hops: 2 } });
  expect(calls[1]).toMatchObject({ own: true, method: "POST", body: { name: "far", scopes: ["com.acme.*"] } });
  const applied = await client.explain.apply({ changes });
  expect(applied.map((one) => one.applied)).toEqual([true, false, false]);
  expect(applied[1]?.sentence).toContain("made by pairing");
  expect(applied[2]?.sentence).toContain("a setting of staging");
  expect(hub.hub.registry.peerById(peer.id)).toMatchObject({ scopes: ["com.acme.*"], maxHops: 2 });

  const twice = await client.explain.apply({ changes: [add("here", "staging")] });
  expect(twice).toMatchObject([{ applied: false, sentence: expect.stringContaining("already") as string }]);
});

test("changes what is read over a stream at its reader, and not at its sender", async () => {
  const hub = await openHubWithLabs();
  const back = { outbound_token: "a", inbound_token: "b", peer_hook_url: "http://127.0.0.1:1/hooks/team/kite" };
  const read = { name: "staging", scopes: [], instance_id: "staging", allow_private: true };
  const { id } = await hub.client.createPeer({ ...back, ...read });
  const { client } = await overPort(hub);
  await client.links.pull({ peerId: id, streamUrl: "ws://127.0.0.1:1/ws", remoteTeam: "team", apiKey: "k" });
  const link = `pull:${id}`;

  const limits = { kind: "limits" as const, link, maxHops: 2 };
  const { calls } = await client.explain.whatIf({ changes: [limits] });
  expect(calls).toMatchObject([{ own: true, method: "PUT", path: `/api/federation/peers/${id}/pull` }]);
  expect(await client.explain.apply({ changes: [limits] })).toMatchObject([
    { applied: false, sentence: expect.stringContaining("with the key of its stream") as string },
  ]);
  const paused = await client.explain.apply({ changes: [{ kind: "status", link, status: "paused" }] });
  expect(paused).toMatchObject([{ applied: true }]);
  expect((await client.links.get({ peerId: id })).pull).toMatchObject({ status: "paused" });
  expect(await client.explain.apply({ changes: [{ kind: "cut", link }] })).toMatchObject([{ applied: true }]);
  expect((await client.links.get({ peerId: id })).pull).toBeNull();
});

test("opens a lab, breaks it, runs it, and looks at one of its hubs as at any other", async () => {
  const hub = await openHubWithLabs();
  const { client } = await overPort(hub);
  expect((await client.lab.recipes()).map(({ name }) => name)).toContain("A diamond is not a loop");
  expect(await client.lab.get()).toBeNull();
  await expect(client.lab.run()).rejects.toMatchObject({ code: "CONFLICT" });

  const file = LabFile.parse({
    name: "pair",
    lesson: "",
    topology: { shape: "pair", instances: 2 },
    steps: [{ do: "publish", at: "A", count: 3 }],
    expect: [{ that: "every_event", at: "B", times: 1 }],
  });
  expect(await client.lab.open({ file })).toMatchObject({ state: "starting" });
  await until("the lab is up", async () => (await client.lab.get())?.state === "idle");
  const broken = await client.lab.take({
    step: { do: "fault", link: "A>B", fault: { kind: "status", status: 500, times: 1 } },
  });
  expect(broken.links.find(({ id }) => id === "A>B")?.fault).toMatchObject({ kind: "status" });
  await client.lab.run();
  await until("the lab has run", async () => (await client.lab.get())?.report !== null);
  const { report } = (await client.lab.get()) ?? {};
  expect(report).toMatchObject({ ok: true, published: 3 });
  expect(report?.expectations[0]?.event).toMatchObject({ hub: "B" });
  await until("the lab has been looked at", async () => (await client.lab.get())?.standing?.[0]?.ok === true);
  const stands = await client.lab.get();
  expect(stands?.hubs.map(({ key, events }) => [key, events])).toEqual([
    ["A", 3],
    ["B", 3],
  ]);
  expect(stands?.links.find(({ id }) => id === "A>B")).toMatchObject({ delivered: 3, waiting: 0, requests: 4 });
  expect((await client.lab.timeline({})).map(({ hub: at }) => at).sort()).toEqual(["A", "A", "A", "B", "B", "B"]);

  expect((await client.hubs.list()).map(({ id, environment }) => [id, environment])).toEqual([
    ["local", "local"],
    ["lab:A", "lab"],
    ["lab:B", "lab"],
  ]);
  const there = await overPort(hub, "lab:B");
  expect((await there.client.hub.about()).instanceId).toBe("B");
  const { explanation } = await there.client.explain.event({ event: { seq: 1 }, at: "B" });
  expect(explanation.links).toMatchObject([{ to: "A", reason: "loop" }]);

  const far = await there.client.explain.journey({ seq: 1 });
  expect(far.journey.lanes.map(({ instanceId, visible }) => [instanceId, visible])).toEqual([
    ["A", true],
    ["B", true],
  ]);
  expect(far.journey.lanes[0]?.steps.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["received", "queued", "attempt", "delivered"]),
  );
  expect(far.changes[0]).toMatchObject({ from: "A", to: "B" });
  expect(far.changes[0]?.differences.every(({ expected }) => expected)).toBe(true);

  await client.lab.take({ step: { do: "fault", link: "A>B", fault: { kind: "down" } } });
  await client.lab.startTraffic({ at: "A", type: "com.example.tick", perSecond: 50 });
  await until("copies wait", async () => {
    const lab = await client.lab.get();
    return lab?.quiet === false && (lab.links.find(({ id }) => id === "A>B")?.waiting ?? 0) > 3;
  });
  const stopped = await client.lab.stopTraffic({ at: "A" });
  expect(stopped).toMatchObject({ traffic: [], taken: [{ do: "fault" }, { do: "fault" }] });
  await expect(client.lab.startTraffic({ at: "Z", type: "a", perSecond: 1 })).rejects.toMatchObject({
    code: "BAD_REQUEST",
  });

  await client.lab.close();
  expect(await client.lab.get()).toBeNull();
});
