import type { AcceptedRow } from "../model.ts";
import { boolArray, int4Array, int8Array, textArray, uuidArray } from "./binary-arrays.ts";
import type { Queryable } from "./database.ts";

/** A count for the rollups of this minute. */
export interface Count {
  readonly peer: number;
  readonly kind: string;
  readonly reason: string;
  readonly n: number;
}

/** An outbox entry of a batch; `ord` is the 1-based place of its event in the batch. */
export interface EntryRow {
  readonly ord: number;
  readonly peer: number;
  readonly revision: number;
  readonly hops: number;
  readonly leased: boolean;
}

/** A decision not to forward. */
export interface DropRow {
  readonly ord: number;
  readonly peer: number;
  readonly revision: number;
  readonly reason: string;
  readonly evidence: string;
}

/** Everything one commit of the log writes. */
export interface Batch {
  readonly segment: number;
  readonly configRev: number;
  readonly receivedAt: Date;
  readonly rows: readonly AcceptedRow[];
  readonly entries: readonly EntryRow[];
  readonly drops: readonly DropRow[];
  readonly counts: readonly Count[];
  readonly hub: number;
  readonly leaseMs: number;
  /** Tell other hub processes on this database. */
  readonly notify: boolean;
}

/** A part of the statement: what it inserts, and the array parameters it reads. */
interface Part {
  readonly name: string;
  readonly sql: (first: number) => string;
  readonly values: readonly Buffer[];
}

const params = (first: number, types: readonly string[]): string =>
  types.map((type, index) => `$${first + index}::${type}[]`).join(", ");

function eventsPart(rows: readonly AcceptedRow[]): Part {
  return {
    name: "e",
    values: [
      textArray(rows, (r) => r.candidate.team),
      textArray(rows, (r) => r.candidate.id),
      textArray(rows, (r) => r.candidate.source),
      textArray(rows, (r) => r.candidate.type),
      textArray(rows, (r) => r.candidate.hook),
      int4Array(rows, (r) => r.candidate.via),
      textArray(rows, (r) => r.candidate.copy.origin),
      textArray(rows, (r) => r.candidate.copy.chain),
      int4Array(rows, (r) => r.candidate.copy.hops),
      textArray(rows, (r) => r.candidate.integrity),
      boolArray(rows, (r) => r.candidate.verified),
      textArray(rows, (r) => r.candidate.summary),
      textArray(rows, (r) => r.candidate.headers),
      textArray(rows, (r) => r.candidate.agentTo),
      uuidArray(rows, (r) => r.digest),
      int4Array(rows, (r) => r.candidate.dataBytes),
      textArray(rows, (r) => r.candidate.attrs),
      textArray(rows, (r) => r.candidate.data),
      int8Array(rows, (r) => r.replayOf),
    ],
    sql: (
      first,
    ) => `INSERT INTO events (seq, segment, received_at, team, id, source, type, hook, via, origin, chain, hops,
        integrity, verified, summary, headers, agent_to, digest, data_bytes, attrs, data, replay_of)
      SELECT head.base + r.ord, $2::int, $4::timestamptz, r.team, r.id, r.source, r.type, r.hook, r.via, r.origin, r.chain,
        r.hops, r.integrity, r.verified, r.summary, r.headers, r.agent_to, r.digest, r.data_bytes, r.attrs, r.data, r.replay_of
      FROM head, unnest(${params(first, ["text", "text", "text", "text", "text", "int", "text", "text", "int", "text", "bool", "text", "text", "text", "uuid", "int", "text", "text", "bigint"])})
        WITH ORDINALITY AS r (team, id, source, type, hook, via, origin, chain, hops, integrity, verified, summary, headers,
                              agent_to, digest, data_bytes, attrs, data, replay_of, ord)`,
  };
}

function keysPart(rows: readonly AcceptedRow[]): Part | null {
  const keyed: { ord: number; digest: Buffer; key: Buffer }[] = [];
  rows.forEach(({ key, digest }, index) => {
    if (key !== null) keyed.push({ ord: index + 1, digest, key });
  });
  if (keyed.length === 0) return null;
  return {
    name: "k",
    values: [int4Array(keyed, (k) => k.ord), uuidArray(keyed, (k) => k.key), uuidArray(keyed, (k) => k.digest)],
    sql: (first) => `INSERT INTO dedup (key, segment, seq, digest)
      SELECT r.key, $2::int, head.base + r.ord, r.digest
      FROM head, unnest(${params(first, ["int", "uuid", "uuid"])}) AS r (ord, key, digest)`,
  };
}

