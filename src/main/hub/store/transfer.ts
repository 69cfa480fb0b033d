import type { Queryable } from "./database.ts";
import { findDeadHubs } from "./hubs.ts";
import { dropSegmentEvents, dropSegmentKeys, prepareSegment } from "./segments.ts";

/**
 * The tables of an export, in the order in which they can be imported. Not among them: log_head, which is set to what
 * the export says, hubs, which are processes, pairings, whose links lead to the hub that made them, and console_hubs: what
 * one person's console looks at.
 */
export const SECTIONS = [
  "teams",
  "settings",
  "segments",
  "peers",
  "pull_links",
  "pull_gaps",
  "link_health",
  "hooks",
  "hook_activity",
  "api_keys",
  "federation_tokens",
  "cursors",
  "console_views",
  "replay_jobs",
  "events",
  "dedup",
  "arrivals",
  "drops",
  "outbox",
  "outbox_done",
  "attempts",
  "rollups",
  "refusals",
] as const;
export type Section = (typeof SECTIONS)[number];

/** Columns that are not exported: filters are built again from the keys. */
const LEFT_OUT: Partial<Record<Section, readonly string[]>> = { segments: ["key_filter"] };

/** Nothing that a process of the exporting hub held is held by anybody here. */
const RESET: Partial<Record<Section, Readonly<Record<string, string>>>> = {
  pull_links: { leased_by: "NULL", leased_until: "NULL" },
  outbox: { state: "'pending'", leased_by: "NULL", leased_until: "NULL" },
  replay_jobs: {
    leased_by: "NULL",
    leased_until: "NULL",
    state: "CASE WHEN state = 'running' THEN 'queued' ELSE state END",
  },
};

/** Where the exported log stands. */
export interface ExportedHead {
  readonly seq: number;
  readonly segment: number;
}

/**
 * Makes the transaction one unchanging view of the whole hub. Retention cannot drop a segment while it lasts.
 * To be called first in it.
 */
export async function beginExport(tx: Queryable): Promise<void> {
  await tx.query({ text: "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY" });
  await tx.query({ text: "SET LOCAL statement_timeout = 0" });
  // Before the first reading, which is what fixes the view: a segment dropped in between would be seen, and be gone.
  await tx.query({ text: `LOCK TABLE ${SECTIONS.join(", ")} IN ACCESS SHARE MODE` });
}

export async function readExportedHead(tx: Queryable): Promise<ExportedHead> {
  const { rows } = await tx.query<{ seq: string; segment: number }>({ text: "SELECT seq, segment FROM log_head" });
  const [row] = rows;
  if (row === undefined) throw new Error("log_head is empty: this is not a Kite database");
  return { seq: Number(row.seq), segment: row.segment };
}

/** The number of the newest migration that was applied. */
export async function schemaVersion(tx: Queryable): Promise<number> {
  const { rows } = await tx.query<{ version: number }>({
    text: "SELECT max(version) AS version FROM schema_migrations",
  });
  return rows[0]?.version ?? 0;
}

