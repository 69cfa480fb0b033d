import { MessageChannel } from "node:worker_threads";
import { expect, it, onTestFinished } from "vitest";
import { portTransport } from "../../src/renderer/data/transport.ts";

type Listen = (event: { data: unknown; ports: readonly unknown[]; source: unknown }) => void;

/** The two ends of a line as the app makes it: the page's, and the one of the main process. */
function lineOverPort() {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port2.close());
  const listeners = new Set<Listen>();
  const page = {
    addEventListener: (_type: string, listen: Listen) => listeners.add(listen),
    removeEventListener: (_type: string, listen: Listen) => listeners.delete(listen),
  };
  const bridge = {
    connect: () => {
      queueMicrotask(() => {
        for (const listen of listeners) listen({ data: { kite: "port", request: 7 }, ports: [port1], source: page });
      });
      return 7;
    },
  };
  return { transport: portTransport("far", bridge, page as unknown as Window), main: port2 };
}

it("reads from the last message of a port why it closes", async () => {
  const { transport, main } = lineOverPort();
  await transport.opened;
  main.postMessage({ kite: "closed", code: 4401, reason: "The key was revoked.", i: "closed", t: 4 });
  main.close();
  expect(await transport.closed).toEqual({ code: 4401, reason: "The key was revoked." });
});

it("has no reason where a port closes without a word", async () => {
  const { transport, main } = lineOverPort();
  await transport.opened;
  main.close();
  expect(await transport.closed).toEqual({ code: 0, reason: "" });
});
