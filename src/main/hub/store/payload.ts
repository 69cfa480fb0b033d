import type { Database, Queryable } from "./database.ts";
import type { Stretch } from "./event-search.ts";
import { doneSources, owedSources } from "./outbox-guards.ts";

/** Why an event's payload is not what was received. */
export type DataCut = "purged" | "none" | "cut";

/** An event whose payload goes. */
export interface PayloadKey {
  readonly seq: number;
  readonly segment: number;
}

/** What was taken out of an event's payload; null when it is whole, or there is no such event. */
export async function dataCutOf(db: Queryable, team: string, seq: number): Promise<DataCut | null> {
  const { rows } = await db.query<{ data_cut: DataCut | null }>({
    text: "SELECT data_cut FROM events WHERE seq = $2 AND team = $1",
    values: [team, seq],
  });
  return rows[0]?.data_cut ?? null;
}

// data_base64 stands among the attributes. Its value has no quotes, and within another value the first would be escaped.
const WITHOUT_BASE64 = `trim(both ',' from replace(regexp_replace(attrs, '"data_base64":"[^"]*"', ''), ',,', ','))`;

/** What matches a filter and still has a payload: how many events, and how many entries owed to peers. */
export async function countPayloads(
  { tx, from, p }: Stretch,
  before: Date | null,
): Promise<{ events: number; owed: number }> {
  const { rows } = await tx.query<{ events: string; owed: string }>({
    text: `WITH hit AS MATERIALIZED (SELECT e.seq FROM ${from} AND ${receivedBefore(p.add(before, "timestamptz"))})
           SELECT (SELECT count(*) FROM hit) AS events,
                  (SELECT count(*) FROM hit CROSS JOIN peers p CROSS JOIN LATERAL (
                     SELECT 1 FROM outbox o WHERE o.peer = p.no AND o.seq = hit.seq) o) AS owed`,
    values: p.values,
  });
  const [row] = rows;
  return { events: Number(row?.events ?? 0), owed: Number(row?.owed ?? 0) };
}

/** The events of a stretch that match and have a payload, newest first, `limit` at most. A row that shows another again stands for that one. */
export async function payloadsOf(
  { tx, from, p }: Stretch,
  before: Date | null,
  limit: number,
): Promise<(PayloadKey & { original: number })[]> {
  const { rows } = await tx.query<{ seq: string; segment: number; original: string }>({
    text: `SELECT e.seq, e.segment, COALESCE(e.replay_of, e.seq) AS original
           FROM ${from} AND ${receivedBefore(p.add(before, "timestamptz"))} ORDER BY e.seq DESC LIMIT ${p.add(limit, "int")}`,
    values: p.values,
  });
  return rows.map(({ seq, segment, original }) => ({ seq: Number(seq), segment, original: Number(original) }));
}

const receivedBefore = (time: string): string =>
  `e.data_cut IS DISTINCT FROM 'purged' AND (${time} IS NULL OR e.received_at < ${time})`;

/** What one step of a purge did. */
export interface Purged {
  readonly events: number;
  /** Entries that were owed and cannot be sent any more. */
  readonly cancelled: number;
}

/**
 * Takes the payload of some events out, in one transaction: data, headers and summary, what other arrivals brought, and
 * what peers answered, which may repeat it. What waits for a peer is cancelled with the cause `purged`; what is being
 * sent at this moment is not, and is cancelled by its lane when it comes back.
 */
export async function purgePayloads(db: Database, at: Date, originals: readonly number[]): Promise<Purged> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ seq: string; segment: number }>({
      text: `UPDATE events SET data = NULL, headers = NULL, summary = NULL, attrs = ${WITHOUT_BASE64}, data_cut = 'purged'
             WHERE seq = ANY ($1::bigint[]) AND segment = ANY (${SEGMENTS_OF("$1::bigint[]")})
               AND data_cut IS DISTINCT FROM 'purged' RETURNING seq, segment`,
      values: [originals],
    });
    const seqs = rows.map(({ seq }) => seq);
    const segments = [...new Set(rows.map(({ segment }) => segment))];
    await tx.query({
      text: "UPDATE arrivals SET data = NULL WHERE seq = ANY ($1::bigint[]) AND segment = ANY ($2::int[]) AND data IS NOT NULL",
      values: [seqs, segments],
    });
    await forgetAnswers(tx, seqs, segments);
    return { events: rows.length, cancelled: await cancelOwed(tx, at, seqs) };
  });
}

const SEGMENTS_OF = (seqs: string): string => `ARRAY(
  SELECT DISTINCT s.segment FROM segments s, unnest(${seqs}) q (seq)
  WHERE s.first_seq <= q.seq AND (s.last_seq IS NULL OR s.last_seq >= q.seq))`;

async function forgetAnswers(tx: Queryable, seqs: readonly string[], segments: readonly number[]): Promise<void> {
  await tx.query({
    text: `UPDATE attempts SET response_body = NULL
           WHERE response_body IS NOT NULL AND id = ANY (ARRAY(
             SELECT unnest(o.attempts) FROM peers p CROSS JOIN LATERAL (
               SELECT attempts FROM outbox WHERE peer = p.no AND seq = ANY ($1::bigint[])
               UNION ALL
               SELECT attempts FROM outbox_done WHERE peer = p.no AND seq = ANY ($1::bigint[]) AND segment = ANY ($2::int[])) o))`,
    values: [seqs, segments],
  });
}

