import { RPCHandler } from "@orpc/server/websocket";
import type { Logger } from "pino";
import type { Caller } from "../caller.ts";
import { contractError, mappedErrors } from "../errors.ts";
import type { createRouter } from "../router.ts";
import { type Channel, CLOSE } from "./channel.ts";

/** Answers the calls of one console. */
export type Serve = (channel: Channel, caller: Caller) => void;

/** Makes what answers consoles, whatever carries their messages. */
export function createServe(router: ReturnType<typeof createRouter>, log: Logger): Serve {
  const handler = new RPCHandler<Caller>(router, {
    clientInterceptors: [
      // Around everything, the checks of input and output included.
      async ({ next, path, signal }) => {
        // Who has gone does not ask why.
        const map = (thrown: unknown) =>
          signal?.aborted === true ? thrown : contractError(thrown, log, path.join("."));
        try {
          const output = await next();
          return isFeed(output) ? mappedErrors(output, map) : output;
        } catch (error) {
          throw map(error);
        }
      },
    ],
  });
  return (channel, caller) => {
    // oRPC knows a line by its WebSocket, of which it only ever uses `send`; it waits for what that returns.
    const line = { send: (message: Parameters<Channel["send"]>[0]) => channel.send(message), addEventListener() {} };
    const asSocket = line as unknown as Parameters<typeof handler.message>[0];
    let closed = false;
    channel.onClose(() => {
      closed = true;
      handler.close(asSocket);
    });
    channel.onMessage((message) => {
      const data = typeof message === "string" ? message : new Uint8Array(message).buffer;
      handler.message(asSocket, data, { context: caller }).catch((error: unknown) => {
        if (closed) return;
        log.debug({ err: error }, "a message of a console could not be read");
        channel.close(CLOSE.malformed, "A message could not be read.");
      });
    });
  };
}

function isFeed(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === "object" && output !== null && Symbol.asyncIterator in output;
}
