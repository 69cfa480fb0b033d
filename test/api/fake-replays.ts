import type { ReplayJob, ReplayRequest, Replays } from "../../src/main/hub/api/index.ts";
import { entryId } from "../../src/main/hub/entry-id.ts";
import { HubError } from "../../src/main/hub/errors.ts";
import type { EntryKey } from "../../src/main/hub/store/outbox.ts";

/** Replays that only remember what they were asked for. */
export class FakeReplays implements Replays {
  readonly replayed: string[] = [];
  readonly counted: ReplayRequest[] = [];
  readonly jobs: (ReplayJob & { team: string })[] = [];

  async count(_team: string, request: ReplayRequest): Promise<number> {
    this.counted.push(request);
    return 42;
  }

  async production(): Promise<[]> {
    return [];
  }

  async create(team: string, request: ReplayRequest): Promise<ReplayJob> {
    const number = this.jobs.length + 1;
    const job = {
      team,
      id: `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`,
      state: "queued" as const,
      request,
      total: 42,
      done: 0,
      skipped: 0,
      error: null,
      createdAt: new Date(Date.UTC(2026, 3, 14, 10, number)),
      finishedAt: null,
    };
    this.jobs.push(job);
    return job;
  }

  async get(team: string, id: string): Promise<ReplayJob | null> {
    return this.jobs.find((job) => job.team === team && job.id === id) ?? null;
  }

  async list(team: string, page: Parameters<Replays["list"]>[1]): Promise<readonly ReplayJob[]> {
    const newestFirst = this.jobs.filter((job) => job.team === team).toReversed();
    const { before } = page;
    return newestFirst
      .filter(({ createdAt }) => before === null || createdAt.getTime() < before.createdAt.getTime())
      .slice(0, page.limit);
  }

  async cancel(team: string, id: string): Promise<ReplayJob> {
    const job = await this.get(team, id);
    if (job === null) throw new HubError("not_found", `There is no replay job ${id}.`);
    return { ...job, state: "cancelled", finishedAt: new Date(Date.UTC(2026, 3, 14, 12)) };
  }

  async replayEntry(_team: string, entry: EntryKey): Promise<void> {
    this.replayed.push(entryId(entry));
  }
}
