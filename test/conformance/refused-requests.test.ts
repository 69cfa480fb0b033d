import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openRealHub, type RealHub } from "../support/real-hub.ts";
import { until } from "../support/until.ts";

const Endpoint = z.object({
  id: z.string(),
  source: z.string(),
  active: z.boolean(),
  provider: z.string().nullable(),
  webhook_secret_configured: z.boolean(),
  previous_secret_until: z.string().nullable(),
  events: z.int(),
  last_event: z.object({ seq: z.int(), at: z.string() }).nullable(),
  last_failure: z.object({ refusal_id: z.string(), reason: z.string(), sentence: z.string() }).nullable(),
});
const Refusal = z.object({
  id: z.string(),
  route: z.string(),
  reason: z.string(),
  sentence: z.string(),
  endpoint: z.string().nullable(),
  body_bytes: z.int().nullable(),
  evidence: z.record(z.string(), z.unknown()),
});
const Detail = Refusal.extend({
  headers: z.record(z.string(), z.string()).nullable(),
  body: z.object({ text: z.string().nullable(), base64: z.string().nullable(), truncated: z.boolean() }).nullable(),
});

const api = async <T>(hub: RealHub, schema: z.ZodType<T>, method: string, path: string, body?: object): Promise<T> =>
  schema.parse(await hub.client.api(method, path, body));
const endpoints = async (hub: RealHub) =>
  (await api(hub, z.object({ endpoints: z.array(Endpoint) }), "GET", "/api/v1/endpoints?team_id=team")).endpoints;
const endpoint = async (hub: RealHub, source: string) =>
  Endpoint.parse((await endpoints(hub)).find((each) => each.source === source));
const refusals = async (hub: RealHub, query = "") =>
  (await api(hub, z.object({ items: z.array(Refusal) }), "GET", `/api/federation/refusals?${query}`)).items;
const detail = (hub: RealHub, id: string) => api(hub, Detail, "GET", `/api/federation/refusals/${id}`);
const create = async (hub: RealHub, body: object) =>
  api(hub, z.object({ id: z.string(), hook_token: z.string() }), "POST", "/api/v1/endpoints?team_id=team", body);
