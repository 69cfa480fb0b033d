import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { HubAddress } from "../support/hub-client.ts";
import { openRealHub, type RealHub } from "../support/real-hub.ts";
import { rpc } from "../support/rpc.ts";

// Payloads as the CLI decodes them (kite-wire.md 7). Strict where it is: prepare_install must have every member.
const Stats = z.object({
  team_id: z.string(),
  webhooks_today: z.int(),
  active_endpoints: z.int(),
  active_api_keys: z.int(),
  current_key_permissions: z.array(z.string()),
  plan_name: z.string(),
  active_sources_limit: z.int().nullable(),
});
const Hooks = z.object({
  team_id: z.string(),
  hooks: z.array(
    z.object({ id: z.string(), source: z.string(), active: z.boolean(), webhook_secret_configured: z.boolean() }),
  ),
});
const Created = z.object({
  id: z.string(),
  endpoint: z.string(),
  hook_token: z.string().regex(/^khk_[0-9a-f]{8}_[0-9a-f]{32}$/),
  endpoint_with_token: z.string(),
  github_webhook_secret: z.string().optional(),
  webhook_secret_configured: z.boolean(),
});
const Install = z.object({
  id: z.string(),
  team_id: z.string(),
  endpoint_with_token: z.string(),
  github_webhook_secret: z.string(),
  secret_rotated: z.boolean(),
});
const Keys = z.object({
  team_id: z.string(),
  keys: z.array(
    z.object({
      id: z.string(),
      name: z.string().nullable(),
      key_prefix: z.string(),
      revoked: z.boolean(),
      created_at: z.iso.datetime(),
    }),
  ),
});
const NewKey = z.object({ id: z.string(), key_prefix: z.string(), api_key: z.string().startsWith("kite_") });

/** Runs a command that must work, and reads its payload as the CLI does. */
async function run<T>(address: HubAddress, schema: z.ZodType<T>, method: string, params?: unknown): Promise<T> {
  const { ok, payload } = await rpc(address, method, params);
  expect([method, ok, payload["error"]]).toEqual([method, true, undefined]);
  return schema.parse(payload);
}

const asAdmin = ({ client }: RealHub): HubAddress => ({ ...client.address, apiKey: client.address.adminKey });
const post = (url: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

describe("kite endpoints", () => {
  it("lists, creates, rotates by creating again, and deactivates", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const { address } = hub.client;
    const first = await run(address, Created, "hooks.create", { source: "my-app" });
    expect(first).toMatchObject({
      endpoint: "/hooks/team/my-app",
      endpoint_with_token: `/hooks/team/my-app/${first.hook_token}`,
      webhook_secret_configured: false,
    });
    expect((await post(`${address.url}${first.endpoint_with_token}`, "{}")).status).toBe(202);

    const again = await run(address, Created, "hooks.create", { source: "my-app", webhook_secret: null });
    expect(again.id).toBe(first.id);
    expect((await post(`${address.url}${first.endpoint_with_token}`, "{}")).status).toBe(401);
    expect((await post(`${address.url}${again.endpoint_with_token}`, "{}")).status).toBe(202);

    expect(
      await run(address, z.object({ id: z.literal(first.id) }), "hooks.deactivate", { id: first.id }),
    ).toBeDefined();
    expect((await post(`${address.url}${again.endpoint_with_token}`, "{}")).status).toBe(404);
    const { hooks } = await run(address, Hooks, "hooks.list");
    expect(hooks.map(({ source, active }) => [source, active])).toEqual([
      ["demo", true],
      ["my-app", false],
    ]);
    await run(address, Created, "hooks.create", { source: "my-app" });
    expect(await run(address, Stats, "dashboard.stats")).toMatchObject({ active_endpoints: 2, webhooks_today: 2 });
  });

  it("--signing-secret makes the bare URL the one to give to the provider", async () => {
    const { client } = await openRealHub({ instanceId: "hub" });
    const { address } = client;
    const made = await run(address, Created, "hooks.create", { source: "linear", webhook_secret: "lin_wh_secret" });
    expect(made.webhook_secret_configured).toBe(true);
    expect(made.github_webhook_secret).toBeUndefined();
    const body = '{"type":"Issue","action":"create"}';
    const signature = createHmac("sha256", "lin_wh_secret").update(body).digest("hex");
    const answer = await post(`${address.url}${made.endpoint}`, body, { "Linear-Signature": signature });
    expect(answer.status).toBe(202);
    // A second token keeps the secret.
    const again = await run(address, Created, "hooks.create", { source: "linear" });
    expect(again.webhook_secret_configured).toBe(true);
  });

  it("--source github returns the secret that the hub made, which signs what GitHub sends", async () => {
    const { client } = await openRealHub({ instanceId: "hub" });
    const { address } = client;
    const made = await run(address, Created, "hooks.create", { source: "github" });
    const secret = made.github_webhook_secret ?? "";
    expect([secret.length > 20, made.webhook_secret_configured]).toEqual([true, true]);
    const body = '{"ref":"refs/heads/main"}';
    const headers = {
      "X-Hub-Signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
      "X-Github-Event": "push",
      "X-GitHub-Delivery": "1",
    };
    expect((await post(`${address.url}${made.endpoint}`, body, headers)).status).toBe(202);
    expect((await post(`${address.url}${made.endpoint_with_token}`, body)).status).toBe(401);
  });

  it.each([
    [{ source: "kite" }, /reserved for peers/],
    [{ source: "My-App" }, /a-z/],
    [{ source: "-leading" }, /a-z/],
    [{ source: "under_score" }, /a-z/],
    [{ source: "" }, /a-z/],
    [{ source: "a".repeat(65) }, /a-z/],
    [{}, /source/],
    [{ source: "my-app", webhook_secret: "x" }, /does not know how my-app signs/],
  ])("refuses %j with a sentence", async (params, message) => {
    const { client } = await openRealHub({ instanceId: "hub" });
    const { ok, payload } = await rpc(client.address, "hooks.create", params);
    expect([ok, payload["error"]]).toEqual([false, expect.stringMatching(message)]);
  });

  it.each(["my-app", "github", "0abc-9", "kite-prod"])("takes the source %s (kite-wire.md 15)", async (source) => {
    const { client } = await openRealHub({ instanceId: "hub" });
    await run(client.address, Created, "hooks.create", { source });
  });
});

