import Fastify, { type FastifyInstance, type InjectOptions } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Keys } from "../../src/main/hub/access/index.ts";
import { registerApi } from "../../src/main/hub/api/index.ts";
import { DeviceLogins, type LoginApproval, loginRoutes } from "../../src/main/hub/login/index.ts";
import { type ApiUnderTest, createApiUnderTest, TEAM } from "../api/api-under-test.ts";

let api: ApiUnderTest;
let app: FastifyInstance;
let clock: number;

async function open(approval: LoginApproval): Promise<void> {
  await app?.close();
  const now = (): number => clock;
  const logins = new DeviceLogins({ keys: new Keys(api.registry, api.admin, now), team: TEAM, now });
  app = Fastify({ routerOptions: { ignoreDuplicateSlashes: true } });
  await registerApi(app, api.deps);
  await app.register((scope, _options, done) => {
    loginRoutes(scope, { logins, registry: api.registry, team: TEAM, approval, now });
    done();
  });
  await app.ready();
}

beforeEach(async () => {
  clock = 1_800_000_000_000;
  api = await createApiUnderTest();
  await open("local");
});
afterEach(async () => {
  await app.close();
  await api.close();
});

const LOCAL = { host: "127.0.0.1:7700" };
const OWN = { ...LOCAL, origin: "http://127.0.0.1:7700", "sec-fetch-site": "same-origin" };
type Headers = Record<string, string>;

const json = (url: string, body: object, headers: Headers = LOCAL) =>
  app.inject({ method: "POST", url, headers: { "content-type": "application/json", ...headers }, payload: body });
const page = (query = "", headers: Headers = LOCAL, remoteAddress = "127.0.0.1") =>
  app.inject({ method: "GET", url: `/activate${query}`, headers, remoteAddress });
const submit = (fields: Headers, headers: Headers = OWN, remoteAddress = "127.0.0.1") => {
  const request: InjectOptions = {
    method: "POST",
    url: "/activate",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    payload: new URLSearchParams(fields).toString(),
    remoteAddress,
  };
  return app.inject(request);
};
const begin = async (headers: Headers = LOCAL) => (await json("/api/auth/device-code", {}, headers)).json();
const poll = async (device_code: string) => {
  clock += 5_000;
  const answer = await json("/api/auth/device-token", { device_code });
  return { status: answer.statusCode, body: answer.json() };
};
const approve = (user_code: string, more: Headers = {}): Headers => ({ user_code, decision: "approve", ...more });

describe("kite login", () => {
  it("gets codes and addresses as the CLI reads them, also below a server with a slash at its end", async () => {
    const answer = await json("//api/auth/device-code", {}, { host: "localhost:7700" });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        device_code: expect.stringMatching(/^[\w-]{43}$/),
        user_code: expect.stringMatching(/^\w{4}-\w{4}$/),
        verification_url: expect.stringMatching(/^http:\/\/localhost:7700\/activate\?user_code=\w{4}-\w{4}$/),
        ws_url: "ws://localhost:7700/ws",
        expires_in: 900,
        interval: 2,
      },
    ]);
  });

  it("waits for the person, and then has a key that works", async () => {
    const { device_code, user_code, verification_url } = await begin({ ...LOCAL, "user-agent": "kite/0.2 <b>" });
    expect(await poll(device_code)).toEqual({ status: 400, body: { error: "authorization_pending" } });

    const shown = await page(new URL(verification_url).search);
    expect(shown.statusCode).toBe(200);
    expect(shown.body).toContain(user_code);
    expect(shown.body).toContain("this machine (127.0.0.1)");
    expect(shown.body).toContain("kite/0.2 &#60;b&#62;");
    expect(shown.body).not.toContain("admin_key");

    expect((await submit(approve(user_code, { permission: "admin" }))).body).toContain("Approved");
    const { status, body } = await poll(device_code);
    expect([status, body.team_id]).toEqual([200, TEAM]);
    expect(api.registry.keyByToken(body.api_key)).toMatchObject({ permissions: ["admin"], team: TEAM });
    expect((await api.call("GET", `/api/v1/keys?team_id=${TEAM}`, { key: body.api_key })).status).toBe(200);
  });

  it("has read and write unless the person says otherwise", async () => {
    const { device_code, user_code } = await begin();
    await submit(approve(user_code));
    expect(api.registry.keyByToken((await poll(device_code)).body.api_key)?.permissions).toEqual(["write"]);
  });

  it("is told when it was denied, and when its code is unknown; every answer is JSON", async () => {
    const { device_code, user_code } = await begin();
    expect((await submit({ user_code, decision: "deny" })).body).toContain("Denied");
    expect(await poll(device_code)).toEqual({ status: 403, body: { error: "access_denied" } });
    expect(await poll("unknown")).toEqual({ status: 400, body: { error: "expired_token" } });
    for (const body of [{}, { device_code: 7 }, { device_code: "x".repeat(300) }]) {
      const answer = await json("/api/auth/device-token", body);
      expect([answer.statusCode, typeof answer.json().error]).toEqual([400, "string"]);
    }
  });

  it("cannot be begun by a page", async () => {
    expect((await json("/api/auth/device-code", {}, OWN)).statusCode).toBe(403);
    const plain = await app.inject({
      method: "POST",
      url: "/api/auth/device-code",
      payload: "{}",
      headers: { "content-type": "text/plain" },
    });
    expect(plain.statusCode).toBe(415);
  });
});

