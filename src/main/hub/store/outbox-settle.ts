import type { OutboxEvent } from "../../../shared/rules/index.ts";
import { type Attempt, attemptArrays, attemptUnnest, INSERT_ATTEMPTS } from "./attempts.ts";
import { int4Array, int8Array, textArray } from "./binary-arrays.ts";
import type { Queryable } from "./database.ts";
import type { EntryKey } from "./outbox.ts";
import { owedSources, settledState } from "./outbox-guards.ts";

/** What ends a lease. */
export type SettleEvent = Extract<OutboxEvent, "deliver" | "fail" | "abandon" | "retry" | "release" | "split">;

/** An entry that this hub holds under a lease. */
export interface HeldEntry extends EntryKey {
  /** Hops of the copy that was, or would have been, sent. */
  readonly hops: number;
  /** When it is tried again, milliseconds since the epoch; null leaves the time it had. Only read by `retry` and `release`. */
  readonly availableAt: number | null;
}

/** What becomes of entries that have the same fate. */
export interface Outcome {
  readonly event: SettleEvent;
  readonly entries: readonly HeldEntry[];
  /** Finished entries only: `accepted`, `duplicate`, `refused` … in a word. */
  readonly result: string | null;
  /** Dead and cancelled entries: the rule or status that ended them, for counting. */
  readonly cause: string | null;
  /** The last error, as a sentence; null leaves the earlier one. */
  readonly error: string | null;
  /** The attempt counts towards the schedule. */
  readonly counted: boolean;
  /** Ids of the attempts made under this lease. */
  readonly attempts: readonly string[];
  /** Entries that go back: why they wait. */
  readonly waitReason: string | null;
  /** Set when routing would not forward the event any more: the evidence for a row in `drops`, with `cause` as reason. */
  readonly evidence: string | null;
}

export interface Settled {
  /** Entries that went to outbox_done. */
  readonly finished: number;
  /** Entries that went back to pending. */
  readonly returned: number;
  /** Those that finished as dead letters. */
  readonly dead: readonly EntryKey[];
}

const FIRST_ATTEMPT = 17;

// There are few fates, so the nested loop over them costs next to nothing.

// `n` is made before anything is changed; an entry that would go back while a shorter copy of its event waits as its
// successor is cancelled instead. Counts are sorted as the accept statement sorts them, so that two hubs cannot deadlock.
const SETTLE = `
WITH n AS (
  SELECT k.peer, k.seq, k.gen, k.hops, k.available_ms, k.attempts::uuid[] AS attempts, f.result, f.cause, f.error, f.counted,
         f.wait_reason, f.evidence,
         CASE WHEN s.superseded THEN 'cancelled' ELSE f.to_state END AS to_state, s.superseded
  FROM unnest($10::int[], $11::int[], $12::bigint[], $13::int[], $14::int[], $15::bigint[], $16::text[])
         AS k (fate, peer, seq, gen, hops, available_ms, attempts)
  JOIN unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[], $9::text[])
         WITH ORDINALITY AS f (to_state, result, cause, error, counted, wait_reason, evidence, no) ON f.no = k.fate
  CROSS JOIN LATERAL (SELECT f.to_state = 'pending' AND EXISTS (
    SELECT 1 FROM outbox x WHERE x.peer = k.peer AND x.seq = k.seq AND x.gen > k.gen) AS superseded) s
), done AS (
  DELETE FROM outbox o USING n
  WHERE n.to_state <> 'pending' AND o.peer = n.peer AND o.seq = n.seq AND o.gen = n.gen
    AND o.state IN (${owedSources("deliver")}) AND o.leased_by = $1::int
  RETURNING o.peer, o.seq, o.gen, o.segment, o.revision, least(o.tries + n.counted, 32767) AS tries, o.replay,
            o.created_at, o.attempts || n.attempts AS attempts, COALESCE(n.error, o.last_error) AS last_error,
            n.hops, n.to_state, n.evidence, CASE WHEN n.superseded THEN 'superseded' ELSE n.cause END AS cause,
            CASE WHEN n.superseded THEN 'superseded' ELSE n.result END AS result
), kept AS (
  INSERT INTO outbox_done (peer, seq, gen, segment, state, revision, hops, tries, replay, created_at, finished_at, result,
                           cause, attempts, last_error)
  SELECT peer, seq, gen, segment, to_state, revision, hops, tries, replay, created_at, $2::timestamptz, result,
         cause, attempts, last_error FROM done
), back AS (
  UPDATE outbox o SET state = 'pending', leased_by = NULL, leased_until = NULL, hops = n.hops,
         available_at = COALESCE(to_timestamp(NULLIF(n.available_ms, -1) / 1000.0), o.available_at),
         wait_reason = n.wait_reason, tries = least(o.tries + n.counted, 32767),
         attempts = o.attempts || n.attempts, last_error = COALESCE(n.error, o.last_error)
  FROM n
  WHERE n.to_state = 'pending' AND o.peer = n.peer AND o.seq = n.seq AND o.gen = n.gen
    AND o.state IN (${owedSources("retry")}) AND o.leased_by = $1::int
  RETURNING o.peer
), a AS (
  SELECT * FROM ${attemptUnnest(FIRST_ATTEMPT)}
), tried AS (${INSERT_ATTEMPTS} FROM a
), dropped AS (
  INSERT INTO drops (seq, segment, peer, reason, at, revision, evidence)
  SELECT seq, segment, peer, cause, $2::timestamptz, revision, evidence FROM done WHERE evidence IS NOT NULL
), counts AS (
  INSERT INTO rollups AS u (minute, peer, kind, reason, n)
  SELECT date_trunc('minute', $2::timestamptz), c.peer, c.kind, c.reason, sum(c.n) FROM (
    SELECT peer, to_state AS kind,
           CASE WHEN to_state = 'delivered' THEN (CASE WHEN result = 'accepted' THEN '' ELSE result END)
                ELSE COALESCE(cause, '') END AS reason, 1 AS n FROM done
    UNION ALL SELECT peer, 'drop', cause, 1 FROM done WHERE evidence IS NOT NULL
    UNION ALL SELECT peer, CASE WHEN outcome IN ('delivered', 'partial') THEN 'attempt_ok' ELSE 'attempt_failed' END,
                     CASE WHEN outcome IN ('delivered', 'partial') THEN '' ELSE a.reason END, 1 FROM a) c
  GROUP BY c.peer, c.kind, c.reason
  ORDER BY concat(c.peer, chr(1), c.kind, chr(1), c.reason) COLLATE "C"
  ON CONFLICT (minute, peer, kind, reason) DO UPDATE SET n = u.n + excluded.n
)
SELECT (SELECT count(*)::int FROM done) AS finished, (SELECT count(*)::int FROM back) AS returned,
       (SELECT json_agg(json_build_object('peer', peer, 'seq', seq, 'gen', gen)) FROM done WHERE to_state = 'dead') AS dead`;

