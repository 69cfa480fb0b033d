import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiUnderTest, createApiUnderTest, TEAM } from "./api-under-test.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await createApiUnderTest();
});
afterAll(() => api.close());

const URL = "/api/federation/peers";
let count = 0;
const peer = (more: object = {}): Record<string, unknown> => ({
  name: `instance-${++count}`,
  peer_hook_url: "https://b.example.com/hooks/team/kite",
  outbound_token: "out-token",
  inbound_token: `in-token-${count}`,
  ...more,
});
const create = async (more: object = {}): Promise<Record<string, unknown>> => {
  const { status, body } = await api.call("POST", URL, { body: peer(more) });
  expect(status).toBe(201);
  return body;
};

describe("two people who edit one peer", () => {
  it("do not overwrite each other: the second is told, and nothing of hers is written", async () => {
    const { id } = await create();
    const at = `${URL}/${id}`;
    const seen = String((await api.call("GET", at)).headers["etag"]);
    const first = await api.call("PATCH", at, { body: { max_hops: 5 }, headers: { "if-match": seen } });
    expect(first.status).toBe(200);
    const second = await api.call("PATCH", at, { body: { scopes: [], max_hops: 9 }, headers: { "if-match": seen } });
    expect(second).toMatchObject({ status: 412, body: { code: "changed" } });
    expect(second.text).toContain("changed by somebody else meanwhile");
    expect((await api.call("GET", at)).body).toMatchObject({ max_hops: 5, scopes: ["*"] });
    const fresh = String(first.headers["etag"]);
    expect(fresh).not.toBe(seen);
    expect((await api.call("PATCH", at, { body: { max_hops: 9 }, headers: { "if-match": fresh } })).status).toBe(200);
  });

  it("may leave the precondition out, as a real Kite's clients do, or take any version", async () => {
    const { id } = await create();
    const at = `${URL}/${id}`;
    await api.call("PATCH", at, { body: { max_hops: 5 } });
    expect((await api.call("PATCH", at, { body: { max_hops: 6 }, headers: { "if-match": "*" } })).status).toBe(200);
    expect((await api.call("PATCH", at, { body: { max_hops: 7 } })).body).toMatchObject({ max_hops: 7 });
  });

  it("are not disturbed by what the hub learns, or by a pause", async () => {
    const { id } = await create();
    const at = `${URL}/${id}`;
    const seen = String((await api.call("GET", at)).headers["etag"]);
    await api.admin.updatePeer(TEAM, String(id), { batches: true, instanceId: "b", instanceIdFrom: "chain" });
    await api.call("PATCH", at, { body: { status: "paused" } });
    expect((await api.call("PATCH", at, { body: { max_hops: 6 }, headers: { "if-match": seen } })).status).toBe(200);
  });

  it("at the very same time: one of them wins", async () => {
    const { id } = await create();
    const at = `${URL}/${id}`;
    const seen = String((await api.call("GET", at)).headers["etag"]);
    const tries = [4, 5, 6, 7].map((max_hops) =>
      api.call("PATCH", at, { body: { max_hops }, headers: { "if-match": seen } }),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 412, 412, 412]);
  });
});

