import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { describe, expect, test } from "vitest";
import { admit } from "../../src/main/console/transport/admission.ts";
import { until } from "../support/until.ts";
import { clientOf, type Knocking, openConsoleUnderTest, openSocket } from "./console-under-test.ts";

const TOKEN = "ab".repeat(32);

function key(permissions: readonly ("read" | "write" | "admin")[], over: object = {}) {
  return {
    id: "1",
    team: "team",
    name: null,
    prefix: "p",
    hash: Buffer.alloc(0),
    permissions,
    scopes: ["*"],
    expiresAt: null,
    revokedAt: null,
    peer: null,
    fromSeq: null,
    createdAt: new Date(0),
    secret: null,
    ...over,
  };
}

const KEYS = new Map([
  ["admin", key(["admin"])],
  ["reader", key(["read", "write"])],
  ["revoked", key(["admin"], { revokedAt: new Date(1) })],
  ["expired", key(["admin"], { expiresAt: new Date(500) })],
]);
const RULES = {
  registry: { keyByToken: (token: string) => KEYS.get(token) },
  team: "team",
  token: TOKEN,
  origins: ["http://localhost:5173"],
  now: () => 1_000,
};

const PAGE = {
  host: "127.0.0.1:7700",
  origin: "http://127.0.0.1:7700",
  "sec-websocket-protocol": `kite.console, token.${TOKEN}`,
};
const LOCAL = { caller: { team: "team", local: true }, keyId: null };
const ELSEWHERE = { caller: { team: "team", local: false }, keyId: "1" };

describe("who is let in", () => {
  test.each<[string, IncomingHttpHeaders, string | undefined, unknown]>([
    ["a page of this hub with the token", PAGE, "127.0.0.1", LOCAL],
    ["by IPv6", { ...PAGE, host: "[::1]:7700", origin: "http://[::1]:7700" }, "::1", LOCAL],
    ["by an IPv4 address within IPv6", PAGE, "::ffff:127.0.0.1", LOCAL],
    ["as localhost", { ...PAGE, host: "localhost:7700", origin: "http://localhost:7700" }, "127.0.0.1", LOCAL],
    ["a page of the development server", { ...PAGE, origin: "http://localhost:5173" }, "127.0.0.1", LOCAL],
    ["an admin key from elsewhere", { host: "hub.example", authorization: "Bearer admin" }, "10.0.0.9", ELSEWHERE],
    ["no token", { ...PAGE, "sec-websocket-protocol": "kite.console" }, "127.0.0.1", 401],
    ["no protocol at all", { ...PAGE, "sec-websocket-protocol": undefined }, "127.0.0.1", 401],
    ["a wrong token", { ...PAGE, "sec-websocket-protocol": `token.${"cd".repeat(32)}` }, "127.0.0.1", 401],
    ["a token that is none", { ...PAGE, "sec-websocket-protocol": "token.abc" }, "127.0.0.1", 401],
    ["a page of another site", { ...PAGE, origin: "https://evil.example" }, "127.0.0.1", 403],
    ["a page of another port", { ...PAGE, origin: "http://127.0.0.1:8080" }, "127.0.0.1", 403],
    ["a page without an origin", { ...PAGE, origin: "null" }, "127.0.0.1", 403],
    ["a program with the token", { ...PAGE, origin: undefined }, "127.0.0.1", 403],
    ["a rebound name", { ...PAGE, host: "evil.example:7700", origin: "http://evil.example:7700" }, "127.0.0.1", 403],
    ["a name that only begins so", { ...PAGE, host: "127.0.0.1.evil.example" }, "127.0.0.1", 403],
    ["the token from elsewhere", PAGE, "192.168.1.7", 403],
    ["from nobody knows where", PAGE, undefined, 403],
    ["a key without admin", { authorization: "Bearer reader" }, "127.0.0.1", 403],
    ["a page with an admin key", { ...PAGE, authorization: "Bearer admin" }, "127.0.0.1", 403],
    [
      "an unknown key, though the token is right",
      { ...PAGE, authorization: "Bearer x", origin: undefined },
      "127.0.0.1",
      401,
    ],
    ["a revoked key", { authorization: "Bearer revoked" }, "127.0.0.1", 401],
    ["an expired key", { authorization: "Bearer expired" }, "127.0.0.1", 401],
  ])("%s", (_name, headers, remote, expected) => {
    const answer = admit({ headers, remote }, RULES);
    if (typeof expected === "number")
      expect(answer).toMatchObject({ status: expect.stringContaining(String(expected)) });
    else expect(answer).toEqual(expected);
  });

  test("no token opens a hub that offers no console to browsers", () => {
    expect(admit({ headers: PAGE, remote: "127.0.0.1" }, { ...RULES, token: null })).toMatchObject({
      status: "401 Unauthorized",
    });
  });
});