/**
 * Writes what became of entries and the attempts that were made, in one statement: what is finished moves to
 * outbox_done, what goes back becomes pending, routing's change of mind goes to drops, and everything is counted.
 * An entry that this hub does not hold any more is not touched, and is missing from the counts.
 * @param hub this hub's number
 * @param now milliseconds since the epoch
 */
export async function settle(
  db: Queryable,
  hub: number,
  now: number,
  outcomes: readonly Outcome[],
  attempts: readonly Attempt[],
): Promise<Settled> {
  const fates = new Map<string, { readonly outcome: Outcome; readonly no: number }>();
  const rows: { readonly entry: HeldEntry; readonly fate: number; readonly attempts: string }[] = [];
  for (const outcome of outcomes) {
    const { event, result, cause, error, counted, waitReason, evidence } = outcome;
    const key = JSON.stringify([event, result, cause, error, counted, waitReason, evidence]);
    let fate = fates.get(key);
    if (fate === undefined) {
      fate = { outcome, no: fates.size + 1 };
      fates.set(key, fate);
    }
    const made = `{${outcome.attempts.join(",")}}`;
    for (const entry of outcome.entries) rows.push({ entry, fate: fate.no, attempts: made });
  }
  const kinds = [...fates.values()].map(({ outcome }) => outcome);
  const result = await db.query<{ finished: number; returned: number; dead: EntryKey[] | null }>({
    name: "outbox-settle",
    text: SETTLE,
    values: [
      hub,
      new Date(now),
      textArray(kinds, (o) => settledState(o.event)),
      textArray(kinds, (o) => o.result),
      textArray(kinds, (o) => o.cause),
      textArray(kinds, (o) => o.error),
      int4Array(kinds, (o) => (o.counted ? 1 : 0)),
      textArray(kinds, (o) => o.waitReason),
      textArray(kinds, (o) => o.evidence),
      int4Array(rows, (row) => row.fate),
      int4Array(rows, (row) => row.entry.peer),
      int8Array(rows, (row) => row.entry.seq),
      int4Array(rows, (row) => row.entry.gen),
      int4Array(rows, (row) => row.entry.hops),
      int8Array(rows, (row) => row.entry.availableAt ?? -1),
      textArray(rows, (row) => row.attempts),
      ...attemptArrays(attempts),
    ],
  });
  const row = result.rows[0];
  return { finished: row?.finished ?? 0, returned: row?.returned ?? 0, dead: row?.dead ?? [] };
}
