import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../support/until.ts";
import {
  type ConsoleUnderTest,
  openConsoleUnderTest,
  openSocket,
  overSocket,
  TRANSPORTS,
} from "./console-under-test.ts";

const environment = "staging" as const;

/** Why a line to a hub was closed, by the WebSocket's code and reason. */
async function closing(hub: ConsoleUnderTest, hubId: string): Promise<[number, string]> {
  const [code, reason] = await once(openSocket(hub, { hubId }), "close");
  return [code, String(reason)];
}

/** An address at which nothing listens. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return `http://127.0.0.1:${port}`;
}

describe.each(TRANSPORTS)("over %s", (_name, connect) => {
  test("a hub elsewhere is looked at as if it were here", async () => {
    const here = await openConsoleUnderTest();
    const there = await openConsoleUnderTest({ instanceId: "there", pages: null });
    const { client } = await connect(here);
    const { adminKey } = there.client.address;
    const added = await client.hubs.add({ name: "Staging", url: `${there.url}/`, adminKey, environment });
    expect(added).toEqual({ id: added.id, name: "Staging", url: there.url, environment, instanceId: "there" });
    const listed = await client.hubs.list();
    expect(listed.map(({ id }) => id)).toEqual(["local", added.id]);
    expect(JSON.stringify(listed)).not.toContain(adminKey);

    const far = await connect(here, added.id);
    expect(await far.client.hub.about()).toMatchObject({ instanceId: "there" });
    await expect(far.client.hub.firstSteps()).rejects.toMatchObject({ code: "FORBIDDEN" });
    const seqs: number[] = [];
    const end = new AbortController();
    const following = (async () => {
      for await (const message of await far.client.events.stream({}, { signal: end.signal }))
        if (message.kind === "rows") seqs.push(...message.rows.map(({ seq }) => seq));
    })().catch((error: unknown) => {
      if (!end.signal.aborted) throw error;
    });
    await there.client.postBatch(Array.from({ length: 30 }, (_, i) => ({ id: `e${i}` })));
    await until("the rows came", () => seqs.length === 30);
    end.abort();
    await following;

    await client.hubs.remove({ id: added.id });
    expect(await client.hubs.list()).toHaveLength(1);
  });
});

describe("what stands in the way", () => {
  test("a key that is wrong, or has too little, is said before anything is kept", async () => {
    const here = await openConsoleUnderTest();
    const there = await openConsoleUnderTest({ instanceId: "there" });
    const { client } = await overSocket(here);
    const add = (over: object) =>
      client.hubs.add({ name: "x", url: there.url, adminKey: "kite_admin_wrong", environment, ...over });
    await expect(add({})).rejects.toMatchObject({ code: "BAD_REQUEST", data: { field: "adminKey" } });
    await expect(add({ adminKey: there.client.address.apiKey })).rejects.toMatchObject({
      message: expect.stringContaining("permission admin"),
    });
    await expect(add({ url: await nowhere() })).rejects.toMatchObject({ data: { field: "url" } });
    await expect(add({ url: "http://kite.example.com" })).rejects.toMatchObject({
      message: expect.stringContaining("https"),
    });
    await expect(add({ url: "not a url" })).rejects.toMatchObject({ data: { field: "url" } });
    expect(await client.hubs.list()).toHaveLength(1);
  });

  test("a hub that goes away, and a key that was revoked, end the line with their reason", async () => {
    const here = await openConsoleUnderTest();
    const there = await openConsoleUnderTest({ instanceId: "there" });
    const { client } = await overSocket(here);
    const { client: far } = await overSocket(there);
    const { key, secret } = await far.keys.create({ name: "console", permissions: ["admin"] });
    const { id } = await client.hubs.add({ name: "there", url: there.url, adminKey: secret, environment });

    const open = openSocket(here, { hubId: id });
    const closed = once(open, "close");
    await once(open, "open");
    await until("the other hub sees it", async () => (await (await overSocket(here, id)).client.hub.about()) !== null);
    await far.keys.revoke({ id: key.id });
    expect((await closed)[0]).toBe(4401);
    expect(await closing(here, id)).toEqual([4401, `${new URL(there.url).host} does not take this key.`]);

    await there.hub.stop();
    expect(await closing(here, id)).toEqual([4503, expect.stringContaining("cannot be reached (ECONNREFUSED)")]);
    expect(await closing(here, "00000000-0000-4000-8000-000000000000")).toEqual([4404, expect.any(String)]);
  });

  test("over a port the reason comes before the end", async () => {
    const here = await openConsoleUnderTest();
    const { port1, port2 } = new MessageChannel();
    onTestFinished(() => port2.close());
    const closed = once(port2, "close");
    const messages: unknown[] = [];
    port2.on("message", (message) => messages.push(message));
    here.console.connect(port1, "00000000-0000-4000-8000-000000000000");
    await closed;
    expect(messages).toMatchObject([{ kite: "closed", code: 4404, reason: "There is no hub of that id in the list." }]);
  });

  test("a server that is no hub of ours is called so", async () => {
    const here = await openConsoleUnderTest();
    const { client } = await overSocket(here);
    const server = createServer((_request, response) => response.writeHead(404).end()).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(client.hubs.add({ name: "x", url, adminKey: "k", environment })).rejects.toMatchObject({
      message: expect.stringContaining("no Kite Desktop hub"),
    });
  });

  test("a certificate that nobody vouches for is called so", async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "kite-tls-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    try {
      const subject = ["-subj", "/CN=localhost", "-days", "1", "-nodes"];
      execFileSync(
        "openssl",
        ["req", "-x509", "-newkey", "rsa:2048", "-keyout", keyFile, "-out", certFile, ...subject],
        {
          stdio: "ignore",
        },
      );
    } catch {
      context.skip("needs openssl");
    }
    const server = createHttps({ key: await readFile(keyFile), cert: await readFile(certFile) }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const here = await openConsoleUnderTest();
    const { client } = await overSocket(here);
    const url = `https://localhost:${(server.address() as AddressInfo).port}`;
    await expect(client.hubs.add({ name: "x", url, adminKey: "k", environment })).rejects.toMatchObject({
      message: expect.stringContaining("certificate"),
      data: { field: "url" },
    });
  });
});
