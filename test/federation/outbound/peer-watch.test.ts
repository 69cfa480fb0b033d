import { afterEach, describe, expect, test } from "vitest";
import type { Failure, FailureKind } from "../../../src/main/hub/federation/outbound/failure.ts";
import { PeerWatch } from "../../../src/main/hub/federation/outbound/peer-watch.ts";
import { FakePeer, takesBatches } from "./fake-peer.ts";
import { makePeer, Stage, until } from "./stage.ts";

const SECOND = 1_000;
const failure = (kind: FailureKind): Failure => ({ kind, code: kind, sentence: `${kind}.` });

/** A watch over a peer that answers as `there` says, and how often it was asked. */
function watch() {
  const peer = { there: false, asked: 0 };
  const subject = new PeerWatch(async () => {
    peer.asked++;
    return peer.there;
  });
  return { peer, subject };
}

describe("a peer that does not answer", () => {
  test("is looked for once a second at first, and less often the longer it is away", async () => {
    const { peer, subject } = watch();
    subject.heard(failure("refused"), 0);
    const asked: number[] = [];
    for (let now = 0; now <= 600 * SECOND; now += 100) {
      const before = peer.asked;
      expect(await subject.look(now)).toBe(false);
      if (peer.asked > before) asked.push(now);
    }
    expect(asked.slice(0, 3)).toEqual([1_000, 2_000, 3_000]);
    const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    expect(Math.max(...gaps)).toBe(30 * SECOND);
    expect(gaps.every((gap, index) => gap >= (gaps[index - 1] ?? 0) - 100)).toBe(true);
  });

  test("is news when it is there again, once", async () => {
    const { peer, subject } = watch();
    subject.heard(failure("unreachable"), 0);
    expect(await subject.look(1_000)).toBe(false);
    peer.there = true;
    expect(await subject.look(2_000)).toBe(true);
    expect(await subject.look(3_000)).toBe(false);
  });

  test("is no news when only its endpoint hangs", async () => {
    const { peer, subject } = watch();
    peer.there = true;
    subject.heard(failure("timeout"), 0);
    expect(await subject.look(1_000)).toBe(false);
    expect(await subject.look(2_000)).toBe(false);
    // Switched off altogether, and on again.
    peer.there = false;
    expect(await subject.look(3_000)).toBe(false);
    peer.there = true;
    expect(await subject.look(4_000)).toBe(true);
  });

  test("is asked one question at a time", async () => {
    const answers: ((there: boolean) => void)[] = [];
    const subject = new PeerWatch(() => new Promise((resolve) => answers.push(resolve)));
    subject.heard(failure("refused"), 0);
    const first = subject.look(1_000);
    expect(await subject.look(9_000)).toBe(false);
    expect(answers).toHaveLength(1);
    answers[0]?.(true);
    expect(await first).toBe(true);
  });
});

test("a peer that answers is not looked for", async () => {
  const { peer, subject } = watch();
  subject.heard(failure("refused"), 0);
  subject.heard(null, 500);
  expect(await subject.look(60 * SECOND)).toBe(false);
  expect(peer.asked).toBe(0);
});

describe("a lane whose peer is away", () => {
  let stage: Stage | undefined;
  let peer: FakePeer | undefined;
  afterEach(async () => {
    await stage?.close();
    await peer?.stop();
  });

  test("delivers the one event that waits as soon as the peer's server listens again, though the breaker never opened", async () => {
    const { port, url } = await goneAgain();
    const retry = { ages: [10 * 60 * SECOND, 20 * 60 * SECOND], jitter: 0 };
    stage = await Stage.open([makePeer(1, url, { retry })]);
    const hub = await stage.start();
    await stage.owe(1, await stage.events(1));
    hub.wake(1);
    await until(async () => (await stage?.owed())?.some(({ tries }) => tries === 1) ?? false, "the failure");
    expect(hub.snapshot()).toMatchObject([{ breaker: "closed" }]);

    peer = await FakePeer.start(takesBatches, port);
    await until(async () => {
      if (stage !== undefined) stage.now += 1 * SECOND;
      await hub.poll();
      return (await stage?.done())?.length === 1;
    }, "the delivery");
    expect(peer.looks).toBe(1);
    expect(stage.now - Date.UTC(2026, 0, 2)).toBeLessThan(5 * 60 * SECOND);
  });

  test("is not looked for while nothing waits for it, nor for a peer that answers with errors", async () => {
    peer = await FakePeer.start(() => ({ status: 500 }));
    stage = await Stage.open([makePeer(1, peer.url)]);
    const hub = await stage.start();
    await stage.owe(1, await stage.events(1));
    hub.wake(1);
    await until(async () => (await stage?.owed())?.some(({ tries }) => tries === 1) ?? false, "the failure");
    stage.now += 2 * SECOND;
    await hub.poll();
    await hub.poll();
    expect(peer.looks).toBe(0);
  });

  test("drains as soon as the peer's server listens again, long before the probe's time", async () => {
    const { port, url } = await goneAgain();
    stage = await Stage.open([makePeer(1, url)]);
    const hub = await stage.start();
    await stage.owe(1, await stage.events(40));
    hub.wake(1);
    await until(() => hub.snapshot()[0]?.breaker === "open", "the breaker to open");
    await until(async () => (await stage?.owed())?.every(({ state }) => state === "pending") ?? false, "all back");
    // The second trip: the next probe is ten seconds away.
    stage.now += 5 * SECOND;
    await until(() => hub.snapshot()[0]?.waitingUntil === (stage?.now ?? 0) + 10 * SECOND, "the failed probe");

    peer = await FakePeer.start(takesBatches, port);
    stage.now += 1 * SECOND;
    await stage.settled(0, 40);
    expect(peer.looks).toBe(1);
    expect(hub.snapshot()).toMatchObject([{ breaker: "closed", waitReason: null }]);
  });

  test("leaves a gateway alone that has no server behind it", async () => {
    const { port, url } = await goneAgain();
    stage = await Stage.open([makePeer(1, url)]);
    const hub = await stage.start();
    await stage.owe(1, await stage.events(5));
    hub.wake(1);
    await until(() => hub.snapshot()[0]?.breaker === "open", "the breaker to open");
    peer = await FakePeer.start(() => ({ status: 502 }), port);
    peer.health = 502;
    stage.now += 1 * SECOND;
    await until(() => peer?.looks === 1, "the look");
    await hub.poll();
    expect(peer.received).toEqual([]);
    expect(hub.snapshot()).toMatchObject([{ breaker: "open" }]);
  });

  /** An address at which a server was. */
  async function goneAgain(): Promise<{ port: number; url: string }> {
    const gone = await FakePeer.start();
    const { port, url } = gone;
    await gone.stop();
    return { port, url };
  }
});
