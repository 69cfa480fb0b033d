import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiUnderTest, createApiUnderTest, TEAM } from "./api-under-test.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await createApiUnderTest();
});
afterAll(() => api.close());

const PEER = { peer_hook_url: "https://b.example.com/hooks/t/kite", outbound_token: "out", inbound_token: "in" };
const create = (name: string, more: object = {}) =>
  api.call("POST", "/api/federation/peers", { body: { ...PEER, inbound_token: `in-${name}`, name, ...more } });

test("each direction of a link is shown by itself, and says why it is as it is", async () => {
  const { body } = await create("fresh");
  const links = (await api.call("GET", "/api/federation/links", { key: api.keys.read })).body as unknown as {
    peer_id: string;
  }[];
  expect(links.find(({ peer_id }) => peer_id === body["id"])).toMatchObject({
    state: "waiting",
    directions: [
      { direction: "push_out", state: "waiting", backlog: 0, availability: null },
      { direction: "push_in", state: "waiting", why: expect.stringContaining("has not sent a signed event yet") },
    ],
    pull: null,
  });
});

test("a production peer receives only, until somebody names it", async () => {
  const { status, body } = await create("production", { environment: "production", colour: "#cc0000" });
  expect([status, body["receive_only"], body["colour"]]).toEqual([201, true, "#cc0000"]);
  const path = `/api/federation/peers/${String(body["id"])}`;
  const refused = await api.call("PATCH", path, { body: { receive_only: false } });
  expect([refused.status, refused.body["error"]]).toEqual([
    409,
    '"production" is a production peer: to send events there, set confirm to its name.',
  ]);
  const opened = await api.call("PATCH", path, { body: { receive_only: false, confirm: "production" } });
  expect([opened.status, opened.body["receive_only"]]).toEqual([200, false]);
  const staging = await create("staging", { environment: "staging" });
  expect(staging.body["receive_only"]).toBe(false);
  // One that becomes production closes again.
  const promoted = await api.call("PATCH", `/api/federation/peers/${String(staging.body["id"])}`, {
    body: { environment: "production" },
  });
  expect(promoted.body["receive_only"]).toBe(true);
});

test("a token is rotated with both valid for a while", async () => {
  const { body } = await create("rotating");
  const path = `/api/federation/peers/${String(body["id"])}/rotate-token`;
  const rotated = await api.call("POST", path, { body: { overlap_hours: 1 } });
  expect(rotated.status).toBe(200);
  const found = (token: string) => api.registry.peerByInboundToken(TEAM, token)?.name;
  expect([found(String(rotated.body["inbound_token"])), found("in-rotating")]).toEqual(["rotating", "rotating"]);
});

test("a pairing link is made, read and refused by the API; nonsense gets a sentence", async () => {
  const made = await api.call("POST", "/api/federation/pairings/offers", { body: {} });
  expect(made.status).toBe(201);
  expect(String(made.body["link"])).toMatch(/^kite:\/\/pair\/[A-Za-z0-9_-]+$/);
  const { id } = made.body["pairing"] as { id: string };
  expect((await api.call("GET", `/api/federation/pairings/${id}`)).body).toMatchObject({ state: "offered" });
  const refused = await api.call("POST", `/api/federation/pairings/${id}/refuse`);
  expect(refused.body).toMatchObject({ state: "refused", sentence: "The pairing was refused. Nothing was set up." });
  const opened = await api.call("POST", "/api/federation/pairings/open", { body: { link: "kite://pair/nonsense" } });
  expect([opened.status, opened.body["error"]]).toEqual([
    400,
    "This is not a pairing link: copy the whole of it, from kite://pair/ to its end.",
  ]);
  expect((await api.call("GET", "/api/federation/pairings", { key: api.keys.read })).status).toBe(403);
});

test("a real Kite without a key: the commands to run there, and a peer that waits for its first signed event", async () => {
  const paired = await api.call("POST", "/api/federation/pairings/kite", {
    body: { url: "https://kite.example.com/", team: "their team", name: "their kite", reaches_us: true },
  });
  expect(paired.status).toBe(201);
  const { commands } = paired.body["todo"] as { commands: string[] };
  expect(commands[0]).toMatch(/^curl -fsS -X POST 'https:\/\/kite\.example\.com\/api\/federation\/peers' \\\n/);
  const peer = api.registry.peerById(String(paired.body["peer_id"]));
  expect(peer?.hookUrl).toBe("https://kite.example.com/hooks/their%20team/kite");
  const sent = JSON.parse(/-d '(.*)'$/.exec(commands[0] ?? "")?.[1] ?? "{}");
  expect(sent).toEqual({
    name: "instance-test",
    peer_hook_url: `http://127.0.0.1:7700/hooks/${encodeURIComponent(TEAM)}/kite`,
    outbound_token: peer?.inboundToken,
    inbound_token: peer?.outboundToken,
    scopes: ["*"],
    max_hops: 3,
  });
});

test("a link is tested step by step", async () => {
  const { body } = await create("closed", { peer_hook_url: "http://127.0.0.1:1/hooks/t/kite" });
  const tested = await api.call("POST", `/api/federation/peers/${String(body["id"])}/test`);
  expect(tested.body).toMatchObject({
    ok: false,
    steps: [
      { step: "dns", outcome: "ok" },
      { step: "tcp", outcome: "failed", result: "Nobody listens on port 1 of 127.0.0.1." },
    ],
  });
});