describe("kite github install", () => {
  it("gives every repository of the team the same URL and secret, until the secret is rotated", async () => {
    const { client } = await openRealHub({ instanceId: "hub" });
    const { address } = client;
    const first = await run(address, Install, "hooks.github.prepare_install", { rotate_secret: false });
    expect(first).toMatchObject({ team_id: "team", secret_rotated: false });
    expect(first.endpoint_with_token).toMatch(/^\/hooks\/team\/github\/khk_/);
    expect(await run(address, Install, "hooks.github.prepare_install", {})).toEqual(first);

    const rotated = await run(address, Install, "hooks.github.prepare_install", { rotate_secret: true });
    expect(rotated).toMatchObject({ ...first, github_webhook_secret: expect.any(String), secret_rotated: true });
    expect(rotated.github_webhook_secret).not.toBe(first.github_webhook_secret);
    for (const { github_webhook_secret: secret } of [first, rotated]) {
      const signature = `sha256=${createHmac("sha256", secret).update("{}").digest("hex")}`;
      const answer = await post(`${address.url}${first.endpoint_with_token}`, "{}", {
        "x-hub-signature-256": signature,
      });
      expect(answer.status).toBe(202);
    }
  });

  it("works on an endpoint that was deactivated, or that has a token nobody kept", async () => {
    const { client, hub } = await openRealHub({ instanceId: "hub" });
    const { hook } = await hub.admin.createHook("team", "github", { webhookSecret: "there already" });
    await hub.admin.deactivateHook("team", hook.id);
    const made = await run(client.address, Install, "hooks.github.prepare_install", { rotate_secret: false });
    expect(made).toMatchObject({ id: hook.id, github_webhook_secret: "there already", secret_rotated: false });
    expect(hub.registry.hook("team", "github")?.active).toBe(true);
  });
});