function entriesPart({ entries, hub, leaseMs }: Batch): Part | null {
  if (entries.length === 0) return null;
  return {
    name: "o",
    values: [
      int4Array(entries, (n) => n.ord),
      int4Array(entries, (n) => n.peer),
      int4Array(entries, (n) => n.revision),
      int4Array(entries, (n) => n.hops),
      boolArray(entries, (n) => n.leased),
    ],
    sql: (
      first,
    ) => `INSERT INTO outbox (peer, seq, segment, state, revision, hops, created_at, available_at, leased_by, leased_until)
      SELECT r.peer, head.base + r.ord, $2::int, CASE WHEN r.leased THEN 'sending' ELSE 'pending' END, r.revision, r.hops,
        $4::timestamptz, $4::timestamptz, CASE WHEN r.leased THEN ${Math.trunc(hub)} END,
        CASE WHEN r.leased THEN $4::timestamptz + interval '${Math.trunc(leaseMs)} ms' END
      FROM head, unnest(${params(first, ["int", "int", "int", "int", "bool"])}) AS r (ord, peer, revision, hops, leased)`,
  };
}

function dropsPart({ drops }: Batch): Part | null {
  if (drops.length === 0) return null;
  return {
    name: "d",
    values: [
      int4Array(drops, (n) => n.ord),
      int4Array(drops, (n) => n.peer),
      int4Array(drops, (n) => n.revision),
      textArray(drops, (n) => n.reason),
      textArray(drops, (n) => n.evidence),
    ],
    sql: (first) => `INSERT INTO drops (seq, segment, peer, reason, at, revision, evidence)
      SELECT head.base + r.ord, $2::int, r.peer, r.reason, $4::timestamptz, r.revision, r.evidence
      FROM head, unnest(${params(first, ["int", "int", "int", "text", "text"])}) AS r (ord, peer, revision, reason, evidence)`,
  };
}

function countsPart({ counts }: Batch): Part | null {
  if (counts.length === 0) return null;
  return {
    name: "c",
    values: [
      int4Array(counts, (n) => n.peer),
      textArray(counts, (n) => n.kind),
      textArray(counts, (n) => n.reason),
      int4Array(counts, (n) => n.n),
    ],
    sql: (first) => `INSERT INTO rollups AS u (minute, peer, kind, reason, n)
      SELECT date_trunc('minute', $4::timestamptz), r.peer, r.kind, r.reason, r.n
      FROM head, unnest(${params(first, ["int", "text", "text", "int"])}) AS r (peer, kind, reason, n)
      ON CONFLICT (minute, peer, kind, reason) DO UPDATE SET n = u.n + excluded.n`,
  };
}

/** Texts by the parts they have: each is planned once for each connection. */
const texts = new Map<string, string>();

function textOf(name: string, parts: readonly Part[], { hub, notify }: Batch): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  let first = 5;
  const ctes = parts.map((part) => {
    const sql = `${part.name} AS (${part.sql(first)})`;
    first += part.values.length;
    return sql;
  });
  // The head's row is updated first and its lock held to the commit: see 0001_hub.sql. When segment or config_rev
  // moved, head is empty and nothing at all is inserted.
  const text = `WITH head AS (
      UPDATE log_head SET seq = seq + $1::int WHERE segment = $2::int AND config_rev = $3::bigint
      RETURNING seq - $1::int AS base
    ), ${ctes.join(", ")}
    SELECT base${notify ? `, pg_notify('kite_log', '${Math.trunc(hub)} ' || (base + $1::int))` : ""} FROM head`;
  texts.set(name, text);
  return text;
}

/**
 * Commits a batch: events, deduplication keys, outbox entries, drops and counts in one statement. Parts without rows
 * are left out, which a lone event notices.
 * @returns the seq before the first of the batch, or null when the segment or the registry moved and nothing was done
 * @throws the error of `pg`; 23505 when another hub stored one of the keys a moment ago
 */
export async function insertBatch(db: Queryable, batch: Batch): Promise<number | null> {
  const { rows, notify } = batch;
  const all = [eventsPart(rows), keysPart(rows), entriesPart(batch), dropsPart(batch), countsPart(batch)];
  const parts = all.filter((part) => part !== null);
  const name = `accept-${parts.map((part) => part.name).join("")}${notify ? "-notify" : ""}-${batch.hub}`;
  const result = await db.query<{ base: string }>({
    name,
    text: textOf(name, parts, batch),
    values: [rows.length, batch.segment, batch.configRev, batch.receivedAt, ...parts.flatMap((part) => part.values)],
  });
  const base = result.rows[0]?.base;
  return base === undefined ? null : Number(base);
}
