import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import pino from "pino";
import { createHttpServer, rawBodies } from "../../src/main/hub/http-server.ts";
import { type Refusal, registerHookRoutes } from "../../src/main/hub/ingest/index.ts";
import type { LogEvent } from "../../src/main/hub/model.ts";
import { timeOf } from "../../src/main/hub/store/event-pages.ts";
import { LogHarness } from "../support/log-harness.ts";

/** The endpoints of a hub over a real log, without a network. */
export class HookDoor {
  readonly refusals: Refusal[] = [];
  /** Milliseconds since the epoch; set it to move in time. */
  now: number | null = null;
  publicUrl: string | null = null;

  private constructor(
    readonly harness: LogHarness,
    readonly app: FastifyInstance,
  ) {}

  static async open(): Promise<HookDoor> {
    const harness = await LogHarness.open({ instanceId: "hub-a" });
    const app = createHttpServer(pino({ level: "silent" }));
    const door = new HookDoor(harness, app);
    await rawBodies(app, (scope) =>
      registerHookRoutes(scope, {
        registry: harness.registry,
        acceptor: harness.log,
        onRefusal: (refusal) => door.refusals.push(refusal),
        now: () => door.clock(),
        get publicUrl() {
          return door.publicUrl;
        },
        receivedAt: (seq) => timeOf(harness.db, seq),
      }),
    );
    await app.ready();
    return door;
  }

  clock(): number {
    return this.now ?? Date.now();
  }

  /** The newest event of the log. */
  get last(): LogEvent | undefined {
    return this.harness.published.at(-1);
  }

  get lastRefusal(): Refusal | undefined {
    return this.refusals.at(-1);
  }

  post(
    url: string,
    body: string | Buffer,
    headers: Record<string, string | readonly string[]> = {},
  ): Promise<LightMyRequestResponse> {
    return this.app.inject({
      method: "POST",
      url,
      payload: body,
      headers: { "content-type": "application/json", ...headers } as Record<string, string>,
    });
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.harness.close();
  }
}
