import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { eventFrames } from "../../src/main/hub/stream/event-frames.ts";
import { makeEvent } from "../support/events.ts";

/** What a client reads when these bytes come over its socket; the last one must be an event. */
async function received(bytes: Buffer, count = 1): Promise<string[]> {
  const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const server = createServer().on("upgrade", (request, socket, head) => {
    upgrades.handleUpgrade(request, socket, head, () => socket.write(bytes));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  try {
    const messages: string[] = [];
    await new Promise<void>((resolve, reject) => {
      client.on("error", reject);
      client.on("message", (data) => {
        if (messages.push(data.toString()) === count) resolve();
      });
    });
    return messages;
  } finally {
    client.terminate();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

/** An event whose frame's text has exactly this many bytes. */
function eventOfLength(bytes: number) {
  const bare = makeEvent(1, { id: "e", source: "s", type: "t", attrs: "", summary: null, hook: null, data: '""' });
  const least = eventFrames([bare], false).length - (eventFrames([bare], false).length <= 127 ? 2 : 4);
  return { ...bare, data: `"${"x".repeat(bytes - least)}"` };
}

describe("an event's frame", () => {
  it("holds the event as a CloudEvent with its place in the log", async () => {
    const event = makeEvent(7, { data: '{"amount":1.10,"é":"日本"}', headers: '{"x-a":"b"}' });
    const [text = ""] = await received(eventFrames([event], false));
    expect(text).toContain('"data":{"amount":1.10,"é":"日本"}');
    expect(JSON.parse(text)).toEqual({
      type: "event",
      seq: 7,
      event: {
        specversion: "1.0",
        id: "evt-7",
        source: "https://shop",
        type: "com.shop.order",
        time: "2026-01-01T00:00:00Z",
        datacontenttype: "application/json",
        kitesummary: "order 7",
        kiteoriginalheaders: '{"x-a":"b"}',
        kiteseq: 7,
        data: { amount: 1.1, é: "日本" },
      },
    });
  });

  it("carries the provenance of a federated event", async () => {
    const [text = ""] = await received(
      eventFrames([makeEvent(1, { copy: { origin: "a", chain: '["a","b"]', hops: 2 } })], false),
    );
    expect(JSON.parse(text).event).toMatchObject({ kitefedorigin: "a", kitefedchain: '["a","b"]', kitefedhops: 2 });
  });

  it("is the same whether it is kept for others or not", () => {
    const events = [makeEvent(1), makeEvent(2, { data: '"日本"' }), eventOfLength(70_000)];
    const once = eventFrames(events, false);
    expect(eventFrames(events, true)).toEqual(once);
    expect(eventFrames(events, true)).toEqual(once);
  });

  it.each([124, 125, 126, 127, 65_534, 65_535, 65_536, 300_000])(
    "is well formed at a length of %d bytes",
    async (length) => {
      const event = eventOfLength(length);
      const messages = await received(eventFrames([event, makeEvent(2)], false), 2);
      expect(messages.map((text) => JSON.parse(text).seq)).toEqual([1, 2]);
      expect(Buffer.byteLength(messages[0] ?? "")).toBe(length);
    },
  );
});
