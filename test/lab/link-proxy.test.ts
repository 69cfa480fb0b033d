import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { LinkProxy } from "../../src/main/lab/index.ts";
import type { Fault } from "../../src/shared/lab/index.ts";
import { until } from "../support/until.ts";

interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly whole: boolean;
}

/** A receiver that notes what it gets, whole or not, behind a proxy. */
async function stage(): Promise<{ proxy: LinkProxy; received: Received[]; post: (body: string) => Promise<Response> }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    try {
      for await (const chunk of request) body += String(chunk);
      received.push({ headers: request.headers, body, whole: true });
    } catch {
      received.push({ headers: request.headers, body, whole: false });
    }
    response.writeHead(202, { "content-type": "application/json", "retry-after": new Date(60_000).toUTCString() });
    response.end(JSON.stringify({ id: "a long enough answer to be cut" }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const proxy = await LinkProxy.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    await proxy.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  const headers = { authorization: "Bearer secret", "x-kite-signature": "sha256=abc" };
  const post = (body: string) => fetch(`${proxy.url}/hooks/lab/kite`, { method: "POST", headers, body });
  return { proxy, received, post };
}

async function broken(fault: Fault): Promise<Awaited<ReturnType<typeof stage>>> {
  const staged = await stage();
  staged.proxy.setFault(fault);
  return staged;
}

describe("a link", () => {
  test("without a fault passes everything on as it is", async () => {
    const { received, post } = await stage();
    const answer = await post("hello");
    expect([answer.status, await answer.json()]).toEqual([202, { id: "a long enough answer to be cut" }]);
    expect(received).toMatchObject([{ body: "hello", whole: true, headers: { authorization: "Bearer secret" } }]);
  });

  test("that is down closes the connection, and nothing arrives; healed, it works", async () => {
    const { proxy, received, post } = await broken({ kind: "down" });
    await expect(post("hello")).rejects.toThrow();
    expect(received).toEqual([]);
    proxy.setFault(null);
    expect((await post("hello")).status).toBe(202);
  });

  test("that is slow takes its time", async () => {
    const { received, post } = await broken({ kind: "slow", ms: 120 });
    const began = performance.now();
    await post("hello");
    expect(performance.now() - began).toBeGreaterThan(110);
    expect(received).toHaveLength(1);
  });

  test("answers a status, or 429 with Retry-After, in the receiver's place", async () => {
    const { proxy, received, post } = await broken({ kind: "status", status: 500 });
    expect((await post("hello")).status).toBe(500);
    proxy.setFault({ kind: "too_many", retryAfterSecs: 7 });
    const answer = await post("hello");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(received).toEqual([]);
  });

  test("spoils the key", async () => {
    const { received, post } = await broken({ kind: "wrong_key" });
    await post("hello");
    expect(received[0]?.body).toBe("hello");
    expect(received[0]?.headers.authorization).not.toBe("Bearer secret");
    expect(received[0]?.headers["x-kite-signature"]).not.toBe("sha256=abc");
  });

  test("delivers twice, and answers once", async () => {
    const { received, post } = await broken({ kind: "duplicate" });
    expect((await post("hello")).status).toBe(202);
    expect(received.map(({ body }) => body)).toEqual(["hello", "hello"]);
  });

  test("lets the second request pass the first", async () => {
    const { received, proxy, post } = await broken({ kind: "reorder" });
    const first = post("first");
    await until("the first has come to the proxy", () => proxy.seen === 1);
    await Promise.all([first, post("second")]);
    expect(received.map(({ body }) => body)).toEqual(["second", "first"]);
  });

  test("breaks half way through the body: the receiver never has all of it", async () => {
    const { received, post } = await broken({ kind: "cut" });
    await expect(post("0123456789")).rejects.toThrow();
    await until("the receiver has noticed", () => received.length === 1);
    expect(received[0]?.whole).toBe(false);
    expect("0123456789".startsWith(received[0]?.body ?? "no")).toBe(true);
  });

  test("breaks half way through the answer: it has arrived, and the sender cannot know", async () => {
    const { received, post } = await broken({ kind: "cut_answer" });
    await expect(post("hello").then((answer) => answer.text())).rejects.toThrow();
    expect(received).toMatchObject([{ body: "hello", whole: true }]);
  });

  test("has a clock that is off", async () => {
    const { post } = await broken({ kind: "skew", ms: 3_600_000 });
    const answer = await post("hello");
    expect(answer.headers.get("retry-after")).toBe(new Date(3_660_000).toUTCString());
    expect(Date.parse(answer.headers.get("date") ?? "") - Date.now()).toBeGreaterThan(3_500_000);
  });

  test("breaks only so often", async () => {
    const { post } = await broken({ kind: "status", status: 503, times: 2 });
    expect([(await post("a")).status, (await post("b")).status, (await post("c")).status]).toEqual([503, 503, 202]);
  });
});