describe("who may approve", () => {
  const someoneElse = ["192.168.1.20", "10.0.0.1", "::ffff:192.168.1.20", "2001:db8::1"];

  it.each(someoneElse)("from %s only with an admin key of the team", async (address) => {
    const { device_code, user_code } = await begin();
    const headers = { host: "hub.lan:7700", origin: "http://hub.lan:7700" };
    expect((await page(`?user_code=${user_code}`, headers, address)).body).toContain("admin_key");
    const gone = await api.admin.createKey(TEAM, { name: "gone", permissions: ["admin"] });
    await api.admin.revokeKey(TEAM, gone.key.id);
    for (const key of ["", "kite_admin_guess", api.keys.write, api.keys.other, gone.token]) {
      const answer = await submit(approve(user_code, { admin_key: key }), headers, address);
      expect([answer.statusCode, answer.body]).toEqual([403, expect.stringContaining("no admin key")]);
      expect(answer.body).not.toContain(key === "" ? 'value="kite' : key);
    }
    expect((await submit({ user_code, decision: "deny" }, headers, address)).statusCode).toBe(403);
    expect((await poll(device_code)).body.error).toBe("authorization_pending");
    expect((await submit(approve(user_code, { admin_key: api.keys.admin }), headers, address)).statusCode).toBe(200);
    expect((await poll(device_code)).status).toBe(200);
  });

  it.each([
    ["through a proxy that says so", { ...OWN, "x-forwarded-for": "203.0.113.9" }],
    ...[
      "forwarded",
      "via",
      "x-forwarded-host",
      "x-forwarded-proto",
      "x-real-ip",
      "cf-connecting-ip",
      "true-client-ip",
    ].map((name): [string, Headers] => [`through one that says ${name}`, { ...OWN, [name]: "203.0.113.9" }]),
    ["for somebody of a tailnet", { ...OWN, "tailscale-user-login": "ada@example.com" }],
    [
      "through a tunnel",
      { host: "abc.tunnel.example", origin: "https://abc.tunnel.example", "x-forwarded-for": "203.0.113.9" },
    ],
    [
      "under a name that was made to resolve to this machine",
      { host: "evil.example:7700", origin: "http://evil.example:7700" },
    ],
  ])("from a loopback address, but %s, only with an admin key", async (_name, headers) => {
    const { device_code, user_code } = await begin();
    expect((await submit(approve(user_code), headers)).statusCode).toBe(403);
    expect((await poll(device_code)).body.error).toBe("authorization_pending");
  });

  it.each([
    ["another site", { ...LOCAL, origin: "https://evil.example" }],
    ["another site whose name ends in ours", { ...LOCAL, origin: "http://evil.127.0.0.1:7700" }],
    ["another port of this machine", { ...LOCAL, origin: "http://127.0.0.1:3000" }],
    ["nowhere", LOCAL],
    ["a page without an origin", { ...LOCAL, origin: "null" }],
    ["a page that the browser says is another", { ...OWN, "sec-fetch-site": "cross-site" }],
    ["a page of the same site", { ...OWN, "sec-fetch-site": "same-site" }],
  ])("not by a form from %s", async (_name, headers) => {
    const { device_code, user_code } = await begin();
    const answer = await submit(approve(user_code), headers);
    expect([answer.statusCode, answer.body]).toEqual([403, expect.stringContaining("own page")]);
    expect((await poll(device_code)).body.error).toBe("authorization_pending");
  });

  it("with the setting key, nobody without an admin key", async () => {
    await open("key");
    const { device_code, user_code } = await begin();
    expect((await page(`?user_code=${user_code}`)).body).toContain("admin_key");
    expect((await submit(approve(user_code))).statusCode).toBe(403);
    expect((await submit(approve(user_code, { admin_key: ` ${api.keys.admin} ` }))).statusCode).toBe(200);
    expect((await poll(device_code)).status).toBe(200);
  });

  it("with the setting off, nobody; the CLI reads why", async () => {
    await open("off");
    const answer = await json("/api/auth/device-code", {});
    expect([answer.statusCode, answer.json().error]).toEqual([501, expect.stringMatching(/turned off/)]);
    expect((await page()).statusCode).toBe(501);
  });
});

describe("the page", () => {
  it("has no script, and lets nothing else in or around it", async () => {
    const { user_code } = await begin();
    for (const query of ["", `?user_code=${user_code}`, "?user_code=NONE-NONE"]) {
      const { headers, body } = await page(query);
      const policy = String(headers["content-security-policy"]);
      expect(policy).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      );
      expect(headers).toMatchObject({ "x-frame-options": "DENY", "cache-control": "no-store" });
      expect(body).not.toMatch(/<script| on\w+=|style=|https?:\/\//);
    }
  });

  it("asks for a code, and says that none waits under a wrong one", async () => {
    expect((await page()).body).toContain('name="user_code"');
    const wrong = await page("?user_code=%3Cscript%3E");
    expect([wrong.statusCode, wrong.body]).toEqual([404, expect.stringContaining("No login waits")]);
    expect(wrong.body).not.toContain("script>");
  });

  it("looks nothing up for a link on another site, so that none can use up the wrong codes", async () => {
    const { user_code } = await begin();
    for (let i = 0; i < 40; i++)
      expect((await page("?user_code=AAAA-AAAA", { ...LOCAL, "sec-fetch-site": "cross-site" })).statusCode).toBe(200);
    expect((await page(`?user_code=${user_code}`)).body).toContain(user_code);
  });

  it("answers too many wrong codes, and forms that are none, as a page", async () => {
    expect((await submit({ user_code: "x" })).statusCode).toBe(400);
    expect((await submit({ user_code: "AAAA-AAAA", decision: "approve", permission: "root" })).statusCode).toBe(400);
    for (let i = 0; i < 30; i++) await page("?user_code=AAAA-AAAA");
    const answer = await page("?user_code=AAAA-AAAA");
    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([429, "text/html; charset=utf-8"]);
  });
});