describe("kite keys", () => {
  it("lists, creates and revokes; the key that was revoked opens nothing", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const admin = asAdmin(hub);
    const made = await run(admin, NewKey, "keys.create", {
      name: "laptop",
      scopes: ["*"],
      permissions: ["read"],
      expires_at: null,
    });
    const mine = { ...admin, apiKey: made.api_key };
    expect(await run(mine, Stats, "dashboard.stats")).toMatchObject({ current_key_permissions: ["read"] });
    const { keys } = await run(mine, Keys, "keys.list");
    expect(keys.at(-1)).toMatchObject({ id: made.id, name: "laptop", key_prefix: made.key_prefix, revoked: false });
    expect(JSON.stringify(keys)).not.toContain(made.api_key.slice(-32));

    await run(admin, z.object({ id: z.literal(made.id) }), "keys.revoke", { id: made.id });
    await expect(rpc(mine, "dashboard.stats")).rejects.toThrow(/Server error \(4001\)/);
    const after = await run(admin, Keys, "keys.list");
    expect(after.keys.at(-1)).toMatchObject({ id: made.id, revoked: true });
  });

  it("reads permissions as the real server ranks them", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const admin = asAdmin(hub);
    const { api_key } = await run(admin, NewKey, "keys.create", {
      name: null,
      scopes: ["*"],
      permissions: [" * ", "READ"],
      expires_at: "2099-01-01T00:00:00+02:00",
    });
    const { ok } = await rpc({ ...admin, apiKey: api_key }, "keys.create", { permissions: ["write"] });
    expect(ok).toBe(true);
  });

  it.each([
    [{ permissions: ["owner"] }, /read, write and admin/],
    [{ permissions: [] }, /read, write and admin/],
    [{ scopes: ["nothing"] }, /not a scope/],
    [{ expires_at: "tomorrow" }, /must be a time/],
    [{ expires_at: "2001-01-01T00:00:00Z" }, /is over already/],
  ])("refuses %j with a sentence", async (params, message) => {
    const hub = await openRealHub({ instanceId: "hub" });
    const { ok, payload } = await rpc(asAdmin(hub), "keys.create", { permissions: ["read"], ...params });
    expect([ok, payload["error"]]).toEqual([false, expect.stringMatching(message)]);
  });
});

describe("permissions", () => {
  const METHODS = [
    ["dashboard.stats", {}, "read"],
    ["events.recent", { limit: 1 }, "read"],
    ["hooks.list", {}, "read"],
    ["keys.list", {}, "read"],
    ["hooks.create", { source: "x" }, "write"],
    ["hooks.github.prepare_install", {}, "write"],
    ["hooks.deactivate", { id: "0197aa00-0000-7000-8000-000000000000" }, "write"],
    ["keys.create", { permissions: ["read"] }, "admin"],
    ["keys.revoke", { id: "0197aa00-0000-7000-8000-000000000000" }, "admin"],
  ] as const;

  it("every method needs what kite-wire.md 7 says, and a higher one does as well", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    const ranks = ["read", "write", "admin"] as const;
    for (const held of ranks) {
      const { token } = await hub.hub.admin.createKey("team", { name: held, permissions: [held] });
      for (const [method, params, needed] of METHODS) {
        const { payload } = await rpc({ ...hub.client.address, apiKey: token }, method, params);
        const lacks = String(payload["error"]).includes("permission");
        expect([held, method, lacks]).toEqual([held, method, ranks.indexOf(held) < ranks.indexOf(needed)]);
      }
    }
  });

  it("nobody reaches another team's endpoints and keys", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    await hub.hub.admin.createTeam("other", "Other");
    const { key } = await hub.hub.admin.createKey("other", { name: "theirs", permissions: ["read"] });
    const { hook } = await hub.hub.admin.createHook("other", "theirs");
    const admin = asAdmin(hub);
    for (const [method, id] of [
      ["keys.revoke", key.id],
      ["hooks.deactivate", hook.id],
    ]) {
      const { ok, payload } = await rpc(admin, method ?? "", { id });
      expect([ok, payload["error"]]).toEqual([false, expect.stringMatching(/There is no/)]);
    }
    expect(JSON.stringify([await rpc(admin, "keys.list"), await rpc(admin, "hooks.list")])).not.toContain("theirs");
  });

  it("an unknown method is answered, and one that takes an id wants one", async () => {
    const hub = await openRealHub({ instanceId: "hub" });
    expect(await rpc(hub.client.address, "endpoints.rotate")).toEqual({
      ok: false,
      payload: { error: "unknown method: endpoints.rotate" },
    });
    const { payload } = await rpc(hub.client.address, "hooks.deactivate", { id: 7 });
    expect(payload["error"]).toMatch(/hooks.deactivate: params\.id: must be an id/);
  });
});
