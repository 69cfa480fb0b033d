import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import type { WebSocket } from "ws";
import type { EventRow, Outcome, StreamMessage } from "../../src/shared/contract/index.ts";
import { FakePeer, type Handler, takesSingles } from "../federation/outbound/fake-peer.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { openRealHub } from "../support/real-hub.ts";
import { until } from "../support/until.ts";
import {
  type ConsoleUnderTest,
  clientOf,
  type Line,
  openConsoleUnderTest,
  openSocket,
  TRANSPORTS,
} from "./console-under-test.ts";

/** A console's feed as it comes in, message by message. */
class Follower {
  readonly messages: StreamMessage[] = [];
  readonly rows = new Map<number, EventRow>();
  /** Every state that was said of a peer's copy of an event, in order. */
  readonly said = new Map<string, string[]>();
  /** Seqs in the order in which they were accounted for, as a row or within a gap. */
  readonly order: number[] = [];
  readonly #end = new AbortController();
  readonly done: Promise<void>;

  constructor(client: Line["client"], input: { after?: number; snapshot?: number } = {}) {
    this.done = this.#run(client, input);
    onTestFinished(() => this.end());
  }

  async end(): Promise<void> {
    this.#end.abort();
    await this.done;
  }

  async #run(client: Line["client"], input: { after?: number; snapshot?: number }): Promise<void> {
    try {
      for await (const message of await client.events.stream(input, { signal: this.#end.signal })) this.#take(message);
    } catch (error) {
      if (!this.#end.signal.aborted) throw error;
    }
  }

  #take(message: StreamMessage): void {
    this.messages.push(message);
    if (message.kind === "gap") {
      for (let seq = message.from; seq <= message.to; seq++) this.order.push(seq);
    } else if (message.kind === "outcomes") {
      for (const { seq, ...outcome } of message.outcomes) {
        this.#say(seq, outcome);
        const row = this.rows.get(seq);
        if (row === undefined) continue;
        const others = row.outcomes.filter(({ peer }) => peer !== outcome.peer);
        this.rows.set(seq, { ...row, outcomes: [...others, outcome] });
      }
    } else {
      for (const row of message.rows) {
        this.order.push(row.seq);
        this.rows.set(row.seq, row);
        for (const outcome of row.outcomes) this.#say(row.seq, outcome);
      }
    }
  }

  #say(seq: number, { peer, state }: Outcome): void {
    const key = `${seq}-${peer}`;
    const states = this.said.get(key) ?? [];
    if (states.at(-1) !== state) states.push(state);
    this.said.set(key, states);
  }

  outcome(seq: number, peer: number): Outcome | undefined {
    return this.rows.get(seq)?.outcomes.find((one) => one.peer === peer);
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
let made = 0;
const events = (count: number, source = "https://shop.example") =>
  range(1, count).map(() => ({ id: `e${++made}`, source }));

async function addPeer(hub: ConsoleUnderTest, handler: Handler = takesSingles, settings: object = {}) {
  const fake = await FakePeer.start(handler);
  onTestFinished(() => fake.stop());
  const tokens = { outbound_token: "out-token", inbound_token: `in-${fake.port}` };
  const peer = await hub.client.createPeer({ name: `p${fake.port}`, peer_hook_url: fake.url, ...tokens, ...settings });
  return { fake, peer };
}

describe.each(TRANSPORTS)("the live feed over %s", (_name, connect) => {
  test("loses and repeats no row where the snapshot joins the live rows, however many arrive", async () => {
    const hub = await openConsoleUnderTest();
    const { peer } = await addPeer(hub);
    const other = await addPeer(hub, takesSingles, { scopes: ["nothing.*"] });
    const { client } = await connect(hub);
    const followers: Follower[] = [];
    for (let batch = 0; batch < 12; batch++) {
      const posted = hub.client.postBatch(events(25));
      if (batch % 3 === 1) followers.push(new Follower(client, { snapshot: 500 }));
      await posted;
    }
    for (const follower of followers) {
      await until("every row came", () => follower.order.at(-1) === 300);
      expect(follower.order).toEqual(range(1, 300));
      expect(follower.messages[0]?.kind).toBe("snapshot");
      expect(follower.messages.slice(1).every(({ kind }) => kind === "rows" || kind === "outcomes")).toBe(true);
      const open = () => range(1, 300).filter((seq) => follower.outcome(seq, peer.no)?.state !== "delivered");
      await until(
        () =>
          `every event is delivered; not so: ${open().map((seq) => `${seq} ${follower.said.get(`${seq}-${peer.no}`)}`)}`,
        () => open().length === 0,
      );
      for (const seq of range(1, 300))
        expect(follower.outcome(seq, other.peer.no)).toEqual({
          peer: other.peer.no,
          state: "dropped",
          reason: "out_of_scope",
        });
    }
  });

  test("a small snapshot begins at its oldest row", async () => {
    const hub = await openConsoleUnderTest();
    await hub.client.postBatch(events(20));
    const { client } = await connect(hub);
    const follower = new Follower(client, { snapshot: 5 });
    await hub.client.postBatch(events(3));
    await until("the new rows came", () => follower.order.at(-1) === 23);
    expect(follower.order).toEqual(range(follower.order[0] ?? 0, 23));
    expect(follower.messages[0]).toMatchObject({ kind: "snapshot", oldest: 1 });
  });

  test("an event is followed through failure, retry and delivery", async () => {
    const hub = await openConsoleUnderTest();
    let failing = true;
    const { peer } = await addPeer(
      hub,
      (request, count) => (failing ? { status: 503 } : takesSingles(request, count)),
      {
        retry: { ages_ms: [300, 60_000], jitter: 0, min_attempts: 3 },
      },
    );
    const { client } = await connect(hub);
    const follower = new Follower(client);
    await hub.client.post({ id: "a" });
    await until("it waits for its retry", () => follower.outcome(1, peer.no)?.state === "pending");
    failing = false;
    await until("it is delivered", () => follower.outcome(1, peer.no)?.state === "delivered");
    expect(follower.said.get(`1-${peer.no}`)?.slice(-2)).toEqual(["pending", "delivered"]);
  });

  test("a dead letter is seen, and its replay", async () => {
    const hub = await openConsoleUnderTest();
    let refusing = true;
    const { peer } = await addPeer(hub, (request, count) =>
      refusing ? { status: 422 } : takesSingles(request, count),
    );
    const { client } = await connect(hub);
    const follower = new Follower(client);
    await hub.client.post({ id: "a" });
    await until("it is dead", () => follower.outcome(1, peer.no)?.state === "dead");
    expect(follower.outcome(1, peer.no)?.reason).not.toBeNull();
    refusing = false;
    await client.outbox.replay({ id: `1-${peer.no}-0` });
    await until("it is delivered", () => follower.outcome(1, peer.no)?.state === "delivered");
    expect(follower.outcome(1, peer.no)?.reason).toBeNull();
  });

  test("one that comes back goes on where it stood, and is told what it is not sent", async () => {
    const hub = await openConsoleUnderTest();
    await hub.client.postBatch(events(30));
    const { client } = await connect(hub);
    const first = new Follower(client);
    await until("it has what there is", () => first.order.length === 30);
    await first.end();
    await hub.client.postBatch(events(10));
    const second = new Follower(client, { after: 30 });
    await until("it has the rest", () => second.order.at(-1) === 40);
    expect(second.order).toEqual(range(31, 40));
    expect(second.messages[0]).toMatchObject({ kind: "snapshot", rows: [], head: 40 });
    await second.end();

    for (let batch = 0; batch < 4; batch++) await hub.client.postBatch(events(600));
    const third = new Follower(client, { after: 40 });
    await until("it has the newest", () => third.order.at(-1) === 2_440);
    expect(third.order).toEqual(range(41, 2_440));
    expect(third.messages[1]).toEqual({ kind: "gap", from: 41, to: 440, reason: "reconnected" });
  });

  test("what another hub on the same database commits comes with its outcomes, too", async () => {
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const hub = await openConsoleUnderTest({ database, shared: true });
    const { peer } = await addPeer(hub, takesSingles, { scopes: ["nothing.*"] });
    const second = await openRealHub({ instanceId: "here", database, shared: true });
    const { client } = await connect(hub);
    const follower = new Follower(client);
    await until("the feed is open", () => follower.messages.length === 1);
    await second.client.post({ id: "there" });
    await until("the row came", () => follower.rows.has(1));
    expect(follower.rows.get(1)?.outcomes).toEqual([{ peer: peer.no, state: "dropped", reason: "out_of_scope" }]);
  });
});

describe("a slow console", () => {
  test("is told which rows it was not sent, and can ask for them", async () => {
    const hub = await openConsoleUnderTest();
    const socket: WebSocket = openSocket(hub);
    await once(socket, "open");
    const { client } = clientOf(socket);
    const follower = new Follower(client);
    await until("the feed is open", () => follower.messages.length === 1);
    socket.pause();
    // Long sources, so that the buffers between the two are full soon.
    const source = `https://shop.example/${"x".repeat(2_000)}`;
    for (let batch = 0; batch < 16; batch++) await hub.client.postBatch(events(500, source));
    socket.resume();
    await hub.client.post({ id: "last" });
    await until("it is up to date", () => follower.order.at(-1) === 8_001);
    expect(follower.order).toEqual(range(1, 8_001));
    const gaps = follower.messages.filter((message) => message.kind === "gap");
    expect(gaps.length).toBeGreaterThan(0);
    expect(gaps.every(({ reason }) => reason === "slow_console")).toBe(true);

    const [gap] = gaps;
    if (gap === undefined) throw new Error("there is no gap");
    const search = await client.events.search({ filter: "", before: gap.to + 1, limit: 10 });
    const found: number[] = [];
    for await (const { rows } of search) found.push(...rows.map(({ seq }) => seq));
    expect(found).toEqual(range(gap.to - 9, gap.to).reverse());
  }, 60_000);
});
