import { ORPCError } from "@orpc/client";
import { describe, expect, it } from "vitest";
import { Connection, waitBefore } from "../../src/renderer/data/connection.ts";
import type { Closing, Transport } from "../../src/renderer/data/transport.ts";

/** A line whose fate the test decides. */
function fakeLine() {
  let open = (): void => {};
  let fail = (_error: Error): void => {};
  let close = (_closing: Closing): void => {};
  const opened = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  const closed = new Promise<Closing>((resolve) => {
    close = resolve;
  });
  const calls: string[] = [];
  let answer: (() => Promise<unknown>) | null = null;
  const transport: Transport = {
    link: {
      call: async (path) => {
        calls.push(path.join("."));
        if (answer !== null) return answer();
        return { count: calls.length };
      },
    },
    opened,
    closed,
    close: () => {},
  };
  const answerWith = (next: () => Promise<unknown>): void => {
    answer = next;
  };
  return { transport, calls, open, fail, close, answerWith };
}

/** A live call that breaks at once. */
function feedThat(error: Error) {
  return {
    next: () => Promise.reject(error),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function setUp(hub = "local") {
  const lines: ReturnType<typeof fakeLine>[] = [];
  const timers: { ms: number; run: () => void }[] = [];
  const connection = new Connection(
    hub,
    () => {
      const line = fakeLine();
      lines.push(line);
      return line.transport;
    },
    {
      now: () => 1_000,
      chance: () => 0,
      after(ms, run) {
        timers.push({ ms, run });
        return () => {};
      },
    },
  );
  const until = (phase: string): Promise<void> =>
    new Promise((resolve) => {
      if (connection.state.phase === phase) resolve();
      const end = connection.subscribe(() => {
        if (connection.state.phase !== phase) return;
        end();
        resolve();
      });
    });
  return { connection, lines, timers, until };
}

describe("Connection", () => {
  it("makes calls wait until there is a line", async () => {
    const { connection, lines } = setUp();
    const answer = connection.client.peers.newToken();
    expect(lines[0]?.calls).toEqual([]);
    lines[0]?.open();
    await answer;
    expect(lines[0]?.calls).toEqual(["peers.newToken"]);
  });

  it("tells in a sentence that the line was lost under a call, and leaves what the hub says as it is", async () => {
    const { connection, lines, until } = setUp();
    lines[0]?.open();
    await until("connected");
    for (const [error, sentence] of [
      [new Error("[AsyncIdQueue] Queue[3] was closed"), "The connection to the hub was lost before it answered."],
      [new ORPCError("CONFLICT", { message: "It is so." }), "It is so."],
    ] as const) {
      lines[0]?.answerWith(async () => {
        throw error;
      });
      await expect(connection.client.peers.newToken()).rejects.toThrow(sentence);
      lines[0]?.answerWith(async () => feedThat(error));
      const feed = await connection.client.hub.state();
      await expect(feed.next()).rejects.toThrow(sentence);
    }
  });

  it("tries again after a break, waiting longer each time, and from the start after success", async () => {
    const { connection, lines, timers, until } = setUp();
    lines[0]?.fail(new Error("refused"));
    await until("reconnecting");
    expect(connection.state).toMatchObject({ failures: 1, reason: "refused", retryAt: 1_250 });
    timers[0]?.run();
    lines[1]?.fail(new Error("refused"));
    await new Promise(setImmediate);
    expect(timers.map(({ ms }) => ms)).toEqual([250, 500]);
    timers[1]?.run();
    lines[2]?.open();
    await until("connected");
    lines[2]?.close({ code: 1001, reason: "bye" });
    await until("reconnecting");
    expect(timers.at(-1)?.ms).toBe(250);
  });

  it("says why a line ended, and waits long where only a person can help", async () => {
    const { connection, lines, timers, until } = setUp();
    lines[0]?.open();
    await until("connected");
    lines[0]?.close({ code: 4401, reason: "The key was revoked." });
    await until("reconnecting");
    expect(connection.state).toMatchObject({ code: 4401, reason: "The key was revoked." });
    expect(timers.at(-1)?.ms).toBe(60_000);
    connection.tryNow();
    lines[1]?.close({ code: 4503, reason: "It cannot be reached." });
    await until("reconnecting");
    expect(timers.at(-1)?.ms).toBe(500);
  });

  it("counts a hub elsewhere as connected when it has answered, not when our own took the line", async () => {
    const { connection, lines, until } = setUp("far");
    const answer = connection.client.peers.newToken();
    lines[0]?.open();
    await until("connected");
    await answer;
    expect(lines[0]?.calls).toEqual(["hub.about", "peers.newToken"]);
  });

  it("waits 10 s at most", () => {
    expect(waitBefore(30, 0)).toBe(10_000);
    expect(waitBefore(30, 0.999)).toBeGreaterThan(7_400);
  });

  it("ends a call that is given up while there is no line", async () => {
    const { connection } = setUp();
    const end = new AbortController();
    const call = connection.client.peers.newToken(undefined, { signal: end.signal });
    end.abort();
    await expect(call).rejects.toThrow();
  });
});
