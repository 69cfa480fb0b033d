import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toFailure } from "../../../src/main/hub/federation/outbound/failure.ts";
import { Connectivity, retryPolicyOf } from "../../../src/main/hub/federation/outbound/index.ts";
import { PeerClient } from "../../../src/main/hub/federation/outbound/peer-client.ts";
import { DEFAULT_RETRY_POLICY } from "../../../src/shared/rules/index.ts";
import { FakePeer } from "./fake-peer.ts";

let peer: FakePeer;
let client: PeerClient;

beforeEach(async () => {
  peer = await FakePeer.start();
  client = new PeerClient({ url: peer.url, allowPrivate: false, timeoutMs: 5_000, connections: 4 });
});

afterEach(async () => {
  await client.destroy();
  await peer.stop();
});

const body = Buffer.from('{"id":"1","source":"s"}');
const post = (maxBytes = 1_000) => client.post(["content-type", "application/json"], body, maxBytes);

describe("a request", () => {
  test("keeps its connection for the next", async () => {
    for (let round = 0; round < 5; round++) expect(await post()).toMatchObject({ status: 202, failure: null });
    // An answer is told a moment before its connection is free again.
    expect(peer.connections).toBeLessThanOrEqual(2);
  });

  test("uses no more connections than it may", async () => {
    await Promise.all(Array.from({ length: 20 }, () => post()));
    expect(peer.connections).toBeLessThanOrEqual(4);
    expect(peer.received).toHaveLength(20);
  });

  test("reads no more of an answer than it has to, and knows the status all the same", async () => {
    peer.handler = () => ({ status: 400, body: "y".repeat(5_000_000) });
    const answer = await post(1_000);
    expect(answer).toMatchObject({ status: 400, failure: null, truncated: true });
    expect(answer.body).toBe("y".repeat(1_000));
    peer.handler = () => ({ status: 202, body: "fine" });
    expect(await post()).toMatchObject({ status: 202, body: "fine", truncated: false });
  });

  test("that is broken off says so", async () => {
    peer.handler = () => "hang";
    const answers = [post(), post()];
    while (peer.waiting < 2) await new Promise((resolve) => setImmediate(resolve));
    await client.destroy();
    expect(await Promise.all(answers)).toMatchObject([
      { failure: { kind: "aborted" } },
      { failure: { kind: "aborted" } },
    ]);
    expect(await post()).toMatchObject({ status: null, failure: { kind: "aborted" } });
  });

  test("with a header that cannot be sent is a failure, not an exception", async () => {
    const answer = await client.post(["authorization", "Bearer a\nb"], body, 10);
    expect(answer).toMatchObject({ status: null, failure: { kind: "other" } });
  });

  test("to a URL that no peer may have is a failure, without a connection", async () => {
    const refused = new PeerClient({
      url: "http://example.com/",
      allowPrivate: false,
      timeoutMs: 5_000,
      connections: 1,
    });
    const answer = await refused.post([], body, 10);
    expect(answer).toMatchObject({ status: null, failure: { kind: "blocked", code: "KITE_ADDRESS_REFUSED" } });
    expect(answer.failure?.sentence).toContain("use https");
  });
});

describe("a failure", () => {
  const withCode = (code: string) => Object.assign(new Error("the message"), { code });
  test.each([
    ["ECONNREFUSED", "refused"],
    ["ENOTFOUND", "dns"],
    ["EAI_AGAIN", "dns"],
    ["ENETUNREACH", "unreachable"],
    ["EHOSTUNREACH", "unreachable"],
    ["ECONNRESET", "reset"],
    ["UND_ERR_SOCKET", "reset"],
    ["UND_ERR_CONNECT_TIMEOUT", "timeout"],
    ["CERT_HAS_EXPIRED", "tls"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "tls"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "tls"],
    ["HPE_INVALID_CONSTANT", "protocol"],
    ["UND_ERR_DESTROYED", "aborted"],
    ["E_SOMETHING_ELSE", "other"],
  ])("with code %s is of kind %s, and its sentence names the code", (code, kind) => {
    const failure = toFailure(withCode(code));
    expect(failure).toMatchObject({ kind, code });
    expect(failure.sentence).toContain(code);
  });

  test("of several addresses is told by the first, of a wrapper by its cause", () => {
    expect(
      toFailure(new AggregateError([withCode("ECONNREFUSED"), withCode("ETIMEDOUT")], "all failed")),
    ).toMatchObject({
      kind: "refused",
    });
    expect(toFailure(new Error("outer", { cause: withCode("ENOTFOUND") }))).toMatchObject({ kind: "dns" });
    expect(toFailure("nonsense")).toMatchObject({ kind: "other" });
    expect(toFailure(null)).toMatchObject({ kind: "other" });
  });
});

describe("connectivity", () => {
  const unreachable = toFailure(Object.assign(new Error("connect"), { code: "ENETUNREACH" }));
  const refused = toFailure(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }));

  test("blames our network when there is no interface, but not for a peer on this machine or one that refuses", () => {
    const offline = new Connectivity(() => false);
    expect(offline.failed("b.example.com", unreachable, 0)).toBe(true);
    expect(offline.failed("b.example.com", refused, 0)).toBe(false);
    expect(offline.failed("localhost", unreachable, 0)).toBe(false);
    expect(offline.failed("127.0.0.1", unreachable, 0)).toBe(false);
  });

  test("blames our network when two hosts fail within a minute, with no success between", () => {
    const online = new Connectivity(() => true);
    expect(online.failed("b.example.com", unreachable, 0)).toBe(false);
    expect(online.failed("b.example.com", unreachable, 1_000)).toBe(false);
    expect(online.failed("c.example.com", unreachable, 2_000)).toBe(true);
    online.succeeded("localhost");
    expect(online.failed("c.example.com", unreachable, 3_000)).toBe(true);
    online.succeeded("d.example.com");
    expect(online.failed("c.example.com", unreachable, 4_000)).toBe(false);
    expect(online.failed("b.example.com", unreachable, 70_000)).toBe(false);
  });

  test("finds the interfaces of this machine without an error", () => {
    expect(typeof new Connectivity().failed("b.example.com", unreachable, 0)).toBe("boolean");
  });
});

test("a peer's retry settings lie over the default; what cannot be read is left out as a whole", () => {
  expect(retryPolicyOf({ retry: {} })).toEqual(DEFAULT_RETRY_POLICY);
  expect(retryPolicyOf({ retry: { jitter: 0, ages: [1_000] } })).toEqual({
    ...DEFAULT_RETRY_POLICY,
    jitter: 0,
    ages: [1_000],
  });
  expect(retryPolicyOf({ retry: { jitter: "much" } })).toEqual(DEFAULT_RETRY_POLICY);
  expect(retryPolicyOf({ retry: { ages: [] } })).toEqual(DEFAULT_RETRY_POLICY);
});
