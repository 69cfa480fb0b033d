import { uuidv7 } from "uuidv7";
import { HubError } from "../../errors.ts";
import type { Peer } from "../../model.ts";
import { type Queryable, toHubError } from "../../store/database.ts";
import { headSeq } from "../../store/event-pages.ts";
import type { EntryKey } from "../../store/outbox.ts";
import { dataCutOf } from "../../store/payload.ts";
import { lockRevivals } from "../../store/relax.ts";
import { findEntries } from "../../store/replay-entries.ts";
import {
  cancelJob,
  insertJob,
  listJobs,
  type ReplayJobRow,
  type ReplayJobState,
  readJob,
  releaseJobs,
} from "../../store/replay-jobs.ts";
import { type Counted, countEntries, countEvents, type Selection, seqBefore } from "../../store/replay-selection.ts";
import { lockCurrentPeers, withRetries } from "../relax/index.ts";
import { confirmProduction, productionPeers, sentTo } from "./confirm-production.ts";
import { JobRunner, type JobRunnerOptions } from "./job-runner.ts";
import { applyMoves, noMoves, planMove } from "./move-entries.ts";
import { checkRequest, KeptRequest, phasesOf, type ReplayRequest, selectionOf } from "./request.ts";

/** A replay job as it is shown. */
export interface ReplayJob {
  readonly id: string;
  readonly state: ReplayJobState;
  readonly request: ReplayRequest;
  /** What matched when it was made: events shown, entries sent and events decided again, each counted. */
  readonly total: number;
  readonly done: number;
  /** What was selected and could not be replayed: its peer revoked, its event gone, still dropped by the rules. */
  readonly skipped: number;
  readonly error: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

const COUNT_WINDOW = 20_000;

/** Nothing that came or finished later. */
type Bounds = Parameters<typeof selectionOf>[4];

/** Replays of one entry, and of everything a filter matches, as jobs that survive a restart. */
export class ReplayService {
  readonly #o: JobRunnerOptions;
  readonly #runner: JobRunner;

  constructor(options: JobRunnerOptions) {
    this.#o = options;
    this.#runner = new JobRunner(options);
  }

  /** Begins to work on jobs: new ones, and those that stopped half way. */
  start(): void {
    this.#runner.start();
  }

  /** Ends after the step that is under way, and gives the job back. */
  stop(): Promise<void> {
    return this.#runner.stop();
  }

