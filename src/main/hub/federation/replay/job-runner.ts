import { ERRORS, HubError } from "../../errors.ts";
import { isUnavailable } from "../../store/database.ts";
import {
  claimJob,
  finishJob,
  type JobLease,
  type ReplayJobRow,
  releaseJobs,
  renewJob,
} from "../../store/replay-jobs.ts";
import { seqBefore } from "../../store/replay-selection.ts";
import { withRetries } from "../relax/index.ts";
import { mayReplayTo } from "./confirm-production.ts";
import { Position, START } from "./position.ts";
import { JobLostError, ReplaySteps, type StepDeps } from "./replay-steps.ts";
import { KeptRequest, meantBy, type Phase, phasesOf, selectionOf } from "./request.ts";

export interface JobRunnerOptions extends StepDeps {
  /** This hub's number. */
  readonly hubNo: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onError: (error: unknown, doing: string) => void;
  /** A job has gone on a step, or is over. */
  readonly onProgress?: () => void;
  /** Resolves after a time (milliseconds), or when the signal says so. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const LEASE_MS = 60_000;
/** How often jobs are looked for that another hub made, or left behind. */
const POLL_MS = 5_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** Works on replay jobs, one at a time, step by step. Every hub has one; a job's lease says whose it is. */
export class JobRunner {
  readonly #o: JobRunnerOptions;
  readonly #steps: ReplaySteps;
  readonly #stop = new AbortController();
  #kick = new AbortController();
  #working: Promise<void> | null = null;

  constructor(options: JobRunnerOptions) {
    this.#o = options;
    this.#steps = new ReplaySteps(options);
  }

  start(): void {
    this.#working ??= this.#work();
  }

  /** There may be a job now. */
  kick(): void {
    this.#kick.abort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#kick.abort();
    await this.#working;
  }

  get #stopping(): boolean {
    return this.#stop.signal.aborted;
  }

  async #work(): Promise<void> {
    const { db, hubNo, onError } = this.#o;
    while (!this.#stopping) {
      const kick = new AbortController();
      this.#kick = kick;
      let found = false;
      try {
        const job = await claimJob(db, this.#lease());
        found = job !== null;
        if (job !== null) await this.#run(job.id);
      } catch (error) {
        if (!mayPass(error)) onError(error, "replaying");
      }
      if (!found && !this.#stopping) await this.#sleep(POLL_MS, kick.signal);
    }
    await releaseJobs(db, [hubNo]).catch((error: unknown) => onError(error, "giving back replay jobs"));
  }

  /** Works on a job until it is over, lost or given back. @throws when its end cannot be written now */
  async #run(id: string): Promise<void> {
    const { db, hubNo, now, onError } = this.#o;
    for (let wait = FIRST_WAIT_MS; !this.#stopping; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      let end: { state: "done" | "failed"; error: string | null };
      try {
        // Read each time: what a failed step wrote, if anything, is what the next try has to know.
        const job = await renewJob(db, id, this.#lease());
        if (job === null) return;
        await this.#toTheEnd(job);
        end = { state: "done", error: null };
      } catch (error) {
        if (error instanceof JobLostError) return;
        if (mayPass(error)) {
          await this.#sleep(wait, this.#stop.signal);
          continue;
        }
        onError(error, `replay job ${id}`);
        end = { state: "failed", error: error instanceof Error ? error.message : String(error) };
      }
      if (!this.#stopping || end.state === "failed") await finishJob(db, id, hubNo, { ...end, at: new Date(now()) });
      this.#o.onProgress?.();
      return;
    }
  }

  async #toTheEnd(job: ReplayJobRow): Promise<void> {
    const { db, registry } = this.#o;
    const request = KeptRequest.parse(job.request);
    const phases = phasesOf(request);
    const bounds = { untilSeq: job.untilSeq, finishedBy: job.createdAt };
    let position = job.position === null ? START : Position.parse(JSON.parse(job.position));
    for (let phase = phases[position.phase]; phase !== undefined && !this.#stopping; phase = phases[position.phase]) {
      const selection = selectionOf(job.team, request, phase, registry.peersOf(job.team), bounds);
      if (phase !== "entries" && position.seq === null && selection.since !== null)
        position = { ...position, seq: await seqBefore(db, selection.since) };
      const from = position;
      const context = { job, selection, meant: meantBy(request.filter), allowed: mayReplayTo(request) };
      position = await withRetries(registry, () =>
        this.#step(phase, { ...context, position: from, lease: this.#lease() }),
      );
      this.#o.onProgress?.();
    }
  }

  #step(phase: Phase, context: Parameters<ReplaySteps["entries"]>[0]): Promise<Position> {
    switch (phase) {
      case "listeners":
        return this.#steps.listeners(context);
      case "entries":
        return this.#steps.entries(context);
      case "routing":
        return this.#steps.routing(context);
      case "new_events":
        return this.#steps.newEvents(context);
    }
  }

  #lease(): JobLease {
    const now = this.#o.now();
    return { hub: this.#o.hubNo, now: new Date(now), until: new Date(now + LEASE_MS) };
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return (this.#o.sleep ?? sleep)(ms, signal);
  }
}

/** The database is away, or the log has no room: the same step may work later. */
function mayPass(error: unknown): boolean {
  return isUnavailable(error) || (error instanceof HubError && ERRORS[error.code].retryable);
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    timer.unref();
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
