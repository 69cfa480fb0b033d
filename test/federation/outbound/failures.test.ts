import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Connectivity } from "../../../src/main/hub/federation/outbound/index.ts";
import { DEFAULT_RETRY_POLICY } from "../../../src/shared/rules/index.ts";
import { FakePeer, results, takesSingles } from "./fake-peer.ts";
import { makePeer, Stage, until } from "./stage.ts";

const SECOND = 1_000;
const HOUR = 3_600_000;

let peer: FakePeer;
let stage: Stage;

beforeEach(async () => {
  peer = await FakePeer.start();
});

afterEach(async () => {
  await stage?.close();
  await peer.stop();
});

/** One entry, sent to the peer, until its first attempt is written. */
async function firstAttempt(): Promise<void> {
  await stage.owe(1, await stage.events(1));
  await stage.start();
  await until(async () => (await stage.attempts()).length > 0, "the first attempt");
}

describe("an answer that is no success", () => {
  test.each([301, 302, 307, 308])("%i is not followed, and tried again", async (status) => {
    const elsewhere = await FakePeer.start();
    try {
      peer.handler = () => ({ status, headers: { location: elsewhere.url } });
      stage = await Stage.open([makePeer(1, peer.url)]);
      await firstAttempt();
      const [entry] = await stage.owed();
      expect(entry).toMatchObject({ state: "pending", tries: 1, wait_reason: "schedule" });
      expect(entry?.last_error).toContain(`${status}, a redirect to ${elsewhere.url}`);
      expect(elsewhere.received).toEqual([]);
    } finally {
      await elsewhere.stop();
    }
  });

  test.each([400, 413, 422])("%i is a dead letter at once", async (status) => {
    peer.handler = () => ({ status, body: '{"error":"no"}' });
    stage = await Stage.open([makePeer(1, peer.url)]);
    await firstAttempt();
    await stage.settled(0, 1);
    expect(await stage.done()).toMatchObject([
      {
        state: "dead",
        result: "refused",
        cause: `http_${status}`,
        tries: 1,
        last_error: expect.stringContaining("no"),
      },
    ]);
    await stage.died(1);
    expect(stage.dead).toMatchObject([{ seq: 1, tries: 1, event: { team: "t", id: "evt-1", type: "com.shop.order" } }]);
    expect(await stage.counts()).toEqual({ [`1 attempt_failed http_${status}`]: 1, [`1 dead http_${status}`]: 1 });
  });

  test.each([401, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504])("%i is tried again", async (status) => {
    peer.handler = () => ({ status });
    stage = await Stage.open([makePeer(1, peer.url)]);
    await firstAttempt();
    expect(await stage.owed()).toMatchObject([
      { state: "pending", tries: 1, wait_reason: "schedule", available_ms: stage.now + 5 * SECOND },
    ]);
    expect(await stage.attempts()).toMatchObject([{ outcome: "retry", status }]);
  });

  test("410 to many requests at once is told once", async () => {
    peer.handler = () => ({ status: 410 });
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(32));
    await stage.start();
    await until(() => peer.received.length === 32, "all requests");
    await until(async () => (await stage.owed()).every(({ state }) => state === "pending"), "all back");
    expect(stage.paused).toHaveLength(1);
  });

  test("410 pauses the peer and says so; the entries stay", async () => {
    peer.handler = () => ({ status: 410 });
    stage = await Stage.open([makePeer(1, peer.url, { ordered: true })]);
    await stage.owe(1, await stage.events(5));
    const hub = await stage.start();
    await until(() => stage.paused.length > 0, "the pause");
    expect(stage.paused).toMatchObject([{ peer: 1, reason: expect.stringContaining("410") }]);
    await until(async () => (await stage.owed()).every(({ state }) => state === "pending"), "all back");
    expect((await stage.owed())[0]).toMatchObject({ tries: 1, wait_reason: "peer_paused", available_ms: stage.now });
    expect(hub.snapshot()).toMatchObject([{ waitReason: "peer_paused" }]);
    expect(peer.received).toHaveLength(1);

    // The registry follows, and then a person resumes the peer.
    stage.registry.change(1, { status: "paused" });
    peer.handler = takesSingles;
    stage.registry.change(1, { status: "active" });
    await stage.settled(0, 5);
    expect(peer.received).toHaveLength(6);
  });
});

