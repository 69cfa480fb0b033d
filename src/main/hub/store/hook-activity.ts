import type { Queryable } from "./database.ts";

/** How often and when an endpoint was last used. */
export interface HookActivity {
  readonly hook: string;
  readonly events: number;
  readonly lastSeq: number;
  readonly lastEventAt: Date;
}

/** The latest refused request of an endpoint. */
export interface LastFailure {
  readonly hook: string;
  readonly refusal: string;
  readonly at: Date;
  readonly reason: string;
  /** The text of a JSON object. */
  readonly evidence: string;
}

/** Adds to the counts of endpoints. Several hubs may do so at once: the later event stays the last. */
export async function addHookActivity(db: Queryable, rows: readonly HookActivity[]): Promise<void> {
  await db.query({
    name: "add-hook-activity",
    text: `
      INSERT INTO hook_activity AS a (hook, events, last_seq, last_event_at)
      SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::timestamptz[]) AS n (hook, events, last_seq, at)
      ORDER BY hook
      ON CONFLICT (hook) DO UPDATE SET events = a.events + excluded.events,
        last_seq = GREATEST(a.last_seq, excluded.last_seq),
        last_event_at = GREATEST(a.last_event_at, excluded.last_event_at)`,
    values: [
      rows.map((row) => row.hook),
      rows.map((row) => row.events),
      rows.map((row) => row.lastSeq),
      rows.map((row) => row.lastEventAt),
    ],
  });
}

export async function readHookActivity(db: Queryable, hooks: readonly string[]): Promise<HookActivity[]> {
  const { rows } = await db.query<{ hook: string; events: string; last_seq: string; last_event_at: Date }>({
    name: "read-hook-activity",
    text: "SELECT * FROM hook_activity WHERE hook = ANY ($1::uuid[])",
    values: [hooks],
  });
  return rows.map((row) => ({
    hook: row.hook,
    events: Number(row.events),
    lastSeq: Number(row.last_seq),
    lastEventAt: row.last_event_at,
  }));
}

/** The newest refusal of each of a team's endpoints: one step into an index for each. A loop that ended here is none. */
export async function lastFailures(db: Queryable, team: string, sources: readonly string[]): Promise<LastFailure[]> {
  const { rows } = await db.query<{ hook: string; id: string; at: Date; reason: string; evidence: string }>(
    lastFailuresStatement(team, sources),
  );
  return rows.map(({ hook, id, at, reason, evidence }) => ({ hook, refusal: id, at, reason, evidence }));
}

/** The statement of that. Exported for the test that looks at its plan. */
export function lastFailuresStatement(team: string, sources: readonly string[]): { text: string; values: unknown[] } {
  return {
    text: `
      SELECT s.hook, r.id, r.at, r.reason, r.evidence
      FROM unnest($2::text[]) AS s (hook)
      CROSS JOIN LATERAL (
        SELECT id, at, reason, evidence FROM refusals
        WHERE team = $1 AND hook = s.hook AND reason <> 'own_id_in_chain'
        ORDER BY id DESC LIMIT 1
      ) r`,
    values: [team, sources],
  };
}
