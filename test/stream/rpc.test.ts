import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Hook } from "../../src/main/hub/model.ts";
import { type Frame, type Listener, makeKey, StreamHub } from "./fixture.ts";

let hub: StreamHub;
let listener: Listener;
const today = new Date();
today.setHours(12, 0, 0, 0);

beforeAll(async () => {
  hub = await StreamHub.start({ now: () => today.getTime() });
  await hub.append(
    { receivedAt: today.getTime() - 24 * 3_600_000 },
    { receivedAt: today.getTime() - 60_000, summary: null },
    { receivedAt: today.getTime(), team: "other" },
    { receivedAt: today.getTime(), hook: null },
    { receivedAt: today.getTime(), data: '{"precise":1.10}' },
  );
  listener = await hub.listener();
});
afterAll(() => hub.close());
afterEach(() => hub.registry.setKeys(makeKey()));

let requests = 0;
async function call(method: string, ...params: unknown[]): Promise<Frame> {
  const id = `request-${++requests}`;
  listener.send({ type: "request", id, method, ...(params.length > 0 && { params: params[0] }) });
  return listener.until((frame) => frame.type === "response" && frame.id === id);
}

describe("a request over the stream", () => {
  it("dashboard.stats tells the numbers of the key's team", async () => {
    const hook: Hook = {
      id: "h1",
      team: "t",
      source: "shop",
      tokenPrefix: "",
      tokenHash: Buffer.alloc(32),
      token: null,
      webhookSecret: null,
      previousSecret: null,
      previousSecretUntil: null,
      active: true,
      createdAt: new Date(0),
    };
    hub.registry.setHooks(hook, { ...hook, id: "h2", active: false }, { ...hook, id: "h3", team: "other" });
    hub.registry.setKeys(
      makeKey({ permissions: ["read", "admin"] }),
      makeKey({ id: "2", secret: "2" }),
      makeKey({ id: "3", secret: "3", revokedAt: new Date(0) }),
      makeKey({ id: "4", secret: "4", expiresAt: new Date(0) }),
      makeKey({ id: "5", secret: "5", team: "other" }),
    );
    expect(await call("dashboard.stats", {})).toMatchObject({
      ok: true,
      payload: {
        team_id: "t",
        webhooks_today: 2,
        active_endpoints: 1,
        active_api_keys: 2,
        current_key_permissions: ["read", "admin"],
        plan_name: "local",
        active_sources_limit: null,
      },
    });
  });

  it("events.recent gives the team's newest events first, byte for byte", async () => {
    const { ok, payload } = await call("events.recent", { limit: 2 });
    expect(ok).toBe(true);
    expect(payload).toEqual({
      events: [
        {
          seq: 5,
          created_at: today.toISOString(),
          event: expect.objectContaining({ type: "com.shop.order", kitesummary: "order 5", kiteseq: 5 }),
        },
        { seq: 4, created_at: today.toISOString(), event: expect.objectContaining({ id: "evt-4" }) },
      ],
    });
  });

  it.each([
    ["no params", []],
    ["null", [null]],
    ["an unknown member", [{ page: 2 }]],
  ])("events.recent takes %s", async (_, params) => {
    expect(await call("events.recent", ...params)).toMatchObject({
      payload: { events: [5, 4, 2, 1].map((seq) => ({ seq })) },
    });
  });

  it("of a key that may only stream is answered for the key's own scopes, and for nothing but events", async () => {
    hub.registry.setKeys(
      makeKey(),
      makeKey({ id: "narrow", secret: "narrow", permissions: ["stream"], scopes: ["glob:a.*"] }),
    );
    const narrow = await hub.listener({ token: "narrow" });
    const ask = async (method: string): Promise<Frame> => {
      const id = `narrow-${++requests}`;
      narrow.send({ type: "request", id, method });
      return narrow.until((frame) => frame.type === "response" && frame.id === id);
    };
    expect(await ask("events.recent")).toMatchObject({ ok: true, payload: { events: [] } });
    for (const method of ["dashboard.stats", "hooks.list", "keys.list", "hooks.create", "keys.create"])
      expect(await ask(method)).toMatchObject({ ok: false, payload: { error: expect.stringContaining("permission") } });
  });

  it("events.recent of a narrow key gives as many as it asks for, however many others came after them", async () => {
    hub.registry.setKeys(makeKey(), makeKey({ secret: "old", permissions: ["stream"], scopes: ["type:shop.first"] }));
    await hub.append({ type: "com.shop.first" }, { type: "com.shop.first" });
    await hub.appendMany(30);
    const narrow = await hub.listener({ token: "old" });
    narrow.send({ type: "request", id: "narrow", method: "events.recent", params: { limit: 2 } });
    const { payload } = await narrow.until((frame) => frame.type === "response");
    expect(payload).toMatchObject({ events: [7, 6].map((seq) => ({ seq })) });
  });

  it.each([[{ limit: -1 }], [{ limit: 1.5 }], [{ limit: "10" }], [[]], ["10"]])(
    "events.recent refuses %j, in words",
    async (params) => {
      expect(await call("events.recent", params)).toMatchObject({
        ok: false,
        payload: { error: expect.stringMatching(/^events\.recent: /) },
      });
    },
  );

  it.each(["no.such", "", "constructor", "__proto__", "toString"])("%j is an unknown method", async (name) => {
    expect(await call(name)).toMatchObject({ ok: false, payload: { error: `unknown method: ${name}` } });
  });

  it("is refused in words while the database is away, and the stream stays open", async () => {
    hub.flaky.down = true;
    expect(await call("events.recent")).toMatchObject({
      ok: false,
      payload: { error: expect.stringContaining("The database cannot") },
    });
    hub.flaky.down = false;
    expect(await call("events.recent")).toMatchObject({ ok: true });
  });

  it("that finds a fault in the hub is answered without its details", async () => {
    hub.flaky.before = () => {
      throw new TypeError("secret detail");
    };
    const { ok, payload } = await call("events.recent");
    hub.flaky.before = () => undefined;
    expect(ok).toBe(false);
    expect(payload?.error).toBe("events.recent failed inside the hub; its log has the details");
  });

  it("is one of a limited number at a time", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    hub.flaky.before = () => held;
    const answers = Array.from({ length: 17 }, () => call("events.recent"));
    const first = await Promise.race(answers);
    expect(first).toMatchObject({ ok: false, payload: { error: expect.stringContaining("wait for an answer") } });
    hub.flaky.before = () => undefined;
    release();
    expect((await Promise.all(answers)).filter(({ ok }) => ok)).toHaveLength(16);
  });
});
