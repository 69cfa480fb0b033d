import { afterEach, describe, expect, it } from "vitest";
import { eventually, range, StreamHub } from "./fixture.ts";

let hub: StreamHub;

afterEach(() => hub.close());

const large = { data: `"${"x".repeat(100_000)}"` };

const session = (clientId: string) => hub.stream.sessions().find((each) => each.clientId === clientId);

describe("a listener that does not read", () => {
  it("is cut off with 4004 when it is live, keeps its cursor, and can go on", async () => {
    hub = await StreamHub.start({ bufferLimit: 1_000_000 });
    const quick = await hub.listener({ client_id: "quick" });
    const slow = await hub.listener({ client_id: "slow" });
    const first = hub.tail.seq + 1;
    await hub.append({});
    await slow.untilSeq(first);
    slow.ack(first);
    await slow.settled();
    slow.socket.pause();
    // The kernel takes some megabytes before anything waits in the hub.
    for (let batch = 0; session("slow")?.state !== "closing" && batch < 400; batch++) {
      await hub.appendMany(5, large);
      await quick.untilSeq(hub.tail.seq);
    }
    expect(session("slow")?.state).toBe("closing");
    slow.socket.resume();
    expect(await slow.closed).toBe(4004);
    expect(slow.frames.at(-1)).toEqual({ type: "error", code: 4004, message: expect.stringContaining("Too slow") });
    expect(slow.seqs).toEqual(range(first, slow.seqs.at(-1) ?? 0));
    expect(quick.seqs).toEqual(range(first, hub.tail.seq));

    const again = await hub.listener({ client_id: "slow" });
    await again.untilSeq(hub.tail.seq);
    expect(again.seqs).toEqual(range(first + 1, hub.tail.seq));
  });

  it("has its acknowledgements counted while it reads what was left for it", async () => {
    hub = await StreamHub.start({ bufferLimit: 200_000 });
    const slow = await hub.listener({ client_id: "late-acks" });
    slow.socket.pause();
    for (let batch = 0; session("late-acks")?.state !== "closing" && batch < 400; batch++) {
      await hub.appendMany(5, large);
      await new Promise((resolve) => setImmediate(resolve));
    }
    slow.socket.on("message", (data) => {
      const frame = JSON.parse(data.toString()) as { type: string; seq: number };
      if (frame.type === "event") slow.ack(frame.seq);
    });
    slow.socket.resume();
    expect(await slow.closed).toBe(4004);
    const last = slow.seqs.at(-1) ?? 0;
    await eventually(async () => (await hub.cursor("late-acks")) === last);
  });

  it("is waited for while it replays, with no more than a page in memory", async () => {
    hub = await StreamHub.start({ bufferLimit: 1_000_000 });
    (await hub.listener({ client_id: "patient" })).socket.terminate();
    const first = hub.tail.seq + 1;
    for (let i = 0; i < 30; i++) await hub.appendMany(10, large);
    await hub.restart();
    const slow = hub.open({ client_id: "patient" });
    await slow.until((frame) => frame.type === "connected");
    slow.socket.pause();
    // Until a page does not leave the hub any more.
    let sent = -1;
    await eventually(async () => {
      const before = sent;
      sent = session("patient")?.sent ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return sent > 0 && sent === before;
    });
    expect(session("patient")).toMatchObject({ state: "replaying" });
    expect(sent).toBeLessThan(300);
    expect(session("patient")?.buffered).toBeLessThan(1_000_000);
    // What is published meanwhile does not add to it.
    await hub.appendMany(50, large);
    expect(session("patient")?.buffered).toBeLessThan(1_000_000);
    slow.socket.resume();
    await slow.untilSeq(hub.tail.seq);
    expect(slow.seqs).toEqual(range(first, hub.tail.seq));
    await eventually(() => session("patient")?.state === "live");
  });
});