describe("no answer", () => {
  test.each([
    ["reset", "ECONNRESET|UND_ERR_SOCKET", "The connection broke"],
    ["garbage", "HTTPParserError", "The answer was not HTTP"],
  ] as const)("%s is tried again, with the reason", async (behaviour, code, sentence) => {
    peer.handler = () => behaviour;
    stage = await Stage.open([makePeer(1, peer.url)]);
    await firstAttempt();
    expect(await stage.owed()).toMatchObject([{ state: "pending", tries: 1 }]);
    const [attempt] = await stage.attempts();
    expect(attempt).toMatchObject({ outcome: "retry", status: null, error: expect.stringContaining(sentence) });
    expect(attempt?.error).toMatch(new RegExp(code));
  });

  test("within the timeout is tried again", async () => {
    peer.handler = () => "hang";
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(1));
    await stage.start({ timeoutMs: 50 });
    await until(async () => (await stage.attempts()).length > 0, "the first attempt");
    expect(await stage.attempts()).toMatchObject([{ outcome: "retry", error: expect.stringContaining("in time") }]);
    expect(await stage.counts()).toEqual({ "1 attempt_failed timeout": 1 });
  });

  test("because nobody listens is tried again", async () => {
    const { url } = peer;
    await peer.stop();
    stage = await Stage.open([makePeer(1, url)]);
    await firstAttempt();
    expect(await stage.attempts()).toMatchObject([{ error: expect.stringMatching(/Nobody listens .*ECONNREFUSED/) }]);
  });

  test("because the name is unknown is tried again", async () => {
    stage = await Stage.open([makePeer(1, "https://peer.example.com/hooks/t/kite")]);
    await stage.owe(1, await stage.events(1));
    const resolve = async () => {
      throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    };
    await stage.start({ resolve });
    await until(async () => (await stage.attempts()).length > 0, "the first attempt");
    expect(await stage.attempts()).toMatchObject([
      { error: expect.stringMatching(/could not be resolved .*ENOTFOUND/) },
    ]);
  });

  test("because TLS does not come about says what is wrong", async () => {
    const plain = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\n\r\n", () => socket.destroy()));
    });
    await new Promise<void>((listening) => plain.listen(0, "127.0.0.1", listening));
    const address = plain.address();
    const port = typeof address === "object" ? address?.port : 0;
    try {
      stage = await Stage.open([makePeer(1, `https://localhost:${port}/`)]);
      await firstAttempt();
      expect(await stage.attempts()).toMatchObject([{ error: expect.stringContaining("No secure connection") }]);
    } finally {
      await new Promise((closed) => plain.close(closed));
    }
  });
});

describe("addresses a peer may not have", () => {
  test.each([
    ["https://peer.example.com/", ["10.0.0.7"], "10.0.0.7, which lies in the private range"],
    ["https://peer.example.com/", ["169.254.169.254"], "no peer may be there"],
    ["https://peer.example.com/", ["93.184.216.34", "127.0.0.1"], "127.0.0.1"],
    ["https://peer.example.com/", ["::ffff:169.254.169.254"], "no peer may be there"],
    ["http://localhost/", ["93.184.216.34"], "not on this machine"],
    ["https://peer.example.com/", [], "resolves to no address"],
  ])("are refused when %s resolves to %j", async (url, addresses, reason) => {
    stage = await Stage.open([makePeer(1, url)]);
    await stage.owe(1, await stage.events(1));
    const resolve = async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    await stage.start({ resolve });
    await until(async () => (await stage.attempts()).length > 0, "the first attempt");
    expect(await stage.attempts()).toMatchObject([
      { outcome: "retry", status: null, error: expect.stringContaining(reason) },
    ]);
  });

  test("are refused as literals too, without a connection", async () => {
    stage = await Stage.open([makePeer(1, "https://10.0.0.7/hooks/t/kite")]);
    await firstAttempt();
    expect(await stage.attempts()).toMatchObject([{ error: expect.stringContaining("allow_private") }]);
  });

  test("are pinned: the connection goes to what was checked, and the name is asked for each new one", async () => {
    const asked: string[] = [];
    stage = await Stage.open([makePeer(1, `http://hub.lan:${peer.port}/hooks/t/kite`, { allowPrivate: true })]);
    await stage.owe(1, await stage.events(1));
    const resolve = async (host: string) => {
      asked.push(host);
      return [{ address: "127.0.0.1", family: 4 }];
    };
    await stage.start({ resolve });
    await stage.settled(0, 1);
    expect(asked).toEqual(["hub.lan"]);
    expect(peer.received[0]?.headers.host).toBe(`hub.lan:${peer.port}`);
  });
});

