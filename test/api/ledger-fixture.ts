import type { Queryable } from "../../src/main/hub/store/database.ts";
import { TEAM } from "./api-under-test.ts";

/** Rows of the ledger as they would be after some hours of work, written directly. */
export interface EventFixture {
  readonly seq: number;
  readonly team?: string;
  readonly id?: string;
  readonly source?: string;
  readonly type?: string;
  readonly receivedAt?: string;
  readonly data?: string;
  readonly via?: number;
  readonly hook?: string;
  readonly replayOf?: number;
  readonly chain?: string;
  readonly hops?: number;
  readonly origin?: string;
}

export async function insertEvent(db: Queryable, event: EventFixture): Promise<void> {
  const { seq, data = '{"n":1}' } = event;
  await db.query({
    text: `INSERT INTO events (seq, segment, team, id, source, type, hook, via, received_at, origin, chain, hops, digest,
                               data_bytes, attrs, data, replay_of)
           VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, gen_random_uuid(), $12, '"subject":"s"', $13, $14)`,
    values: [
      seq,
      event.team ?? TEAM,
      event.id ?? `evt-${seq}`,
      event.source ?? "https://example.com",
      event.type ?? "com.example.event",
      event.hook ?? null,
      event.via ?? null,
      event.receivedAt ?? new Date(Date.UTC(2026, 3, 14, 10, 0, seq)).toISOString(),
      event.origin ?? null,
      event.chain ?? "[]",
      event.hops ?? 0,
      data.length,
      data,
      event.replayOf ?? null,
    ],
  });
  await db.query({ text: "UPDATE log_head SET seq = greatest(seq, $1)", values: [seq] });
}

export interface EntryFixture {
  readonly peer: number;
  readonly seq: number;
  readonly gen?: number;
  readonly state: "pending" | "sending" | "delivered" | "dead" | "cancelled";
  readonly cause?: string;
  readonly attempts?: readonly string[];
  readonly tries?: number;
}

export async function insertEntry(db: Queryable, entry: EntryFixture): Promise<void> {
  const { peer, seq, gen = 0, state, attempts = [], tries = attempts.length } = entry;
  const hot = state === "pending" || state === "sending";
  await db.query({
    text: hot
      ? `INSERT INTO outbox (peer, seq, gen, segment, state, revision, hops, tries, created_at, available_at, wait_reason,
                             leased_until, attempts, last_error)
         VALUES ($1, $2, $3, 1, $4, 1, 0, $5, '2026-04-14T10:00:00Z', '2026-04-14T13:00:00Z', 'schedule',
                 CASE WHEN $4 = 'sending' THEN timestamptz '2026-04-14T10:01:00Z' END, $6, NULL)`
      : `INSERT INTO outbox_done (peer, seq, gen, segment, state, revision, hops, tries, replay, created_at, finished_at,
                                  result, cause, attempts, last_error)
         VALUES ($1, $2, $3, 1, $4, 1, 0, $5, false, '2026-04-14T10:00:00Z', '2026-04-14T11:00:00Z',
                 CASE WHEN $4 = 'delivered' THEN 'accepted' ELSE 'refused' END, $7, $6, 'a sentence')`,
    values: hot
      ? [peer, seq, gen, state, tries, attempts]
      : [peer, seq, gen, state, tries, attempts, entry.cause ?? null],
  });
}

export async function insertDrop(
  db: Queryable,
  drop: { peer: number; seq: number; reason: string; evidence: object; at?: string },
): Promise<void> {
  await db.query({
    text: `INSERT INTO drops (seq, segment, peer, reason, at, revision, evidence) VALUES ($1, 1, $2, $3, $4, 3, $5)`,
    values: [drop.seq, drop.peer, drop.reason, drop.at ?? "2026-04-14T10:00:00Z", JSON.stringify(drop.evidence)],
  });
}

export async function insertAttempt(
  db: Queryable,
  attempt: { id: string; peer: number; outcome: string; status?: number | null; seq?: number },
): Promise<void> {
  await db.query({
    text: `INSERT INTO attempts (id, segment, peer, at, duration_ms, outcome, status, error, batch, entries, first_seq,
                                 last_seq, url, request_headers, request_bytes, response_headers, response_body)
           VALUES ($1, 1, $2, '2026-04-14T10:00:00Z', 12.5, $3, $4, NULL, false, 1, $5, $5, 'https://b.example.com/',
                   '{"authorization":"***"}', 211, '{"content-type":"text/plain"}', 'busy')`,
    values: [attempt.id, attempt.peer, attempt.outcome, attempt.status ?? null, attempt.seq ?? 1],
  });
}
