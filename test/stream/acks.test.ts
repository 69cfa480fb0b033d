import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Listener, range, StreamHub } from "./fixture.ts";

let hub: StreamHub;

beforeAll(async () => {
  hub = await StreamHub.start();
  await hub.appendMany(50);
});
afterAll(() => hub.close());

/** A listener of its own that has been sent five events, and the first of their seqs. */
async function served(clientId: string, scopes = ["*"]): Promise<{ listener: Listener; first: number }> {
  const listener = await hub.listener({ client_id: clientId, scopes });
  const first = hub.tail.seq + 1;
  await hub.appendMany(5, { type: "com.acks.event" });
  await listener.untilSeq(first + 4);
  return { listener, first };
}

/** Drops the connection without a close frame, and waits until the hub knows. */
async function vanish(clientId: string, listener: Listener): Promise<void> {
  listener.socket.terminate();
  await eventually(() => hub.stream.sessions().every((session) => session.clientId !== clientId));
}

describe("an acknowledgement", () => {
  it.each<[string, (first: number) => number[], number]>([
    ["of one event after another", (first) => [first, first + 1, first + 2], 2],
    ["of the last of several", (first) => [first + 3], 3],
    ["that comes twice", (first) => [first + 1, first + 1], 1],
    ["that is lower than the one before", (first) => [first + 3, first], 3],
    ["of zero", () => [0], -1],
    ["of a seq before the cursor", (first) => [first - 10], -1],
    ["of a number of the client's own making", () => [1, 2, 3, 4, 5], -1],
    ["of a seq that was never given out", (first) => [first + 1_000_000], 4],
  ])("%s is taken for what it is worth", async (name, acks, reached) => {
    const { listener, first } = await served(name);
    for (const seq of acks(first)) listener.ack(seq);
    await listener.settled();
    await vanish(name, listener);
    await hub.append({}, {});
    const again = await hub.listener({ client_id: name });
    await again.untilSeq(hub.tail.seq);
    expect(again.seqs).toEqual(range(first + reached + 1, hub.tail.seq));
    expect(again.ofType("error")).toEqual([]);
  });

  it("of a seq from beyond does not reach over events that are still to come", async () => {
    const { listener, first } = await served("beyond");
    listener.ack(first + 50);
    await listener.settled();
    await hub.appendMany(10);
    await listener.untilSeq(first + 14);
    await vanish("beyond", listener);
    expect(await hub.cursor("beyond")).toBe(first + 4);
  });

  it("passes over events before it that were not for the listener", async () => {
    const listener = await hub.listener({ client_id: "passing", scopes: ["type:push"] });
    await hub.appendMany(5);
    const [push] = await hub.append({ type: "com.github.push" });
    await listener.untilSeq(push?.seq ?? 0);
    listener.ack(push?.seq ?? 0);
    await eventually(async () => (await hub.cursor("passing")) === push?.seq);
    expect(hub.stream.sessions().find((session) => session.clientId === "passing")).toMatchObject({ acked: push?.seq });
  });

  it("gives a listener that brought no id a cursor under the id it was given", async () => {
    const listener = await hub.listener();
    const id = listener.frames[0]?.client_id ?? "";
    const first = hub.tail.seq + 1;
    await hub.appendMany(3);
    await listener.untilSeq(first + 2);
    expect(await hub.cursor(id)).toBeNull();
    listener.ack(first);
    await listener.settled();
    await vanish(id, listener);
    const again = await hub.listener({ client_id: id });
    await again.untilSeq(first + 2);
    expect(again.seqs).toEqual([first + 1, first + 2]);
  });

  it("is never asked for: a listener that sends none leaves no cursor behind", async () => {
    const listener = await hub.listener();
    const id = listener.frames[0]?.client_id ?? "";
    await hub.appendMany(3);
    await listener.untilSeq(hub.tail.seq);
    await vanish(id, listener);
    await hub.stream.stop();
    expect(await hub.cursor(id)).toBeNull();
    await hub.restart();
  });

  it("is written when the hub stops, in the same statement as all the others", async () => {
    const many = await Promise.all(range(1, 40).map((i) => hub.listener({ client_id: `crowd-${i}` })));
    const [event] = await hub.append({});
    await Promise.all(many.map((listener) => listener.untilSeq(event?.seq ?? 0)));
    hub.flaky.sent.length = 0;
    for (const listener of many) listener.ack(event?.seq ?? 0);
    await Promise.all(many.map((listener) => listener.settled()));
    await hub.stream.stop();
    expect(await Promise.all(many.map((listener) => listener.closed))).toEqual(many.map(() => 1001));
    expect(await hub.cursor("crowd-40")).toBe(event?.seq);
    expect(hub.flaky.sent.filter((name) => name === "save-cursors").length).toBeLessThan(20);
    await hub.restart();
  });

  it("counts although the database was away when it came", async () => {
    const { listener, first } = await served("away");
    hub.flaky.down = true;
    listener.ack(first + 2);
    await listener.settled();
    await vanish("away", listener);
    hub.flaky.down = false;
    const again = await hub.listener({ client_id: "away" });
    await again.untilSeq(first + 4);
    expect(again.seqs).toEqual([first + 3, first + 4]);
    await eventually(async () => (await hub.cursor("away")) === first + 2);
  });
});