describe("the schedule", () => {
  test("goes by age, with jitter from the injected randomness, to its end", async () => {
    peer.handler = () => ({ status: 500 });
    stage = await Stage.open([makePeer(1, peer.url)]);
    const policy = DEFAULT_RETRY_POLICY;
    await stage.owe(1, await stage.events(1));
    await stage.start({ breaker: { failureThreshold: 1_000, probeDelayMs: 1, maxProbeDelayMs: 1, probeTimeoutMs: 1 } });
    const start = stage.now;
    const ages: number[] = [];
    for (let attempt = 1; attempt <= policy.ages.length; attempt++) {
      await until(async () => (await stage.owed())[0]?.tries === attempt, `attempt ${attempt}`);
      const [entry] = await stage.owed();
      const due = entry?.available_ms ?? 0;
      ages.push(due - start);
      stage.now = due;
    }
    // A jitter of a half is none: the ages are those of the policy.
    expect(ages).toEqual(policy.ages);
    await stage.settled(0, 1);
    expect(await stage.done()).toMatchObject([
      { state: "dead", result: "given_up", cause: "schedule_ended", tries: policy.ages.length + 1 },
    ]);
    await stage.died(1);
    expect(stage.dead).toMatchObject([{ cause: "schedule_ended", lastError: expect.stringContaining("500") }]);
    expect(await stage.attempts()).toHaveLength(policy.ages.length + 1);
  });

  test("of the peer's own replaces the default", async () => {
    peer.handler = () => ({ status: 500 });
    const retry = { ages: [1_000], jitter: 0, minAttempts: 1 };
    stage = await Stage.open([makePeer(1, peer.url, { retry })]);
    await firstAttempt();
    expect(await stage.owed()).toMatchObject([{ available_ms: stage.now + 1_000 }]);
    stage.now += 1_000;
    await stage.settled(0, 1);
    expect(peer.received).toHaveLength(2);
  });

  test("begins anew with a replay, whatever attempts were made before", async () => {
    peer.handler = () => ({ status: 500 });
    stage = await Stage.open([makePeer(1, peer.url)]);
    // Its only attempt is of 1970.
    const old = "00000000-0001-7000-8000-000000000000";
    await stage.owe(1, await stage.events(1), { attempts: [old], tries: 0 });
    await stage.start();
    await until(async () => (await stage.owed())[0]?.tries === 1, "the first attempt");
    expect(await stage.owed()).toMatchObject([{ available_ms: stage.now + 5 * SECOND }]);
    expect((await stage.owed())[0]?.attempts).toHaveLength(2);
  });

  test.each([
    ["120", 120 * SECOND * 1.1],
    ["Fri, 02 Jan 2026 00:10:00 GMT", 600 * SECOND * 1.1],
  ])("is stretched by Retry-After: %s", async (value, wait) => {
    peer.handler = () => ({ status: 500, headers: { "retry-after": value } });
    stage = await Stage.open([makePeer(1, peer.url)]);
    await firstAttempt();
    expect(await stage.owed()).toMatchObject([{ wait_reason: "retry_after", available_ms: stage.now + wait }]);
  });

  test("is not shortened by Retry-After, and an unreadable one counts for nothing", async () => {
    const values = ["1", "soon", "-5"];
    peer.handler = (_request, count) => ({ status: 500, headers: { "retry-after": values[count - 1] ?? "" } });
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(3));
    await stage.start();
    await until(async () => (await stage.owed()).every(({ tries }) => tries === 1), "the first attempts");
    for (const entry of await stage.owed())
      expect(entry).toMatchObject({ wait_reason: "schedule", available_ms: stage.now + 5 * SECOND });
  });

  test.each([429, 503])("of the whole lane waits when %i comes with Retry-After", async (status) => {
    peer.handler = (_request, count) => (count === 1 ? { status, headers: { "retry-after": "60" } } : { status: 202 });
    stage = await Stage.open([makePeer(1, peer.url)]);
    const events = await stage.events(40);
    await stage.owe(1, events.slice(0, 1));
    const hub = await stage.start();
    await until(() => hub.snapshot()[0]?.waitReason === "retry_after", "the lane to wait");
    expect(hub.snapshot()).toMatchObject([{ breaker: "closed", waitingUntil: stage.now + 60 * SECOND }]);
    await stage.owe(1, events.slice(1));
    hub.wake(1);
    expect(hub.mayLease(1, 1)).toBe(false);
    stage.now += 59 * SECOND;
    await hub.poll();
    expect(peer.received).toHaveLength(1);
    stage.now += 10 * SECOND;
    await stage.settled(0, 40);
  });
});

