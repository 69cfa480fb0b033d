import type { Queryable } from "./database.ts";

export type ReplayJobState = "queued" | "running" | "done" | "cancelled" | "failed";

/** A replay job as it is stored. `request` and `position` are whatever its runner wrote. */
export interface ReplayJobRow {
  readonly id: string;
  readonly team: string;
  readonly request: unknown;
  readonly state: ReplayJobState;
  readonly total: number;
  readonly done: number;
  readonly skipped: number;
  /** How far it got; null before its first step. */
  readonly position: string | null;
  /** The newest seq when it was made: it acts on nothing that came later. */
  readonly untilSeq: number;
  readonly error: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

interface Row {
  readonly id: string;
  readonly team: string;
  readonly request: unknown;
  readonly state: ReplayJobState;
  readonly total: string;
  readonly done: string;
  readonly skipped: string;
  readonly position: string | null;
  readonly until_seq: string;
  readonly error: string | null;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

const COLUMNS = "id, team, request, state, total, done, skipped, position, until_seq, error, created_at, finished_at";

function toJob(row: Row): ReplayJobRow {
  return {
    id: row.id,
    team: row.team,
    request: row.request,
    state: row.state,
    total: Number(row.total),
    done: Number(row.done),
    skipped: Number(row.skipped),
    position: row.position,
    untilSeq: Number(row.until_seq),
    error: row.error,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}

export async function insertJob(
  db: Queryable,
  job: Pick<ReplayJobRow, "id" | "team" | "request" | "total" | "untilSeq" | "createdAt">,
): Promise<ReplayJobRow> {
  const { rows } = await db.query<Row>({
    text: `INSERT INTO replay_jobs (id, team, request, total, until_seq, created_at)
           VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`,
    values: [job.id, job.team, JSON.stringify(job.request), job.total, job.untilSeq, job.createdAt],
  });
  const [row] = rows;
  if (row === undefined) throw new Error("the replay job was not stored");
  return toJob(row);
}

export async function readJob(db: Queryable, team: string, id: string): Promise<ReplayJobRow | null> {
  const { rows } = await db.query<Row>({
    text: `SELECT ${COLUMNS} FROM replay_jobs WHERE team = $1 AND id = $2`,
    values: [team, id],
  });
  const [row] = rows;
  return row === undefined ? null : toJob(row);
}

/** A team's jobs, newest first. */
export async function listJobs(
  db: Queryable,
  page: {
    readonly team: string;
    readonly before: { readonly createdAt: Date; readonly id: string } | null;
    readonly limit: number;
  },
): Promise<ReplayJobRow[]> {
  const { rows } = await db.query<Row>({
    text: `SELECT ${COLUMNS} FROM replay_jobs
           WHERE team = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2::timestamptz, $3::uuid))
           ORDER BY created_at DESC, id DESC LIMIT $4`,
    values: [page.team, page.before?.createdAt ?? null, page.before?.id ?? null, page.limit],
  });
  return rows.map(toJob);
}

/** Ends a job that is not over. @returns null when there is no such job, or it is over */
export async function cancelJob(db: Queryable, team: string, id: string, at: Date): Promise<ReplayJobRow | null> {
  const { rows } = await db.query<Row>({
    text: `UPDATE replay_jobs SET state = 'cancelled', finished_at = $3, leased_by = NULL, leased_until = NULL
           WHERE team = $1 AND id = $2 AND state IN ('queued', 'running') RETURNING ${COLUMNS}`,
    values: [team, id, at],
  });
  const [row] = rows;
  return row === undefined ? null : toJob(row);
}

/** Who works on a job, and until when nobody else may. */
export interface JobLease {
  readonly hub: number;
  readonly now: Date;
  readonly until: Date;
}

/** Takes the oldest job that nobody works on. @returns null when there is none */
export async function claimJob(db: Queryable, lease: JobLease): Promise<ReplayJobRow | null> {
  const { rows } = await db.query<Row>({
    text: `UPDATE replay_jobs SET state = 'running', leased_by = $1, leased_until = $3
           WHERE id = (SELECT id FROM replay_jobs
                       WHERE state IN ('queued', 'running') AND (leased_until IS NULL OR leased_until < $2)
                       ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING ${COLUMNS}`,
    values: [lease.hub, lease.now, lease.until],
  });
  const [row] = rows;
  return row === undefined ? null : toJob(row);
}

/** Prolongs the lease of a job. @returns null when it was cancelled, or another hub works on it */
export async function renewJob(db: Queryable, id: string, lease: JobLease): Promise<ReplayJobRow | null> {
  const { rows } = await db.query<Row>({
    text: `UPDATE replay_jobs SET leased_until = $3
           WHERE id = $1 AND leased_by = $2 AND state = 'running' RETURNING ${COLUMNS}`,
    values: [id, lease.hub, lease.until],
  });
  const [row] = rows;
  return row === undefined ? null : toJob(row);
}

/** What a step of a job came to. */
export interface JobStep {
  readonly id: string;
  readonly position: string;
  readonly done: number;
  readonly skipped: number;
}

/**
 * Writes how far a job got, and prolongs its lease. In the transaction that did the step, it is what makes sure that
 * no step is done twice.
 * @returns false when the job was cancelled, or another hub works on it
 */
export async function advanceJob(tx: Queryable, step: JobStep, lease: JobLease): Promise<boolean> {
  const { rowCount } = await tx.query({
    text: `UPDATE replay_jobs SET position = $3, done = done + $4, skipped = skipped + $5, leased_until = $6
           WHERE id = $1 AND leased_by = $2 AND state = 'running'`,
    values: [step.id, lease.hub, step.position, step.done, step.skipped, lease.until],
  });
  return rowCount === 1;
}

/** Ends a job that this hub works on. */
export async function finishJob(
  db: Queryable,
  id: string,
  hub: number,
  end: { readonly state: "done" | "failed"; readonly error: string | null; readonly at: Date },
): Promise<void> {
  await db.query({
    text: `UPDATE replay_jobs SET state = $3, error = $4, finished_at = $5, leased_by = NULL, leased_until = NULL
           WHERE id = $1 AND leased_by = $2 AND state = 'running'`,
    values: [id, hub, end.state, end.error, end.at],
  });
}

/** Gives back at once what hubs worked on that stop or live no more; another one, or their next start, goes on. */
export async function releaseJobs(db: Queryable, hubs: readonly number[]): Promise<void> {
  await db.query({
    text: "UPDATE replay_jobs SET leased_by = NULL, leased_until = NULL WHERE leased_by = ANY($1::int[]) AND state = 'running'",
    values: [hubs],
  });
}
