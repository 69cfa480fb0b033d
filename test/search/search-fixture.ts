import type { LogEvent } from "../../src/main/hub/model.ts";
import { EventSearches } from "../../src/main/hub/search/index.ts";
import { Database, type Queryable } from "../../src/main/hub/store/database.ts";
import type { FilterOutcome, FilterPayload, FilterRow } from "../../src/shared/filter/index.ts";
import { NOW, PEERS } from "../filter/arbitraries.ts";
import { insertEvents, makeEvent, openSegment } from "../support/events.ts";
import { createTestDatabase } from "../support/postgres.ts";

export type Stored = FilterRow & FilterPayload;

/** A log of a team `t`, filled by hand. */
export interface SearchStage {
  readonly db: Database;
  readonly searches: EventSearches;
  close(): Promise<void>;
}

export async function openStage(): Promise<SearchStage> {
  const database = await createTestDatabase();
  const db = new Database(database.connection, 4, () => undefined);
  await db.query({ text: "INSERT INTO teams (id, name) VALUES ('t', 't'), ('other', 'other')" });
  for (const { no, name } of PEERS)
    await db.query({
      text: `INSERT INTO peers (no, id, team, name, hook_url, outbound_token, inbound_token, inbound_hash, deleted_at)
             OVERRIDING SYSTEM VALUE
             VALUES ($1, gen_random_uuid(), 't', $2, 'http://x', '', '', '', CASE WHEN $1 > 2 THEN now() END)`,
      values: [no, name],
    });
  return {
    db,
    searches: new EventSearches(db, () => NOW),
    async close() {
      await db.close();
      await database.drop();
    },
  };
}

const TABLES = ["events", "drops", "outbox", "outbox_done"];

export async function emptyLog(db: Queryable): Promise<void> {
  await db.query({ text: `TRUNCATE ${TABLES.join(", ")}` });
  await db.query({ text: "UPDATE log_head SET seq = 0" });
}

export function logEventOf({
  payload,
  segment = 1,
  ...row
}: FilterRow & { payload: FilterPayload; segment?: number }): LogEvent {
  return {
    ...makeEvent(row.seq),
    segment,
    id: row.id,
    source: row.source,
    type: row.type,
    summary: row.summary,
    hook: row.hook,
    via: row.via,
    receivedAt: row.at,
    copy: { origin: row.origin, chain: JSON.stringify(row.chain), hops: row.hops },
    integrity: row.integrity.length === 0 ? null : row.integrity.join(","),
    verified: row.verified,
    agentTo: row.agentTo,
    replayOf: row.replayOf,
    data: payload.data,
    headers: payload.headers,
    dataBytes: row.dataBytes,
  };
}

/** Writes events with their outcomes. Half of them get what came before as well: an older entry, a drop that an entry outranks. */
export async function fillLog(
  db: Queryable,
  rows: readonly Stored[],
  segmentOf: (seq: number) => number = () => 1,
): Promise<void> {
  if (rows.length === 0) return;
  await insertEvents(
    db,
    rows.map((row) => logEventOf({ ...row, payload: row, segment: segmentOf(row.seq) })),
  );
  for (const { seq, outcomes } of rows)
    for (const outcome of outcomes)
      await insertOutcome(db, seq, segmentOf(seq), outcome, (seq + outcome.peer) % 2 === 0);
}

async function insertOutcome(
  db: Queryable,
  seq: number,
  segment: number,
  { peer, state, reason }: FilterOutcome,
  history: boolean,
): Promise<void> {
  const drop = (why: string | null): Promise<unknown> =>
    db.query({
      text: `INSERT INTO drops (seq, segment, peer, reason, at, revision, evidence)
             VALUES ($1, $2, $3, $4, now() - interval '1 second' * $5::int, 1, '{}')`,
      values: [seq, segment, peer, why, why === reason ? 0 : 9],
    });
  if (state === "dropped") {
    if (history) await drop("hop_limit");
    await drop(reason);
    return;
  }
  if (history) await drop("out_of_scope");
  const gen = history ? 1 : 0;
  const done = (generation: number, as: string, cause: string | null): Promise<unknown> =>
    db.query({
      text: `INSERT INTO outbox_done (peer, seq, gen, segment, state, revision, hops, tries, replay, created_at, finished_at, result, cause, attempts)
             VALUES ($1, $2, $3, $4, $5, 1, 1, 1, false, now(), now(), 'x', $6, '{}')`,
      values: [peer, seq, generation, segment, as, cause],
    });
  if (history) await done(0, "cancelled", "superseded");
  if (state === "pending" || state === "sending")
    await db.query({
      text: `INSERT INTO outbox (peer, seq, gen, segment, state, revision, hops, created_at, available_at)
             VALUES ($1, $2, $3, $4, $5, 1, 1, now(), now())`,
      values: [peer, seq, gen, segment, state],
    });
  else await done(gen, state, state === "delivered" ? "ignored" : reason);
}

/** A second segment that begins after this seq, with partitions of every table searched. */
export async function secondSegment(db: Queryable, after: number): Promise<void> {
  await db.query({ text: "UPDATE log_head SET seq = $1", values: [after] });
  for (const table of TABLES.filter((name) => name !== "outbox" && name !== "events"))
    await db.query({ text: `CREATE TABLE ${table}_s2 PARTITION OF ${table} FOR VALUES IN (2)` });
  await openSegment(db, 2);
}

export async function collect<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of messages) all.push(message);
  return all;
}