const post = (hub: RealHub, path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${hub.client.address.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
const stripe = (secret: string, body: string, at = Math.floor(Date.now() / 1000)): Record<string, string> => ({
  "stripe-signature": `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${body}`).digest("hex")}`,
});

describe("an endpoint", () => {
  it("says when its last event came, and why the last request was refused", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    await create(hub, { source: "stripe", webhook_secret: "whsec_right" });
    expect(await endpoint(hub, "stripe")).toMatchObject({ events: 0, last_event: null, last_failure: null });

    for (const id of ["evt_1", "evt_2"]) {
      const body = JSON.stringify({ id, type: "charge.succeeded" });
      expect((await post(hub, "/hooks/team/stripe", body, stripe("whsec_right", body))).status).toBe(202);
    }
    expect(await endpoint(hub, "stripe")).toMatchObject({ events: 2, last_event: { seq: 2 }, last_failure: null });

    await post(hub, "/hooks/team/stripe", "{}", stripe("whsec_right", "{}", 1_000_000_000));
    const failed = await until("the failure is told", async () => (await endpoint(hub, "stripe")).last_failure);
    expect(failed).toMatchObject({
      reason: "bad_signature",
      sentence: expect.stringMatching(/fits, but its time is off/),
    });
    expect((await detail(hub, failed.refusal_id)).evidence).toMatchObject({
      problem: "stale",
      timestamp: 1_000_000_000,
      tolerance_s: 300,
    });
    expect((await endpoint(hub, "demo")).last_failure).toBeNull();
  });

  it("keeps its counts over a restart", async () => {
    const first = await openRealHub({ instanceId: "hub" });
    await first.client.post({ id: "a" });
    await first.hub.stop();
    const again = await openRealHub({ instanceId: "hub", database: first.database });
    expect(await endpoint(again, "demo")).toMatchObject({ events: 1, last_event: { seq: 1 } });
  });

  it("is managed over REST like over the CLI, each by its permission", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const made = await create(hub, { source: "linear", webhook_secret: "lin_1" });
    const path = `/api/v1/endpoints/${made.id}`;
    await hub.client.api("POST", `${path}/rotate-secret?team_id=team`, { webhook_secret: "lin_2" });
    const overlap = (await endpoint(hub, "linear")).previous_secret_until;
    expect(Date.parse(overlap ?? "") - Date.now()).toBeGreaterThan(9 * 60_000);
    for (const secret of ["lin_1", "lin_2"]) {
      const signature = createHmac("sha256", secret).update("{}").digest("hex");
      expect((await post(hub, "/hooks/team/linear", "{}", { "linear-signature": signature })).status).toBe(202);
    }
    const rotated = await hub.client.api("POST", `${path}/rotate-token?team_id=team`);
    expect(rotated).toMatchObject({ id: made.id, webhook_secret_configured: true });
    expect(z.object({ hook_token: z.string() }).parse(rotated).hook_token).not.toBe(made.hook_token);
    expect(await hub.client.api("DELETE", `${path}?team_id=team`)).toEqual({ id: made.id, active: false });
    expect((await post(hub, "/hooks/team/linear", "{}")).status).toBe(404);

    const reader = await hub.hub.admin.createKey("team", { name: null, permissions: ["read"] });
    for (const [method, url, status] of [
      ["GET", "/api/v1/endpoints?team_id=team", 200],
      ["GET", "/api/v1/endpoints", 400],
      ["GET", "/api/v1/endpoints?team_id=other", 403],
      ["DELETE", `${path}?team_id=team`, 403],
      ["GET", "/api/v1/keys?team_id=team", 200],
      ["DELETE", `/api/v1/keys/${reader.key.id}?team_id=team`, 403],
    ] as const) {
      const headers = { authorization: `Bearer ${reader.token}` };
      const answer = await fetch(`${hub.client.address.url}${url}`, { method, headers });
      expect([method, url, answer.status]).toEqual([method, url, status]);
    }
    await expect(hub.client.api("POST", `${path}/rotate-secret?team_id=team`, {})).rejects.toThrow(
      /400.*linear makes it/,
    );
    const demo = await endpoint(hub, "demo");
    await expect(
      hub.client.api("POST", `/api/v1/endpoints/${demo.id}/rotate-secret?team_id=team`, { webhook_secret: "x" }),
    ).rejects.toThrow(/does not know how demo signs/);
  });
});

describe("a refused request", () => {
  it("is recorded with why, filtered by endpoint, and opened, with secrets masked and no body", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const { hook_token: other } = await create(hub, { source: "other" });
    const secret = {
      authorization: "Bearer khk_deadbeef_00000000000000000000000000000000",
      cookie: "sid=hush",
      "x-api-key": "hush",
    };
    await post(hub, "/hooks/team/demo", '{"private":1}', {
      ...secret,
      "x-trace": "t1",
      referer: `http://x/hooks/team/other/${other}`,
    });
    await post(hub, `/hooks/team/demo/${other}`, "{}");
    await post(hub, "/hooks/team/other", "{}");
    await post(hub, "/hooks/team/nothing", "{}");
    await post(hub, "/hooks/nobody/demo", "{}");
    await post(hub, `/hooks/team/other/${other}`, "{", {});
    const all = await until("all are recorded", async () => {
      const list = await refusals(hub);
      return list.length === 6 && list;
    });
    expect(all.map(({ route, reason, endpoint: source }) => [route, reason, source]).reverse()).toEqual([
      ["/hooks/team/demo", "bad_token", "demo"],
      ["/hooks/team/demo", "bad_token", "demo"],
      ["/hooks/team/other", "bad_token", "other"],
      ["/hooks/team/nothing", "unknown_endpoint", null],
      ["/hooks/nobody/demo", "unknown_team", null],
      ["/hooks/team/other", "invalid", "other"],
    ]);
    expect(all.map(({ sentence }) => sentence).reverse()).toEqual([
      expect.stringMatching(
        /^The bearer token begins khk_deadbeef; this endpoint's begins khk_[0-9a-f]{8}\. It may have been rotated: /,
      ),
      "The token in the URL is the one of the endpoint other, not of this one. Give the sender the URL of this endpoint.",
      expect.stringMatching(/There is no token/),
      expect.stringMatching(/no endpoint for that source/),
      expect.stringMatching(/no such team/),
      expect.stringMatching(/not valid JSON/),
    ]);
    expect((await refusals(hub, "endpoint=other")).map(({ reason }) => reason)).toEqual(["invalid", "bad_token"]);
    expect(await refusals(hub, "endpoint=demo&limit=1")).toHaveLength(1);

    const opened = await detail(hub, all[5]?.id ?? "");
    expect(opened).toMatchObject({
      body: null,
      body_bytes: 13,
      headers: {
        authorization: "•••",
        cookie: "•••",
        "x-api-key": "•••",
        "x-trace": "t1",
        referer: expect.stringMatching(/khk_[0-9a-f]{8}_•••$/),
      },
    });
    const everything = JSON.stringify(await Promise.all(all.map(({ id }) => detail(hub, id))));
    for (const hidden of [other, "hush", "00000000000000000000000000000000", "private"])
      expect(everything).not.toContain(hidden);
    await expect(detail(hub, "0197aa00-0000-7000-8000-000000000000")).rejects.toThrow(/404/);
  });

  it("keeps its body as far as the setting says", async () => {
    const hub = await openRealHub({ instanceId: "hub", refusalBodyBytes: 8 });
    await post(hub, "/hooks/team/demo", '{"a":"0123456789"}');
    await fetch(`${hub.client.address.url}/hooks/team/demo`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: Buffer.from([0xff, 0xfe]),
    });
    const list = await until("both are recorded", async () => {
      const found = await refusals(hub);
      return found.length === 2 && found;
    });
    expect(await detail(hub, list[1]?.id ?? "")).toMatchObject({
      body: { text: '{"a":"01', base64: null, truncated: true },
      body_bytes: 18,
    });
    expect(await detail(hub, list[0]?.id ?? "")).toMatchObject({
      body: { text: null, base64: "//4=", truncated: false },
    });
  });

  it("of another team is not shown", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    await hub.hub.admin.createTeam("other", "Other");
    await hub.hub.admin.createHook("other", "theirs");
    await post(hub, "/hooks/other/theirs", "{}");
    await post(hub, "/hooks/team/demo", "{}");
    await until("ours is recorded", async () => (await refusals(hub)).length === 1);
    expect(await refusals(hub, "endpoint=theirs")).toEqual([]);
  });

  it("in a flood becomes a count, and floods nobody else's", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    await create(hub, { source: "quiet" });
    await Promise.all(Array.from({ length: 60 }, () => post(hub, "/hooks/team/demo", "{}")));
    await post(hub, "/hooks/team/quiet", "{}");
    await until("the quiet one is recorded", async () => (await refusals(hub, "endpoint=quiet")).length === 1);
    expect((await refusals(hub, "endpoint=demo")).length).toBeLessThanOrEqual(21);
  });
});

describe("what a hub on a laptop does not offer", () => {
  it.each([
    ["POST", "/api/v1/bootstrap/x402", 501],
    ["GET", "/api/v1/webhook-config", 501],
    ["GET", "/api/v1/skills", 501],
    ["POST", "/api/v1/skills", 501],
    ["POST", "/api/v1/skills/1/versions", 501],
    ["GET", "/api/v1/skills/registry/search", 501],
    ["POST", "/api/v1/skills/installed", 501],
    ["GET", "/api/v1/billing", 404],
    ["GET", "/api/v1/subscriptions", 404],
  ])("%s %s is %i with a sentence", async (method, path, status) => {
    const hub = await openRealHub({ instanceId: "hub" });
    const answer = await fetch(`${hub.client.address.url}${path}?team_id=team`, {
      method,
      headers: { "content-type": "application/json" },
      ...(method === "POST" && { body: "{}" }),
    });
    expect([answer.status, ((await answer.json()) as { error: string }).error.length > 20]).toEqual([status, true]);
  });
});