/** How the hub answers an upgrade: `open`, or the HTTP status. */
async function answer(to: Parameters<typeof openSocket>[0], knocking: Knocking): Promise<string> {
  const socket = openSocket(to, knocking);
  return new Promise((resolve) => {
    socket.once("open", () => resolve(`open ${socket.protocol}`));
    socket.once("unexpected-response", (_request, response) => resolve(String(response.statusCode)));
  });
}

describe("at a hub's door", () => {
  test("only the token of this start and admin keys open it", async () => {
    const hub = await openConsoleUnderTest();
    const { apiKey, adminKey } = hub.client.address;
    const bearer = (value: string): Knocking => ({
      origin: null,
      token: null,
      headers: { authorization: `Bearer ${value}` },
    });
    expect(await answer(hub, {})).toBe("open kite.console");
    expect(await answer(hub, bearer(adminKey))).toBe("open kite.console");
    expect(await answer(hub, bearer(apiKey))).toBe("403");
    expect(await answer(hub, { origin: "https://evil.example" })).toBe("403");
    expect(await answer(hub, { headers: { host: "evil.example" } })).toBe("403");
  });

  test("a page without the token of this start is told so, which the status of an upgrade would not", async () => {
    const hub = await openConsoleUnderTest();
    for (const [token, sentence] of [
      [TOKEN, "The hub was started anew since this page was opened, with another key: open the URL that it printed."],
      [null, "This page was opened without a key: open the URL that the hub printed at its start."],
    ] as const) {
      const socket = openSocket(hub, { token });
      const [code, reason] = await once(socket, "close");
      expect([code, String(reason)]).toEqual([4410, sentence]);
    }
  });

  test("a console elsewhere does not get this hub's keys, its configuration or its list of hubs", async () => {
    const hub = await openConsoleUnderTest({ pages: null });
    const headers = { authorization: `Bearer ${hub.client.address.adminKey}` };
    const socket = openSocket(hub, { origin: null, token: null, headers });
    await once(socket, "open");
    const { client } = clientOf(socket);
    expect(await client.hub.about()).toMatchObject({ instanceId: "here", teams: ["team"] });
    for (const call of [client.hub.firstSteps, client.settings.config, client.hubs.list])
      await expect(call()).rejects.toMatchObject({ code: "FORBIDDEN", defined: true });
  });

  test("a key that is revoked ends what it has opened", async () => {
    const hub = await openConsoleUnderTest();
    const { client } = clientOf(openSocket(hub));
    const { key: made, secret } = await client.keys.create({ name: null, permissions: ["admin"] });
    const socket = openSocket(hub, { origin: null, token: null, headers: { authorization: `Bearer ${secret}` } });
    await once(socket, "open");
    const closed = once(socket, "close");
    await client.keys.revoke({ id: made.id });
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([4401, "The key was revoked, or has expired."]);
  });

  test("what is no message ends the line, and nothing else", async () => {
    const hub = await openConsoleUnderTest();
    const socket = openSocket(hub);
    await once(socket, "open");
    const closed = once(socket, "close");
    socket.send("this is not JSON");
    expect((await closed)[0]).toBe(1007);
    const huge = openSocket(hub);
    await once(huge, "open");
    const tooLong = once(huge, "close");
    huge.send(" ".repeat(3 * 1024 * 1024));
    expect((await tooLong)[0]).toBe(1009);
    expect(await answer(hub, {})).toBe("open kite.console");
  });

  test("a hub that stops says goodbye, and does not wait for consoles", async () => {
    const hub = await openConsoleUnderTest();
    const socket = openSocket(hub);
    await once(socket, "open");
    const { client } = clientOf(socket);
    const feed = await client.hub.state();
    await feed.next();
    const closed = once(socket, "close");
    await hub.hub.stop();
    expect((await closed)[0]).toBe(1001);
  });
});

describe("the pages", () => {
  const get = (url: string, headers: Record<string, string> = {}) => fetch(url, { headers, redirect: "manual" });

  test("say what to do when they are not built, under the same policy", async () => {
    const hub = await openConsoleUnderTest();
    const response = await get(`${hub.url}/console/`);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain("npm run build");
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(/script-src ([^;]*)/.exec(policy)?.[1]).toBe("'self'");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect((await get(`${hub.url}/console`)).headers.get("location")).toBe("/console/");
  });

  test("are not there on a hub without a console", async () => {
    const hub = await openConsoleUnderTest({ pages: null });
    expect((await get(`${hub.url}/console/`)).status).toBe(404);
    expect(hub.console.url()).toBeNull();
    await until("it runs", async () => (await get(`${hub.url}/health`)).ok);
  });
});