  /** Gives back at once what hubs worked on that live no more. */
  async releaseHubs(hubs: readonly number[]): Promise<void> {
    await releaseJobs(this.#o.db, hubs);
    this.#runner.kick();
  }

  /** How much a replay would act on, without doing it. @throws HubError `bad_request` */
  async count(team: string, request: ReplayRequest): Promise<number> {
    checkRequest(request, this.#o.registry.peersOf(team));
    return this.#count(team, request, await this.#bounds());
  }

  /** The production peers that a replay would send to now, whose names it needs. @throws HubError `bad_request` */
  async production(team: string, request: ReplayRequest): Promise<readonly Peer[]> {
    checkRequest(request, this.#o.registry.peersOf(team));
    return this.#production(team, request, await this.#bounds());
  }

  /**
   * @param confirmed names of production peers, without which nothing is replayed there
   * @throws HubError `bad_request`, `conflict` when the name of a production peer is missing
   */
  async create(team: string, request: ReplayRequest, confirmed: readonly string[] = []): Promise<ReplayJob> {
    const { db, registry } = this.#o;
    const peers = registry.peersOf(team);
    checkRequest(request, peers);
    const bounds = await this.#bounds();
    confirmProduction(await this.#production(team, request, bounds), confirmed);
    const named = peers.filter(({ environment, name }) => environment === "production" && confirmed.includes(name));
    const kept: KeptRequest = { ...request, production: named.map(({ id }) => id) };
    const total = await this.#count(team, request, bounds);
    const { untilSeq, finishedBy: createdAt } = bounds;
    const job = await insertJob(db, { id: uuidv7(), team, request: kept, total, untilSeq, createdAt });
    this.#runner.kick();
    return toJob(job);
  }

  async get(team: string, id: string): Promise<ReplayJob | null> {
    const job = await readJob(this.#o.db, team, id);
    return job === null ? null : toJob(job);
  }

  /** Newest first, from the job after `before` on. */
  async list(
    team: string,
    page: { readonly before: { readonly createdAt: Date; readonly id: string } | null; readonly limit: number },
  ): Promise<readonly ReplayJob[]> {
    return (await listJobs(this.#o.db, { team, ...page })).map(toJob);
  }

  /** What it has replayed already stays replayed. @throws HubError `not_found`, `conflict` when the job is over */
  async cancel(team: string, id: string): Promise<ReplayJob> {
    const { db, now } = this.#o;
    const cancelled = await cancelJob(db, team, id, new Date(now()));
    if (cancelled !== null) return toJob(cancelled);
    const job = await readJob(db, team, id);
    if (job === null) throw new HubError("not_found", `There is no replay job ${id}.`);
    throw new HubError("conflict", `The replay job ${id} is over: ${job.state}.`);
  }

  /**
   * Sends one entry again, at once: a finished one comes back, one that waits becomes due.
   * @throws HubError `not_found`, `conflict` when it cannot be sent again now, with the reason
   */
  async replayEntry(team: string, entry: EntryKey): Promise<void> {
    const { db, registry, now, wake } = this.#o;
    const id = `${entry.seq}-${entry.peer}-${entry.gen}`;
    const problem = await withRetries(registry, () =>
      db.transaction(async (tx): Promise<string | null> => {
        await lockRevivals(tx);
        const peers = await lockCurrentPeers(tx, registry, [team]);
        const peer = peers.find(({ no }) => no === entry.peer);
        const [found] = peer === undefined ? [] : await findEntries(tx, [entry]);
        if (found === undefined)
          throw new HubError("not_found", `There is no outbox entry ${id}; retention may have taken it.`);
        const moves = noMoves();
        const refused = planMove(found, peer, moves);
        if (refused === null) await applyMoves(tx, new Date(now()), moves);
        return refused;
      }),
    ).catch((error: unknown) => {
      throw toHubError(error);
    });
    if (problem !== null) throw new HubError("conflict", `Entry ${id} cannot be sent again. ${problem}`);
    wake(entry.peer);
  }

  /** Replays one event, as a job of its own. @throws HubError `bad_request`, `conflict` when its payload is gone */
  async replayEvent(
    team: string,
    seq: number,
    how: Pick<ReplayRequest, "targets" | "routing" | "id"> & { readonly peer_id?: string },
  ): Promise<ReplayJob> {
    const { peer_id, ...rest } = how;
    const cut = await dataCutOf(this.#o.db, team, seq);
    if (cut !== null)
      throw new HubError(
        "conflict",
        `Event ${seq} cannot be replayed: its payload ${cut === "purged" ? "was purged" : "is not kept, by the settings"}.`,
      );
    return this.create(team, { ...rest, filter: { seqs: [seq], ...(peer_id === undefined ? {} : { peer_id }) } });
  }

  async #bounds(): Promise<Bounds> {
    return { untilSeq: await headSeq(this.#o.db), finishedBy: new Date(this.#o.now()) };
  }

  async #production(team: string, request: ReplayRequest, bounds: Bounds): Promise<readonly Peer[]> {
    const { db, registry } = this.#o;
    const peers = registry.peersOf(team);
    const possible = productionPeers(request, peers);
    if (possible.length === 0) return possible;
    const selection = selectionOf(team, request, "entries", peers, bounds);
    const hasEntries = async ({ no }: Peer): Promise<boolean> =>
      (await countAllEntries(db, { ...selection, peers: [no] })) > 0;
    return sentTo(db, registry.instanceId, request, possible, hasEntries);
  }

  async #count(team: string, request: ReplayRequest, bounds: Bounds): Promise<number> {
    const { db, registry } = this.#o;
    let total = 0;
    for (const phase of phasesOf(request)) {
      const selection = selectionOf(team, request, phase, registry.peersOf(team), bounds);
      total += await (phase === "entries" ? countAllEntries(db, selection) : countAllEvents(db, selection));
    }
    return total;
  }
}

async function countAllEntries(db: Queryable, selection: Selection): Promise<number> {
  let total = 0;
  let after: EntryKey | null = null;
  do {
    const counted: Counted<EntryKey> = await countEntries(db, selection, after, COUNT_WINDOW);
    total += counted.count;
    after = counted.next;
  } while (after !== null);
  return total;
}

async function countAllEvents(db: Queryable, selection: Selection): Promise<number> {
  let total = 0;
  let after: number | null = selection.since === null ? 0 : await seqBefore(db, selection.since);
  while (after !== null) {
    const counted: Counted<number> = await countEvents(db, selection, after, COUNT_WINDOW);
    total += counted.count;
    after = counted.next;
  }
  return total;
}

function toJob(row: ReplayJobRow): ReplayJob {
  const { id, state, total, done, skipped, error, createdAt, finishedAt } = row;
  const { production: _, ...request } = KeptRequest.parse(row.request);
  return { id, state, request, total, done, skipped, error, createdAt, finishedAt };
}