describe("creating a peer", () => {
  it("needs what Kite's documentation says, and fills in its defaults", async () => {
    const made = await create({ name: "b" });
    expect(made).toMatchObject({
      name: "b",
      status: "active",
      peer_hook_url: "https://b.example.com/hooks/team/kite",
      scopes: ["*"],
      max_hops: 3,
      max_bytes: 262_144,
      batches: false,
      ordered: false,
      allow_private: false,
      instance_id: null,
      instance_id_from: null,
      status_reason: null,
      revision: 1,
    });
    expect(made["id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(Date.parse(String(made["created_at"]))).not.toBeNaN();
  });

  it("never shows a token", async () => {
    const { text } = await api.call("POST", URL, { body: peer({ outbound_token: "xyzzy1", inbound_token: "xyzzy2" }) });
    const list = await api.call("GET", URL);
    expect(text + list.text).not.toContain("xyzzy");
  });

  it("keeps all settings of ours", async () => {
    const made = await create({
      scopes: ["stripe.*", "com.kite.agent.message"],
      max_hops: 5,
      max_bytes: 1_000,
      ordered: true,
      allow_private: true,
      peer_hook_url: "http://192.168.1.4:7700/hooks/team/kite",
      instance_id: "b-1",
      retry: { ages_ms: [1_000, 4_000], jitter: 0, min_attempts: 2 },
    });
    expect(made).toMatchObject({
      scopes: ["stripe.*", "com.kite.agent.message"],
      max_hops: 5,
      max_bytes: 1_000,
      ordered: true,
      allow_private: true,
      instance_id: "b-1",
      instance_id_from: "pairing",
      retry: { ages_ms: [1_000, 4_000], jitter: 0, min_attempts: 2, max_retry_after_ms: 86_400_000 },
    });
  });

  it("refuses a second peer of the same name", async () => {
    await create({ name: "twice" });
    const { status, body } = await api.call("POST", URL, { body: peer({ name: "twice" }) });
    expect(status).toBe(409);
    expect(body["code"]).toBe("conflict");
  });

  it.each([
    ["http://localhost:7701/hooks/t/kite"],
    ["http://127.0.0.1:7701/hooks/t/kite"],
    ["http://[::1]:7701/hooks/t/kite"],
    ["https://b.example.com:8443/hooks/t/kite"],
  ])("takes the URL %s", async (url) => {
    expect(await create({ peer_hook_url: url })).toMatchObject({ peer_hook_url: url });
  });

  it.each([
    [{ peer_hook_url: "http://b.example.com/hooks/t/kite" }, /^body\.peer_hook_url: .*https/],
    [{ peer_hook_url: "ftp://b.example.com/" }, /^body\.peer_hook_url: /],
    [{ peer_hook_url: "b.example.com" }, /^body\.peer_hook_url: .*not a URL/],
    [{ peer_hook_url: "https://user:pass@b.example.com/" }, /^body\.peer_hook_url: .*password/],
    [{ peer_hook_url: "http://10.0.0.8/hooks/t/kite" }, /^body\.peer_hook_url: .*allow_private/],
    [{ peer_hook_url: "http://169.254.169.254/latest", allow_private: true }, /^body\.peer_hook_url: .*link-local/],
    [{ scopes: ["stripe.?"] }, /^body\.scopes\[0\]: \? cannot be used/],
    [{ scopes: ["ok", ""] }, /^body\.scopes\[1\]: a scope cannot be empty/],
    [{ scopes: "*" }, /^body\.scopes: must be an array/],
    [{ max_hops: 0 }, /^body\.max_hops: must be at least 1\./],
    [{ max_hops: 65 }, /^body\.max_hops: must be at most 64\./],
    [{ max_hops: 2.5 }, /^body\.max_hops: must be a whole number\./],
    [{ max_hops: "3" }, /^body\.max_hops: must be a number\./],
    [{ max_bytes: -1 }, /^body\.max_bytes: must be at least 1\./],
    [{ name: "" }, /^body\.name: cannot be empty/],
    [{ name: "a\u0000b" }, /^body\.name: must not have U\+0000/],
    [{ outbound_token: undefined }, /^body\.outbound_token: is missing; it must be a string\./],
    [{ inbound_token: "a b" }, /^body\.inbound_token: must be printable ASCII/],
    [{ inbound_token: "a\r\nX: y" }, /^body\.inbound_token: must be printable ASCII/],
    [{ max_hop: 3 }, /^body: "max_hop" cannot be given here/],
    [{ retry: { ages_ms: [0] } }, /^body\.retry\.ages_ms\[0\]: must be at least 1/],
    [{ ordered: "yes" }, /^body\.ordered: must be a boolean/],
  ])("refuses %j", async (more, sentence) => {
    const { status, body } = await api.call("POST", URL, { body: peer(more) });
    expect(body["error"]).toMatch(sentence);
    expect(body["code"]).toBe("bad_request");
    expect(status).toBe(400);
  });

  it.each([
    ["not JSON", "{nope", /^body: is not valid JSON/],
    ["nothing", "", /^body: is missing/],
    ["an array", "[]", /^body: must be an object/],
    ["a prototype key", '{"__proto__":{"admin":true}}', /^body: has a member "__proto__"/],
  ])("refuses a body that is %s", async (_what, body, sentence) => {
    const answer = await api.call("POST", URL, { body });
    expect(answer.body["error"]).toMatch(sentence);
    expect(answer.status).toBe(400);
  });

  it.each([
    ["in another encoding", Buffer.from('{"name":"caf\xe9"}', "latin1")],
    ["compressed", gzipSync("{}")],
  ])("refuses a body that is %s, instead of storing what it is not", async (_what, payload) => {
    const headers = { authorization: `Bearer ${api.keys.admin}`, "content-type": "application/json" };
    const response = await api.app.inject({ method: "POST", url: URL, headers, payload });
    expect([response.statusCode, response.json()]).toEqual([
      400,
      { error: "body: is not valid UTF-8: send it as such, and not compressed.", code: "bad_request" },
    ]);
  });

  it("names several problems at once", async () => {
    const { body } = await api.call("POST", URL, { body: peer({ max_hops: 0, scopes: [" "] }) });
    expect(body["error"]).toMatch(/body\.max_hops: .* body\.scopes\[0\]: |body\.scopes\[0\]: .* body\.max_hops: /);
  });

  it("wants JSON", async () => {
    const response = await api.app.inject({
      method: "POST",
      url: URL,
      headers: { authorization: `Bearer ${api.keys.admin}`, "content-type": "text/plain" },
      payload: "name=b",
    });
    expect(response.statusCode).toBe(415);
    expect(response.json()).toMatchObject({ code: "bad_request" });
  });
});

describe("peers that are there", () => {
  it("are listed as a bare array, and only those of the key's team", async () => {
    const made = await create();
    const { body } = await api.call("GET", URL);
    expect(Array.isArray(body)).toBe(true);
    expect(body).toContainEqual(made);
    expect((await api.call("GET", URL, { key: api.keys.other })).body).toEqual([]);
  });

  it("are shown by id, and not to other teams", async () => {
    const made = await create();
    expect((await api.call("GET", `${URL}/${made["id"]}`)).body).toEqual(made);
    const stranger = await api.call("GET", `${URL}/${made["id"]}`, { key: api.keys.other });
    expect(stranger.status).toBe(404);
    expect(stranger.body["error"]).toContain(String(made["id"]));
  });

  it("are looked for by a UUID", async () => {
    const { status, body } = await api.call("GET", `${URL}/7`);
    expect([status, body["error"]]).toEqual([400, "path.id: must be a UUID."]);
  });

  it("change what is given and keep the rest", async () => {
    const made = await create({ max_hops: 4 });
    const { status, body } = await api.call("PATCH", `${URL}/${made["id"]}`, { body: { scopes: ["github.*"] } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ scopes: ["github.*"], max_hops: 4, name: made["name"], revision: 2 });
  });

  it("are paused and revoked, and a person's word replaces the hub's reason", async () => {
    const made = await create();
    const id = String(made["id"]);
    const team = api.registry.peerById(id)?.team ?? "";
    await api.admin.updatePeer(team, id, { status: "paused", statusReason: "answered 410" });
    expect((await api.call("GET", `${URL}/${id}`)).body).toMatchObject({ status_reason: "answered 410" });
    const active = await api.call("PATCH", `${URL}/${id}`, { body: { status: "active" } });
    expect(active.body).toMatchObject({ status: "active", status_reason: null });
    const revoked = await api.call("PATCH", `${URL}/${id}`, { body: { status: "revoked" } });
    expect(revoked.body).toMatchObject({ status: "revoked" });
    const odd = await api.call("PATCH", `${URL}/${id}`, { body: { status: "gone" } });
    expect(odd.body["error"]).toBe('body.status: must be "active" or "paused" or "revoked".');
  });

  it("change name, URL, tokens, retries and instance id", async () => {
    const id = String((await create())["id"]);
    const patch = {
      name: `renamed-${id}`,
      peer_hook_url: "http://127.0.0.1:7702/hooks/t/kite",
      outbound_token: "new-out",
      inbound_token: "new-in",
      max_bytes: 99,
      ordered: true,
      instance_id: "c-1",
      retry: { max_retry_after_ms: 5 },
    };
    const { body } = await api.call("PATCH", `${URL}/${id}`, { body: patch });
    expect(body).toMatchObject({
      name: patch.name,
      peer_hook_url: patch.peer_hook_url,
      max_bytes: 99,
      ordered: true,
      instance_id: "c-1",
      instance_id_from: "pairing",
      retry: { max_retry_after_ms: 5, jitter: 0.2 },
    });
    expect(api.registry.peerById(id)).toMatchObject({ outboundToken: "new-out", inboundToken: "new-in" });
  });

  it("may move into one's own network only with allow_private", async () => {
    const id = String((await create())["id"]);
    const url = "http://10.1.2.3/hooks/t/kite";
    expect((await api.call("PATCH", `${URL}/${id}`, { body: { peer_hook_url: url } })).status).toBe(400);
    const both = await api.call("PATCH", `${URL}/${id}`, { body: { peer_hook_url: url, allow_private: true } });
    expect(both.body).toMatchObject({ peer_hook_url: url, allow_private: true });
    const later = await api.call("PATCH", `${URL}/${id}`, { body: { peer_hook_url: "http://10.1.2.4/" } });
    expect(later.status).toBe(200);
    const back = await api.call("PATCH", `${URL}/${id}`, { body: { allow_private: false } });
    expect(back.body["error"]).toMatch(/^body\.peer_hook_url: .*10\.1\.2\.4/);
  });

  it("keep their names apart when renamed", async () => {
    const first = await create();
    const second = await create();
    const { status } = await api.call("PATCH", `${URL}/${second["id"]}`, { body: { name: first["name"] } });
    expect(status).toBe(409);
  });

  it("are removed, with the count of what was cancelled", async () => {
    const made = await create();
    const { status, body } = await api.call("DELETE", `${URL}/${made["id"]}`);
    expect([status, body]).toEqual([200, { cancelled: 7 }]);
    expect((await api.call("GET", `${URL}/${made["id"]}`)).status).toBe(404);
    expect((await api.call("DELETE", `${URL}/${made["id"]}`)).status).toBe(404);
    // The name is free again.
    expect((await api.call("POST", URL, { body: peer({ name: made["name"] }) })).status).toBe(201);
  });

  it("of another team cannot be changed or removed", async () => {
    const made = await create();
    const options = { key: api.keys.other };
    expect((await api.call("PATCH", `${URL}/${made["id"]}`, { ...options, body: { max_hops: 1 } })).status).toBe(404);
    expect((await api.call("DELETE", `${URL}/${made["id"]}`, options)).status).toBe(404);
  });
});

describe("federation tokens", () => {
  const TOKENS = "/api/federation/tokens";

  it("are shown once, when they are made", async () => {
    const { status, body } = await api.call("POST", TOKENS, { body: { label: "staging" } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ label: "staging", id: expect.any(String), created_at: expect.any(String) });
    const token = String(body["token"]);
    expect(token.length).toBeGreaterThan(30);
    const list = await api.call("GET", TOKENS);
    expect(list.text).not.toContain(token);
    expect(list.body).toEqual([{ id: body["id"], label: "staging", created_at: body["created_at"] }]);
    expect((await api.call("GET", TOKENS, { key: api.keys.other })).body).toEqual([]);
  });

  it("are removed, once and by their team", async () => {
    const { body } = await api.call("POST", TOKENS, { body: { label: "old" } });
    const url = `${TOKENS}/${body["id"]}`;
    expect((await api.call("DELETE", url, { key: api.keys.other })).status).toBe(404);
    expect((await api.call("DELETE", url)).body).toEqual({ id: body["id"] });
    expect((await api.call("DELETE", url)).status).toBe(404);
  });

  it("need a label", async () => {
    expect((await api.call("POST", TOKENS, { body: { label: "  " } })).body["error"]).toBe(
      "body.label: cannot be empty.",
    );
    expect((await api.call("POST", TOKENS, { body: {} })).status).toBe(400);
  });
});