describe("the breaker", () => {
  test("opens after failures in a row, probes with one entry, and lets everything go when the peer is back", async () => {
    peer.handler = () => ({ status: 503 });
    stage = await Stage.open([makePeer(1, peer.url, { batches: true })]);
    const hub = stage.hub();
    const events = await stage.events(300);
    await hub.start();
    for (let failure = 0; failure < 5; failure++) {
      await stage.owe(1, events.slice(failure, failure + 1));
      hub.wake(1);
      await until(() => peer.received.length === failure + 1, `failure ${failure + 1}`);
      await until(() => hub.snapshot()[0]?.inFlight === 0, "the answer");
    }
    expect(hub.snapshot()).toMatchObject([
      {
        breaker: "open",
        breakerCause: expect.stringContaining("503"),
        waitReason: "breaker_open",
        waitingUntil: stage.now + 5 * SECOND,
      },
    ]);
    await stage.owe(1, events.slice(5));
    hub.wake(1);
    await hub.poll();
    expect(peer.received).toHaveLength(5);

    // The probe is one single entry; it fails, and the next wait is twice as long.
    stage.now += 5 * SECOND;
    await until(() => peer.received.length === 6, "the probe");
    expect(peer.received[5]?.events).toHaveLength(1);
    await until(() => hub.snapshot()[0]?.breaker === "open", "the breaker to open again");
    expect(hub.snapshot()).toMatchObject([{ waitingUntil: stage.now + 10 * SECOND }]);

    peer.handler = (request) => (request.batch ? { status: 200, body: results(request) } : { status: 202 });
    stage.now += 10 * SECOND;
    await stage.settled(0, 300);
    expect(hub.snapshot()).toMatchObject([{ breaker: "closed", waitReason: null }]);
    expect(peer.received[6]?.events).toHaveLength(1);
    // What waited for its next try was not made to wait for it.
    expect((await stage.done()).filter(({ tries }) => tries > 1)).not.toHaveLength(0);
  });

  test("puts what the lane holds back to the database, with the reason", async () => {
    peer.handler = () => "hang";
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(100));
    const hub = await stage.start({ timeoutMs: 100 });
    await until(() => hub.snapshot()[0]?.breaker === "open", "the breaker to open");
    await until(async () => (await stage.owed()).every(({ state }) => state === "pending"), "everything back");
    const owed = await stage.owed();
    // 32 are on the wire at a time, and the first four failures each let another go.
    expect(owed.filter(({ tries }) => tries === 1)).toHaveLength(36);
    expect(owed.filter(({ tries }) => tries === 0)).toHaveLength(64);
    expect(owed.find(({ tries }) => tries === 0)).toMatchObject({ wait_reason: "breaker_open", attempts: [] });
  });

  test("is not tripped by events that are refused", async () => {
    peer.handler = ({ events: [event] }) => ({ status: Number(event?.id.slice(4)) % 2 === 0 ? 422 : 202 });
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(60));
    const hub = await stage.start();
    await stage.settled(0, 60);
    expect(hub.snapshot()).toMatchObject([{ breaker: "closed" }]);
  });

  test("is closed anew when somebody mends the peer's settings", async () => {
    peer.handler = () => ({ status: 401 });
    stage = await Stage.open([makePeer(1, peer.url)]);
    await stage.owe(1, await stage.events(32));
    const hub = await stage.start();
    await until(() => hub.snapshot()[0]?.breaker === "open", "the breaker to open");
    // What is still on the wire must not be the first to find a peer that works.
    await until(() => hub.snapshot()[0]?.inFlight === 0, "the last requests");
    await until(async () => (await stage.owed()).every(({ state }) => state === "pending"), "all answers");
    peer.handler = takesSingles;
    stage.registry.change(1, { outboundToken: "another" });
    expect(hub.snapshot()).toMatchObject([{ breaker: "closed" }]);
    // Nor do the entries wait for their next try.
    await stage.settled(0, 32);
    expect(peer.received.at(-1)?.headers.authorization).toBe("Bearer another");
  });

  test("probes a peer that is back although nothing is due for an hour", async () => {
    peer.handler = () => ({ status: 500 });
    const retry = { ages: [HOUR, 2 * HOUR], jitter: 0 };
    stage = await Stage.open([makePeer(1, peer.url, { retry })]);
    await stage.owe(1, await stage.events(10));
    const hub = await stage.start();
    await until(() => hub.snapshot()[0]?.breaker === "open", "the breaker to open");
    await until(async () => (await stage.owed()).every(({ state }) => state === "pending"), "all answers");
    // All of them have been tried, so that none is due.
    await until(async () => {
      stage.now += 5 * SECOND;
      await hub.poll();
      return (await stage.owed()).every(({ tries }) => tries > 0);
    }, "every entry's first failure");
    peer.handler = takesSingles;
    const back = stage.now;
    await until(async () => {
      stage.now += 60 * SECOND;
      await hub.poll();
      return (await stage.done()).length === 10;
    }, "everything delivered");
    expect(stage.now - back).toBeLessThan(HOUR / 2);
  });

  test("that stays open to the end of the schedule ends it for what waited behind it", async () => {
    peer.handler = () => ({ status: 500 });
    const retry = { ages: [1_000, HOUR], jitter: 0, minAttempts: 2 };
    stage = await Stage.open([makePeer(1, peer.url, { retry })]);
    const events = await stage.events(12);
    await stage.owe(1, events.slice(0, 10));
    await stage.start({
      breaker: { failureThreshold: 2, probeDelayMs: SECOND, maxProbeDelayMs: SECOND, probeTimeoutMs: SECOND },
    });
    await until(() => peer.received.length >= 2, "the first failures");
    stage.now += HOUR + SECOND;
    await stage.owe(1, events.slice(10));
    // The entries that were tried come to their end, and take along what is as old; what is young stays.
    await until(async () => {
      stage.now += 2 * SECOND;
      return (await stage.done()).length === 10;
    }, "the end");
    expect((await stage.done()).every(({ state, cause }) => state === "dead" && cause === "schedule_ended")).toBe(true);
    expect((await stage.owed()).map(({ seq }) => seq)).toEqual([11, 12]);
    await stage.died(10);
    expect(stage.dead.every(({ event }) => event?.type === "com.shop.order")).toBe(true);
  });
});