/** The columns of a section, as the database has them now. */
export async function columnsOf(tx: Queryable, section: Section): Promise<string[]> {
  const { rows } = await tx.query<{ name: string }>({
    text: `SELECT attname AS name FROM pg_attribute
           WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    values: [section],
  });
  const leftOut = LEFT_OUT[section] ?? [];
  return rows.map(({ name }) => name).filter((name) => !leftOut.includes(name));
}

export async function countSection(tx: Queryable, section: Section): Promise<number> {
  const { rows } = await tx.query<{ n: string }>({ text: `SELECT count(*) AS n FROM ${section}` });
  return Number(rows[0]?.n ?? 0);
}

/**
 * Reads a section as lines of JSON, some at a time. A cursor of the server does the paging: it takes any table as it
 * lies, also those without a key to page by.
 */
export async function* readSection(
  tx: Queryable,
  section: Section,
  columns: readonly string[],
  atATime: number,
): AsyncGenerator<string[]> {
  await tx.query({
    text: `DECLARE section NO SCROLL CURSOR FOR
           SELECT row_to_json(x)::text AS line FROM (SELECT ${columns.join(", ")} FROM ${section}) x`,
  });
  for (;;) {
    const { rows } = await tx.query<{ line: string }>({ text: `FETCH ${atATime} FROM section` });
    if (rows.length === 0) break;
    yield rows.map(({ line }) => line);
  }
  await tx.query({ text: "CLOSE section" });
}

/** What keeps a database from being imported into, as a sentence; null when it is empty and nobody's. */
export async function obstacleToImport(tx: Queryable): Promise<string | null> {
  // Nobody can accept an event until the import is over; whoever tries waits.
  await tx.query({ text: "LOCK TABLE log_head IN ACCESS EXCLUSIVE MODE" });
  const { rows } = await tx.query<{ seq: string; peers: string; hubs: string; entries: string }>({
    text: `SELECT seq, (SELECT count(*) FROM peers) AS peers, (SELECT count(*) FROM hubs) AS hubs,
                  (SELECT count(*) FROM outbox) AS entries FROM log_head`,
  });
  const [row] = rows;
  if (row === undefined) return "The database is damaged: log_head is empty.";
  const dead = await findDeadHubs(tx, 0);
  if (Number(row.hubs) > dead.length) return "A hub is running on this database. Stop it first.";
  if (Number(row.seq) > 0 || Number(row.peers) > 0 || Number(row.entries) > 0)
    return `This hub is not empty: it has ${row.seq} events and ${row.peers} peers. Import into a new data folder or database.`;
  return null;
}

/** Removes what a first start makes, so that the imported hub takes its place whole. */
export async function clearForImport(tx: Queryable): Promise<void> {
  await tx.query({ text: "SET LOCAL statement_timeout = 0" });
  const { rows } = await tx.query<{ segment: number }>({ text: "SELECT segment FROM segments ORDER BY segment" });
  const last = rows.at(-1)?.segment ?? 0;
  // The next segment may have been made ahead of its use.
  for (const segment of [...rows.map((row) => row.segment), last + 1]) {
    await dropSegmentEvents(tx, segment);
    await dropSegmentKeys(tx, segment);
  }
  const kept: readonly Section[] = ["events", "dedup", "arrivals", "drops", "outbox_done", "attempts"];
  for (const section of SECTIONS.filter((name) => !kept.includes(name)).toReversed())
    await tx.query({ text: `DELETE FROM ${section}` });
}

/**
 * Inserts rows of a section.
 * @param columns of those that {@link columnsOf} knows; the others get their defaults
 * @param lines the rows as JSON objects
 * @throws the error of `pg` when a row is not what the table takes
 */
export async function insertSection(
  tx: Queryable,
  section: Section,
  columns: readonly string[],
  lines: readonly string[],
): Promise<void> {
  const reset = RESET[section] ?? {};
  await tx.query({
    text: `INSERT INTO ${section} (${columns.join(", ")}) OVERRIDING SYSTEM VALUE
           SELECT ${columns.map((column) => reset[column] ?? column).join(", ")}
           FROM json_populate_recordset(NULL::${section}, $1::json)`,
    values: [`[${lines.join(",")}]`],
  });
}

/** Makes the partitions of the imported segments: all of them, or what retention had left. */
export async function makePartitions(tx: Queryable): Promise<void> {
  const { rows } = await tx.query<{ segment: number; events_gone: boolean; keys_gone: boolean }>({
    text: `SELECT segment, events_dropped_at IS NOT NULL AS events_gone, keys_dropped_at IS NOT NULL AS keys_gone
           FROM segments ORDER BY segment`,
  });
  for (const { segment, events_gone, keys_gone } of rows) {
    if (keys_gone) continue;
    await prepareSegment(tx, segment);
    if (events_gone) await dropImportedEvents(tx, segment);
  }
}

/** Drops a segment's event tables, leaving the time at which the exporting hub did so. */
async function dropImportedEvents(tx: Queryable, segment: number): Promise<void> {
  const { rows } = await tx.query<{ at: string }>({
    text: "SELECT events_dropped_at::text AS at FROM segments WHERE segment = $1",
    values: [segment],
  });
  await dropSegmentEvents(tx, segment);
  await tx.query({
    text: "UPDATE segments SET events_dropped_at = $2::timestamptz WHERE segment = $1",
    values: [segment, rows[0]?.at],
  });
}

/**
 * Sets the log's head and the numbering of peers to go on where the export ended.
 * @returns false when the head does not fit what was imported
 */
export async function finishImport(tx: Queryable, head: ExportedHead): Promise<boolean> {
  const { rows } = await tx.query<{ fits: boolean }>({
    text: `SELECT (SELECT COALESCE(max(seq), 0) FROM events) <= $1::bigint
                  AND (SELECT COALESCE(max(seq), 0) FROM dedup) <= $1::bigint
                  AND EXISTS (SELECT 1 FROM segments WHERE segment = $2::int AND sealed_at IS NULL) AS fits`,
    values: [head.seq, head.segment],
  });
  if (rows[0]?.fits !== true) return false;
  await tx.query({
    text: "UPDATE log_head SET seq = $1, segment = $2, config_rev = config_rev + 1",
    values: [head.seq, head.segment],
  });
  await tx.query({
    text: `SELECT setval(pg_get_serial_sequence('peers', 'no'), greatest(max(no), 1), max(no) IS NOT NULL) FROM peers`,
  });
  return true;
}
