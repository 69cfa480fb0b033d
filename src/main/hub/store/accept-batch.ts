import type { AcceptedRow } from "../model.ts";
import { type RowType, rowArray } from "./binary-rows.ts";
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

const EVENT: RowType<AcceptedRow> = {
  fields: 20,
  write(w, { candidate, digest, replayOf, key }) {
    w.text(candidate.team);
    w.text(candidate.id);
    w.text(candidate.source);
    w.text(candidate.type);
    w.text(candidate.hook);
    w.int4(candidate.via);
    w.text(candidate.copy.origin);
    w.text(candidate.copy.chain);
    w.int2(candidate.copy.hops);
    w.text(candidate.integrity);
    w.bool(candidate.verified);
    w.text(candidate.summary);
    w.text(candidate.headers);
    w.text(candidate.agentTo);
    w.uuid(digest);
    w.int4(candidate.dataBytes);
    w.text(candidate.attrs);
    w.text(candidate.data);
    w.int8(replayOf);
    w.uuid(key);
  },
};

const ENTRY: RowType<EntryRow> = {
  fields: 5,
  write(w, { ord, peer, revision, hops, leased }) {
    w.int4(ord);
    w.int4(peer);
    w.int4(revision);
    w.int2(hops);
    w.bool(leased);
  },
};

const DROP: RowType<DropRow> = {
  fields: 5,
  write(w, { ord, peer, revision, reason, evidence }) {
    w.int4(ord);
    w.int4(peer);
    w.int4(revision);
    w.text(reason);
    w.text(evidence);
  },
};

const COUNT: RowType<Count> = {
  fields: 4,
  write(w, { peer, kind, reason, n }) {
    w.int4(peer);
    w.text(kind);
    w.text(reason);
    w.int4(n);
  },
};

/** A part of the statement: what it inserts, and the array of rows it reads, where it reads one of its own. */
interface Part {
  readonly name: string;
  readonly sql: (parameter: string) => string;
  readonly value: Buffer | null;
}

function partsOf({ rows, entries, drops, counts, hub, leaseMs }: Batch): Part[] {
  const parts: Part[] = [
    {
      name: "e",
      value: rowArray(EVENT, rows),
      // `r` is read twice, so it is put aside once.
      sql: (events) => `r AS MATERIALIZED (
        SELECT head.base + b.ord AS seq, b.* FROM head, unnest(${events}::batch_event[]) WITH ORDINALITY
          AS b (team, id, source, type, hook, via, origin, chain, hops, integrity, verified, summary, headers, agent_to,
                digest, data_bytes, attrs, data, replay_of, key, ord)
      ), e AS (
        INSERT INTO events (seq, segment, received_at, team, id, source, type, hook, via, origin, chain, hops, integrity,
          verified, summary, headers, agent_to, digest, data_bytes, attrs, data, replay_of)
        SELECT r.seq, $2::int, $4::timestamptz, r.team, r.id, r.source, r.type, r.hook, r.via, r.origin, r.chain, r.hops,
          r.integrity, r.verified, r.summary, r.headers, r.agent_to, r.digest, r.data_bytes, r.attrs, r.data, r.replay_of
        FROM r)`,
    },
  ];
  if (rows.some(({ key }) => key !== null))
    parts.push({
      name: "k",
      value: null,
      sql: () => `k AS (INSERT INTO dedup (key, segment, seq, digest)
        SELECT r.key, $2::int, r.seq, r.digest FROM r WHERE r.key IS NOT NULL)`,
    });
  if (entries.length > 0)
    parts.push({
      name: "o",
      value: rowArray(ENTRY, entries),
      sql: (owed) => `o AS (
        INSERT INTO outbox (peer, seq, segment, state, revision, hops, created_at, available_at, leased_by, leased_until)
        SELECT n.peer, head.base + n.ord, $2::int, CASE WHEN n.leased THEN 'sending' ELSE 'pending' END, n.revision, n.hops,
          $4::timestamptz, $4::timestamptz, CASE WHEN n.leased THEN ${Math.trunc(hub)} END,
          CASE WHEN n.leased THEN $4::timestamptz + interval '${Math.trunc(leaseMs)} ms' END
        FROM head, unnest(${owed}::batch_entry[]) AS n)`,
    });
  if (drops.length > 0)
    parts.push({
      name: "d",
      value: rowArray(DROP, drops),
      sql: (dropped) => `d AS (INSERT INTO drops (seq, segment, peer, reason, at, revision, evidence)
        SELECT head.base + n.ord, $2::int, n.peer, n.reason, $4::timestamptz, n.revision, n.evidence
        FROM head, unnest(${dropped}::batch_drop[]) AS n)`,
    });
  if (counts.length > 0)
    parts.push({
      name: "c",
      value: rowArray(COUNT, counts),
      sql: (counted) => `c AS (INSERT INTO rollups AS u (minute, peer, kind, reason, n)
        SELECT date_trunc('minute', $4::timestamptz), n.peer, n.kind, n.reason, n.n
        FROM head, unnest(${counted}::batch_count[]) AS n
        ON CONFLICT (minute, peer, kind, reason) DO UPDATE SET n = u.n + excluded.n)`,
    });
  return parts;
}

/** Texts by the parts they have: each is planned once for each connection. */
const texts = new Map<string, string>();

function textOf(name: string, parts: readonly Part[], { hub, notify }: Batch): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  let next = 5;
  const ctes = parts.map(({ sql, value }) => sql(value === null ? "" : `$${next++}`));
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
  const parts = partsOf(batch);
  const name = `accept-${parts.map((part) => part.name).join("")}${notify ? "-notify" : ""}-${batch.hub}`;
  const result = await db.query<{ base: string }>({
    name,
    text: textOf(name, parts, batch),
    values: [
      rows.length,
      batch.segment,
      batch.configRev,
      batch.receivedAt,
      ...parts.flatMap(({ value }) => value ?? []),
    ],
  });
  const base = result.rows[0]?.base;
  return base === undefined ? null : Number(base);
}