describe("our own network", () => {
  const unreachable = async () => {
    throw Object.assign(new Error("queryA EAI_AGAIN"), { code: "EAI_AGAIN" });
  };

  test("that is down burns no attempt", async () => {
    stage = await Stage.open([makePeer(1, "https://b.example.com/")]);
    await stage.owe(1, await stage.events(1));
    const hub = await stage.start({ resolve: unreachable, connectivity: new Connectivity(() => false) });
    await until(() => hub.snapshot()[0]?.waitReason === "offline", "the lane to wait");
    await until(async () => (await stage.owed())[0]?.state === "pending", "the entry back");
    expect(await stage.owed()).toMatchObject([{ tries: 0, wait_reason: "offline", attempts: [] }]);
    expect(await stage.attempts()).toEqual([]);
    expect(hub.snapshot()).toMatchObject([{ breaker: "closed", waitingUntil: stage.now + 5 * SECOND }]);
  });

  test("is the cause when several hosts fail alike, though there is an interface", async () => {
    stage = await Stage.open([makePeer(1, "https://b.example.com/"), makePeer(2, "https://c.example.com/")]);
    const events = await stage.events(1);
    await stage.owe(1, events);
    await stage.owe(2, events);
    const hub = await stage.start({ resolve: unreachable });
    await until(() => hub.snapshot().some(({ waitReason }) => waitReason === "offline"), "a lane to wait");
    await until(async () => (await stage.owed()).every(({ state }) => state === "pending"), "both back");
    // The first to fail could not know; the second did.
    expect((await stage.owed()).map(({ tries }) => tries).sort()).toEqual([0, 1]);
  });

  test("is not the cause when one host alone fails", async () => {
    stage = await Stage.open([makePeer(1, "https://b.example.com/")]);
    await stage.owe(1, await stage.events(1));
    await stage.start({ resolve: unreachable });
    await until(async () => (await stage.attempts()).length === 1, "the attempt");
    expect(await stage.owed()).toMatchObject([{ tries: 1, wait_reason: "schedule" }]);
  });
});
