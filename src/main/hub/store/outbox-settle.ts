import type { OutboxEvent } from "../../../shared/rules/index.ts";
import type { Bytes16 } from "../model.ts";
import { type Attempt, attemptArrays, attemptUnnest, insertAttempts } from "./attempts.ts";
import { int4Array, int8Array, textArray, uuidArray, uuidBytes } from "./binary-arrays.ts";
import type { Queryable } from "./database.ts";
import type { EntryKey } from "./outbox.ts";
import { owedSources, settledState } from "./outbox-guards.ts";

/** What ends a lease. */
export type SettleEvent = Extract<OutboxEvent, "deliver" | "fail" | "abandon" | "retry" | "release" | "split">;

/** An entry that this hub holds under a lease. */
export interface HeldEntry extends EntryKey {
  /** Hops of the copy that was, or would have been, sent. */
  readonly hops: number;
  /** When it is tried again, milliseconds since the epoch; null leaves the time it had. For entries that go back. */
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

/*
 * Both statements are about one peer and one generation, so that all entries are found by one look along the primary
 * key: (peer, seq = ANY, gen). A join would leave it to the planner, which takes a table that was empty a moment ago
 * for a small one, and reads all of it. What belongs to an entry is found by its place among the sorted seqs.
 *
 * $1 hub  $2 now  $3 peer  $4 gen
 * of each entry: $5 seq, ascending  $6 fate  $7 hops  $8 available_at in ms, or -1  $9 last attempt, or the nil UUID
 * of each fate: $10 state  $11 result  $12 cause  $13 error  $14 counted  $15 wait_reason  $16 evidence  $17 earlier attempts
 * of each attempt: from $18 on
 *
 * $8 is never null; FINISH names it only because a parameter that no statement names has no type.
 */
const FATES = `
  SELECT * FROM unnest($10::text[], $11::text[], $12::text[], $13::text[], $14::int[], $15::text[], $16::text[], $17::text[])
    WITH ORDINALITY AS f (state, result, cause, error, counted, wait_reason, evidence, earlier, no)
  WHERE $8::bigint[] IS NOT NULL`;
const FIRST_ATTEMPT = 18;

const HELD = `o.peer = $3::int AND o.gen = $4::int AND o.state IN (${owedSources("deliver")}) AND o.leased_by = $1::int`;
const TAKEN = "o.seq, o.segment, o.revision, o.tries, o.replay, o.created_at, o.attempts, o.last_error";

/** The value of an entry's array parameter. */
const own = (parameter: string, seq: string): string => `(${parameter})[width_bucket(${seq}, $5::bigint[])]`;
const made = (seq: string): string =>
  `f.earlier::uuid[] || array_remove(ARRAY[${own("$9::uuid[]", seq)}], '00000000-0000-0000-0000-000000000000'::uuid)`;

// Counts are sorted as the accept statement sorts them, so that two hubs cannot deadlock. An attempt that was written
// before, by a statement whose answer was lost, is not counted again.
const record = (state: string, result: string, cause: string): string => `
done AS (
  SELECT g.seq, g.segment, g.revision, least(g.tries + f.counted, 32767) AS tries, g.replay, g.created_at,
         g.attempts || ${made("g.seq")} AS attempts, COALESCE(f.error, g.last_error) AS last_error,
         ${own("$7::int[]", "g.seq")} AS hops, ${state} AS state, ${result} AS result, ${cause} AS cause, f.evidence
  FROM gone g JOIN f ON f.no = ${own("$6::int[]", "g.seq")}
), kept AS (
  INSERT INTO outbox_done (peer, seq, gen, segment, state, revision, hops, tries, replay, created_at, finished_at, result,
                           cause, attempts, last_error)
  SELECT $3::int, seq, $4::int, segment, state, revision, hops, tries, replay, created_at, $2::timestamptz, result,
         cause, attempts, last_error FROM done
), dropped AS (
  INSERT INTO drops (seq, segment, peer, reason, at, revision, evidence)
  SELECT seq, segment, $3::int, cause, $2::timestamptz, revision, evidence FROM done WHERE evidence IS NOT NULL
), a AS (
  SELECT * FROM ${attemptUnnest(FIRST_ATTEMPT)}
), tried AS (${insertAttempts("a")} RETURNING id
), counts AS (
  INSERT INTO rollups AS u (minute, peer, kind, reason, n)
  SELECT date_trunc('minute', $2::timestamptz), $3::int, c.kind, c.reason, count(*) FROM (
    SELECT state AS kind, CASE WHEN state <> 'delivered' THEN cause WHEN result = 'accepted' THEN '' ELSE result END AS reason
    FROM done
    UNION ALL SELECT 'drop', cause FROM done WHERE evidence IS NOT NULL
    UNION ALL SELECT CASE WHEN a.ok THEN 'attempt_ok' ELSE 'attempt_failed' END, CASE WHEN a.ok THEN '' ELSE a.reason END
              FROM (SELECT id::uuid, reason, outcome IN ('delivered', 'partial') AS ok FROM a) a JOIN tried USING (id)) c
  GROUP BY c.kind, c.reason
  ORDER BY concat(c.kind, chr(1), c.reason) COLLATE "C"
  ON CONFLICT (minute, peer, kind, reason) DO UPDATE SET n = u.n + excluded.n
)`;

const FINISH = `
WITH f AS (${FATES}), gone AS (
  DELETE FROM outbox o WHERE o.seq = ANY ($5::bigint[]) AND ${HELD} RETURNING ${TAKEN}
), ${record("f.state", "f.result", "f.cause")}
SELECT (SELECT count(*)::int FROM done) AS finished, 0 AS returned,
       (SELECT json_agg(seq ORDER BY seq) FROM done WHERE state = 'dead') AS dead`;

// An entry that would go back while a shorter copy of its event waits as its successor is cancelled instead.
const GIVE_BACK = `
WITH f AS (${FATES}), old AS (
  SELECT k.seq FROM unnest($5::bigint[]) AS k (seq)
  WHERE (SELECT true FROM outbox x WHERE x.peer = $3::int AND x.seq = k.seq AND x.gen > $4::int LIMIT 1)
), gone AS (
  DELETE FROM outbox o WHERE o.seq = ANY (ARRAY(SELECT seq FROM old)) AND ${HELD} RETURNING ${TAKEN}
), ${record("'cancelled'", "'superseded'", "'superseded'")}, back AS (
  UPDATE outbox o SET (state, leased_by, leased_until, hops, available_at, wait_reason, tries, attempts, last_error) = (
    SELECT f.state, NULL::int, NULL::timestamptz, ${own("$7::int[]", "o.seq")},
           COALESCE(to_timestamp(NULLIF(${own("$8::bigint[]", "o.seq")}, -1) / 1000.0), o.available_at), f.wait_reason,
           least(o.tries + f.counted, 32767), o.attempts || ${made("o.seq")}, COALESCE(f.error, o.last_error)
    FROM f WHERE f.no = ${own("$6::int[]", "o.seq")})
  WHERE o.seq = ANY ($5::bigint[]) AND o.seq <> ALL (ARRAY(SELECT seq FROM old)) AND ${HELD}
  RETURNING 1
)
SELECT (SELECT count(*)::int FROM done) AS finished, (SELECT count(*)::int FROM back) AS returned, NULL::json AS dead`;

/**
 * Writes what became of entries and the attempts that were made: what is finished moves to outbox_done, what goes back
 * becomes pending, routing's change of mind goes to drops, and everything is counted. An entry that this hub does not
 * hold any more is not touched, and is missing from the counts; so everything may be written a second time.
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
  let [finished, returned] = [0, 0];
  const dead: EntryKey[] = [];
  for (const { peer, gen, back, ...part } of partsOf(outcomes, attempts)) {
    const { rows } = await db.query<{ finished: number; returned: number; dead: number[] | null }>({
      name: back ? "outbox-give-back" : "outbox-finish",
      text: back ? GIVE_BACK : FINISH,
      values: [hub, new Date(now), peer, gen, ...entryArrays(part.entries), ...attemptArrays(part.attempts)],
    });
    finished += rows[0]?.finished ?? 0;
    returned += rows[0]?.returned ?? 0;
    for (const seq of rows[0]?.dead ?? []) dead.push({ peer, seq, gen });
  }
  return { finished, returned, dead };
}

interface SettledEntry {
  readonly entry: HeldEntry;
  readonly outcome: Outcome;
}

/** What one statement writes. */
interface Part {
  readonly peer: number;
  readonly gen: number;
  readonly back: boolean;
  readonly entries: SettledEntry[];
  readonly attempts: Attempt[];
}

function partsOf(outcomes: readonly Outcome[], attempts: readonly Attempt[]): Part[] {
  const parts = new Map<string, Part>();
  const partOf = (peer: number, gen: number, back: boolean): Part => {
    const name = `${peer}-${gen}-${back}`;
    let part = parts.get(name);
    if (part === undefined) {
      part = { peer, gen, back, entries: [], attempts: [] };
      parts.set(name, part);
    }
    return part;
  };
  for (const outcome of outcomes) {
    const back = settledState(outcome.event) === "pending";
    for (const entry of outcome.entries) partOf(entry.peer, entry.gen, back).entries.push({ entry, outcome });
  }
  for (const attempt of attempts) {
    const any = [...parts.values()].find(({ peer }) => peer === attempt.peer);
    (any ?? partOf(attempt.peer, 0, false)).attempts.push(attempt);
  }
  // In an order that all hubs share, for the counts.
  return [...parts.values()].sort((a, b) => (String(a.peer) < String(b.peer) ? -1 : 1));
}

const NIL: Bytes16 = "\0".repeat(16);

function entryArrays(settled: readonly SettledEntry[]): Buffer[] {
  const rows = [...settled].sort((a, b) => a.entry.seq - b.entry.seq);
  const fates: Outcome[] = [];
  const numbers = new Map<string, number>();
  const fateOf = new Map<Outcome, { readonly no: number; readonly attempt: Bytes16 }>();
  for (const { outcome } of rows) {
    if (fateOf.has(outcome)) continue;
    const { event, result, cause, error, counted, waitReason, evidence, attempts } = outcome;
    const name = JSON.stringify([event, result, cause, error, counted, waitReason, evidence, attempts.slice(0, -1)]);
    let no = numbers.get(name);
    if (no === undefined) {
      no = fates.push(outcome);
      numbers.set(name, no);
    }
    fateOf.set(outcome, { no, attempt: bytesOf(attempts.at(-1)) });
  }
  return [
    int8Array(rows, (row) => row.entry.seq),
    int4Array(rows, (row) => fateOf.get(row.outcome)?.no ?? null),
    int4Array(rows, (row) => row.entry.hops),
    int8Array(rows, (row) => row.entry.availableAt ?? -1),
    uuidArray(rows, (row) => fateOf.get(row.outcome)?.attempt ?? NIL),
    textArray(fates, (fate) => settledState(fate.event)),
    textArray(fates, (fate) => fate.result),
    textArray(fates, (fate) => fate.cause),
    textArray(fates, (fate) => fate.error),
    int4Array(fates, (fate) => (fate.counted ? 1 : 0)),
    textArray(fates, (fate) => fate.waitReason),
    textArray(fates, (fate) => fate.evidence),
    textArray(fates, (fate) => `{${fate.attempts.slice(0, -1).join(",")}}`),
  ];
}

const bytesOf = (uuid: string | undefined): Bytes16 => (uuid === undefined ? NIL : uuidBytes(uuid));
