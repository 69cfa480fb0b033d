import type { Bytes16 } from "../model.ts";
import { int4Array, uuidArray, uuidBytes } from "./binary-arrays.ts";
import type { Queryable } from "./database.ts";

/** A key that is remembered. `id` is the event's id while the event is retained, null after. */
export interface KnownKey {
  readonly key: Bytes16;
  readonly seq: number;
  readonly segment: number;
  readonly digest: Bytes16;
  readonly id: string | null;
}

/** Looks keys up in the given segments: the pairs stand at the same places of the two lists. */
export async function findKeys(
  db: Queryable,
  pairs: readonly { readonly segment: number; readonly key: Bytes16 }[],
): Promise<KnownKey[]> {
  const { rows } = await db.query<{ key: string; seq: string; segment: number; digest: string; id: string | null }>({
    name: "find-keys",
    text: `SELECT d.key, d.seq, d.segment, d.digest, e.id
           FROM unnest($1::int[], $2::uuid[]) AS q (segment, key)
           JOIN dedup d ON d.segment = q.segment AND d.key = q.key
           LEFT JOIN events e ON e.seq = d.seq AND e.segment = d.segment`,
    values: [int4Array(pairs, (p) => p.segment), uuidArray(pairs, (p) => p.key)],
  });
  return rows.map((row) => ({
    key: uuidBytes(row.key),
    seq: Number(row.seq),
    segment: row.segment,
    digest: uuidBytes(row.digest),
    id: row.id,
  }));
}

/** Reads a segment's keys in key order, page by page, for its filter. */
export async function readKeys(
  db: Queryable,
  segment: number,
  after: string,
  limit: number,
): Promise<{ keys: Bytes16[]; last: string | null }> {
  const { rows } = await db.query<{ key: string }>({
    text: `SELECT key FROM dedup WHERE segment = $1 AND key > $2::uuid ORDER BY key LIMIT $3`,
    values: [segment, after, limit],
  });
  return { keys: rows.map((row) => uuidBytes(row.key)), last: rows.at(-1)?.key ?? null };
}