/** The transition `cancel`, for what waits. */
async function cancelOwed(tx: Queryable, at: Date, seqs: readonly string[]): Promise<number> {
  const { rows } = await tx.query<{ n: string }>({
    text: `WITH done AS (
             DELETE FROM outbox o USING peers p
             WHERE o.peer = p.no AND o.seq = ANY ($2::bigint[]) AND o.state || '' IN (${owedSources("cancel")}) RETURNING o.*
           ), kept AS (
             INSERT INTO outbox_done (peer, seq, gen, segment, state, revision, hops, tries, replay, created_at, finished_at,
                                      result, cause, attempts, last_error)
             SELECT peer, seq, gen, segment, 'cancelled', revision, hops, tries, replay, created_at, $1::timestamptz,
                    'cancelled', 'purged', attempts, last_error FROM done
           ), counts AS (
             INSERT INTO rollups AS u (minute, peer, kind, reason, n)
             SELECT date_trunc('minute', $1::timestamptz), peer, 'cancelled', 'purged', count(*) FROM done GROUP BY peer ORDER BY peer
             ON CONFLICT (minute, peer, kind, reason) DO UPDATE SET n = u.n + excluded.n
           ) SELECT count(*) AS n FROM done`,
    values: [at, seqs],
  });
  return Number(rows[0]?.n ?? 0);
}

/** Takes the payload out of the rows of a stretch that show a purged event again. @returns how many there were */
export async function purgeShownAgain(db: Queryable, first: number, last: number): Promise<number> {
  const { rowCount } = await db.query({
    text: `UPDATE events r SET data = NULL, headers = NULL, summary = NULL, attrs = ${WITHOUT_BASE64.replaceAll("attrs", "r.attrs")}, data_cut = 'purged'
           WHERE r.seq BETWEEN $1 AND $2 AND r.replay_of IS NOT NULL AND r.data_cut IS DISTINCT FROM 'purged'
             AND EXISTS (SELECT 1 FROM events o WHERE o.seq = r.replay_of AND o.data_cut = 'purged')`,
    values: [first, last],
  });
  return rowCount ?? 0;
}

/**
 * The newest seq that every listener has acknowledged that was seen since; what is newer is still to be shown whole.
 * Null when there is no such listener.
 */
export async function slowestCursor(db: Queryable, seenSince: Date): Promise<number | null> {
  const { rows } = await db.query<{ seq: string | null }>({
    text: "SELECT min(greatest(seq, passed)) AS seq FROM cursors WHERE updated_at >= $1",
    values: [seenSince],
  });
  const seq = rows[0]?.seq ?? null;
  return seq === null ? null : Number(seq);
}

/** The data as it came, or what is left of it: a text whose beginning was kept is stored as a string of JSON, for data is JSON wherever it is read. */
const TEXT = "CASE WHEN e.data_cut = 'cut' THEN e.data::json #>> '{}' ELSE e.data END";

/** What one statement reduced, and the first event of its stretch that is too young yet. */
export interface Reduced {
  readonly reduced: number;
  readonly young: number | null;
}

/**
 * Reduces the payloads of a stretch of the log: to the first characters of the data, as a string, or to nothing. An event that is
 * owed to a peer or is a dead letter stays whole, for it may be sent.
 */
export async function reducePayloads(
  db: Queryable,
  stretch: { readonly first: number; readonly last: number; readonly receivedBefore: Date },
  keep: number,
): Promise<Reduced> {
  const { rows } = await db.query<{ reduced: string; young: string | null }>({
    text: `WITH reduced AS (
             UPDATE events e SET headers = NULL, attrs = ${WITHOUT_BASE64.replaceAll("attrs", "e.attrs")},
               data = CASE WHEN $4::int > 0 THEN to_json(left(${TEXT}, $4::int))::text END,
               data_cut = CASE WHEN $4::int > 0 THEN 'cut' ELSE 'none' END
             WHERE e.seq BETWEEN $1::bigint AND $2::bigint AND e.received_at < $3::timestamptz
               AND (e.data_cut IS NULL OR e.data_cut = 'cut' AND length(${TEXT}) > $4::int)
               AND (e.data_bytes > $4::int OR ($4::int = 0 AND e.headers IS NOT NULL))
               AND NOT EXISTS (SELECT 1 FROM peers p CROSS JOIN LATERAL (
                 SELECT 1 FROM outbox o WHERE o.peer = p.no AND o.seq = e.seq
                 UNION ALL
                 SELECT 1 FROM outbox_done d WHERE d.peer = p.no AND d.seq = e.seq AND d.segment = e.segment
                   AND d.state IN (${doneSources("replay_dead")})) x)
             RETURNING 1
           )
           SELECT (SELECT count(*) FROM reduced) AS reduced,
                  (SELECT min(seq) FROM events WHERE seq BETWEEN $1::bigint AND $2::bigint AND received_at >= $3::timestamptz) AS young`,
    values: [stretch.first, stretch.last, stretch.receivedBefore, keep],
  });
  const [row] = rows;
  return { reduced: Number(row?.reduced ?? 0), young: row?.young == null ? null : Number(row.young) };
}
