import { expect } from "vitest";
import {
  type JobRunnerOptions,
  type ReplayFilter,
  type ReplayJob,
  type ReplayRequest,
  ReplayService,
} from "../../../src/main/hub/federation/replay/index.ts";
import type { Candidate } from "../../../src/main/hub/model.ts";
import { candidate, type LogHarness } from "../../support/log-harness.ts";
import type { TestDatabase } from "../../support/postgres.ts";
import { RelaxFixture } from "../relax/relax-fixture.ts";

/** A hub with its log and its replays. */
export class ReplayFixture {
  readonly errors: unknown[] = [];
  readonly woken = new Set<number>();
  readonly services: ReplayService[] = [];

  private constructor(readonly ledger: RelaxFixture) {}

  static async open(database: TestDatabase): Promise<ReplayFixture> {
    return new ReplayFixture(await RelaxFixture.open(database));
  }

  get hub(): LogHarness {
    return this.ledger.hub;
  }

  /** A service that works on jobs; another hub's when it has another number. */
  serve(options: Partial<JobRunnerOptions> = {}): ReplayService {
    const { db, registry, log } = this.hub;
    const service = new ReplayService({
      db,
      registry,
      log,
      acceptor: log,
      wake: (peer) => this.woken.add(peer),
      hubNo: 1,
      now: () => this.hub.now,
      onError: (error) => this.errors.push(error),
      sleep: (ms, signal) => shortened(ms, signal),
      ...options,
    });
    this.services.push(service);
    service.start();
    return service;
  }

  async close(): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop()));
    await this.ledger.close();
  }

  /** Accepts local events e1, e2 …; `change` may differ by event. @returns their seqs */
  async events(count: number, change: (n: number) => Partial<Candidate> = () => ({})): Promise<number[]> {
    const all = Array.from({ length: count }, (_, i) => candidate({ id: `e${i + 1}`, ...change(i + 1) }));
    return (await this.hub.log.acceptMany(all)).map((result) => result.seq);
  }

  /** Creates a job and waits for its end. */
  async run(service: ReplayService, request: Partial<ReplayRequest> & { filter: ReplayFilter }): Promise<ReplayJob> {
    const { id } = await service.create("team", asRequest(request));
    return this.ended(service, id);
  }

  async ended(service: ReplayService, id: string): Promise<ReplayJob> {
    await expect
      .poll(async () => (await service.get("team", id))?.state, { timeout: 15_000, interval: 10 })
      .toMatch(/done|failed|cancelled/);
    const job = await service.get("team", id);
    if (job === null) throw new Error("the job is gone");
    return job;
  }

  /** The events that listeners were shown again, as their seqs. */
  async shownAgain(): Promise<number[]> {
    const rows = await this.hub.rows<{ seq: number }>(
      "SELECT replay_of::int AS seq FROM events WHERE replay_of IS NOT NULL ORDER BY events.seq",
    );
    return rows.map((row) => row.seq);
  }
}

export function asRequest(request: Partial<ReplayRequest> & { filter: ReplayFilter }): ReplayRequest {
  return { targets: "peers", routing: "then", id: "same", ...request };
}

/** Waits that are long in life are short in tests, so that nobody has to know when they end. */
function shortened(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, 20));
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
