import type { ApiKey } from "../model.ts";
import { type RequestFrame, responseFrame } from "./frames.ts";
import { answer, type RpcAnswer, refusal } from "./rpc.ts";
import { METHODS } from "./rpc-methods.ts";
import type { SessionWorld } from "./session-world.ts";

/** Requests that may be worked on at a time. */
const MAX_REQUESTS = 16;

/** The requests of one connection: so many at a time, each answered with a frame. */
export class SessionRequests {
  readonly #world: SessionWorld;
  readonly #log: SessionWorld["log"];
  readonly #send: (frame: string) => void;
  #running = 0;

  constructor(world: SessionWorld, log: SessionWorld["log"], send: (frame: string) => void) {
    this.#world = world;
    this.#log = log;
    this.#send = send;
  }

  /** Answers a request. Never rejects. @param key the connection's key, as it is now */
  async take(request: RequestFrame, key: ApiKey): Promise<void> {
    if (this.#running >= MAX_REQUESTS) {
      this.#respond(request, refusal(`${MAX_REQUESTS} requests are in progress already; wait for an answer first`));
      return;
    }
    this.#running++;
    try {
      const { db, registry, endpoints, keys, now } = this.#world;
      this.#respond(request, await answer(request, { db, registry, endpoints, keys, now, key }, METHODS));
    } catch (error) {
      this.#log.error({ err: error, method: request.method }, "a request over the stream failed");
      this.#respond(request, refusal(`${request.method} failed inside the hub; its log has the details`));
    } finally {
      this.#running--;
    }
  }

  #respond(request: RequestFrame, { ok, payload }: RpcAnswer): void {
    this.#send(responseFrame(request.id, ok, payload));
  }
}
