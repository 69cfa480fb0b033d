import type { Queryable } from "./database.ts";

/** How far a listener has come. */
export interface Cursor {
  /** Everything up to here is acknowledged. */
  readonly seq: number;
  /** With `scopes`, nothing after `seq` and up to here was for this listener. 0 when that is not known. */
  readonly passed: number;
  readonly scopes: readonly string[];
}

/** A cursor and whose it is. */
export interface CursorUpdate extends Cursor {
  readonly team: string;
  readonly clientId: string;
}

// A cursor beyond the log's head would make its listener miss what is yet to come.
const HEAD = "(SELECT seq FROM log_head)";

/**
 * Finds a listener's cursor, or puts a new one at `seq`. It is stored at once: a listener that fails at its very first
 * event, before it acknowledged anything, gets that event again when it comes back.
 */
export async function openCursor(
  db: Queryable,
  fresh: { readonly team: string; readonly clientId: string; readonly seq: number; readonly scopes: readonly string[] },
): Promise<Cursor> {
  const { rows } = await db.query<{ seq: string; passed: string; scopes: string[] }>({
    name: "open-cursor",
    text: `
      INSERT INTO cursors AS c (team, client_id, seq, scopes) VALUES ($1, $2, LEAST($3::bigint, ${HEAD}), $4::text[])
      ON CONFLICT (team, client_id) DO UPDATE SET updated_at = now()
      RETURNING LEAST(c.seq, ${HEAD}) AS seq, LEAST(c.passed, ${HEAD}) AS passed, c.scopes`,
    values: [fresh.team, fresh.clientId, fresh.seq, fresh.scopes],
  });
  const row = rows[0];
  if (row === undefined) throw new Error("an upsert returned no row");
  return { seq: Number(row.seq), passed: Number(row.passed), scopes: row.scopes };
}

/**
 * Moves many cursors in one statement. No cursor goes back, and none beyond the log's head. A listener may be named only
 * once; all hubs lock the rows in the same order.
 */
export async function saveCursors(db: Queryable, updates: readonly CursorUpdate[]): Promise<void> {
  const sorted = [...updates].sort((a, b) => compare(a.team, b.team) || compare(a.clientId, b.clientId));
  await db.query({
    name: "save-cursors",
    text: `
      INSERT INTO cursors AS c (team, client_id, seq, passed, scopes)
      SELECT u.team, u.client_id, LEAST(u.seq, head.seq), LEAST(u.passed, head.seq),
             ARRAY(SELECT jsonb_array_elements_text(u.scopes::jsonb))
      FROM log_head AS head,
           unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[]) AS u (team, client_id, seq, passed, scopes)
      ON CONFLICT (team, client_id) DO UPDATE SET
        seq = GREATEST(c.seq, EXCLUDED.seq),
        passed = CASE WHEN c.scopes = EXCLUDED.scopes THEN GREATEST(c.passed, EXCLUDED.passed) ELSE EXCLUDED.passed END,
        scopes = EXCLUDED.scopes,
        updated_at = now()`,
    values: [
      sorted.map((update) => update.team),
      sorted.map((update) => update.clientId),
      sorted.map((update) => update.seq),
      sorted.map((update) => update.passed),
      sorted.map((update) => JSON.stringify(update.scopes)),
    ],
  });
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Forgets listeners that were not seen since `before`; they start live when they come back. Returns how many. */
export async function deleteIdleCursors(db: Queryable, before: Date): Promise<number> {
  const { rowCount } = await db.query({ text: "DELETE FROM cursors WHERE updated_at < $1", values: [before] });
  return rowCount ?? 0;
}

/** A listener that the hub remembers. */
export interface CursorRecord {
  readonly clientId: string;
  readonly seq: number;
  /** With `scopes`, everything up to here is done or was not for this listener. */
  readonly passed: number;
  readonly scopes: readonly string[];
  readonly updatedAt: Date;
}

/** A team's listeners, those seen last first. */
export async function listCursors(db: Queryable, team: string, limit: number): Promise<CursorRecord[]> {
  const { rows } = await db.query<{
    client_id: string;
    seq: string;
    passed: string;
    scopes: string[];
    updated_at: Date;
  }>({
    text: `SELECT client_id, seq, passed, scopes, updated_at FROM cursors WHERE team = $1
           ORDER BY updated_at DESC, client_id LIMIT $2`,
    values: [team, limit],
  });
  return rows.map((row) => ({
    clientId: row.client_id,
    seq: Number(row.seq),
    passed: Number(row.passed),
    scopes: row.scopes,
    updatedAt: row.updated_at,
  }));
}

/** Forgets a listener. @returns false when there is none of that name */
export async function deleteCursor(db: Queryable, team: string, clientId: string): Promise<boolean> {
  const { rowCount } = await db.query({
    text: "DELETE FROM cursors WHERE team = $1 AND client_id = $2",
    values: [team, clientId],
  });
  return rowCount === 1;
}
