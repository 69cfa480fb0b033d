import type { LogEvent } from "../../src/main/hub/model.ts";
import type { Queryable } from "../../src/main/hub/store/database.ts";

/** An event of team `t` with every member filled in; `over` replaces some of them. */
export function makeEvent(seq: number, over: Partial<LogEvent> = {}): LogEvent {
  const data = over.data === undefined ? `{"n":${seq}}` : over.data;
  return {
    seq,
    segment: 1,
    team: "t",
    id: `evt-${seq}`,
    source: "https://shop",
    type: "com.shop.order",
    attrs: `"time":"2026-01-01T00:00:00Z","datacontenttype":"application/json"`,
    summary: `order ${seq}`,
    headers: null,
    hook: "shop",
    via: null,
    receivedAt: Date.UTC(2026, 0, 1) + seq,
    copy: { origin: null, chain: "[]", hops: 0 },
    integrity: null,
    verified: false,
    agentTo: null,
    replayOf: null,
    ...over,
    data,
    dataBytes: data === null ? 0 : Buffer.byteLength(data),
  };
}

/** Writes events as they are, in one statement, and moves the log's head to the last of them. */
export async function insertEvents(db: Queryable, events: readonly LogEvent[]): Promise<void> {
  const rows = events.map(({ copy, dataBytes, receivedAt, agentTo, replayOf, ...event }) => ({
    ...event,
    ...copy,
    received_at: new Date(receivedAt),
    agent_to: agentTo,
    replay_of: replayOf,
    digest: "00000000-0000-0000-0000-000000000000",
    data_bytes: dataBytes,
  }));
  await db.query({
    text: `
      WITH head AS (UPDATE log_head SET seq = GREATEST(seq, $2::bigint))
      INSERT INTO events SELECT * FROM jsonb_populate_recordset(NULL::events, $1::jsonb)`,
    values: [JSON.stringify(rows), events.at(-1)?.seq ?? 0],
  });
}

/** Closes the log's segment and begins the next, as the hub does when one is full. */
export async function openSegment(db: Queryable, segment: number): Promise<void> {
  await db.query({ text: `CREATE TABLE events_s${segment} PARTITION OF events FOR VALUES IN (${segment})` });
  await db.query({
    text: `
      WITH head AS (UPDATE log_head SET segment = $1::int RETURNING seq),
           sealed AS (UPDATE segments SET sealed_at = now(), last_seq = (SELECT seq FROM head) WHERE segment = $1::int - 1)
      INSERT INTO segments (segment, first_seq, opened_at) SELECT $1::int, seq + 1, now() FROM head`,
    values: [segment],
  });
}

/** Takes a segment's events, as retention does. */
export async function dropSegment(db: Queryable, segment: number): Promise<void> {
  await db.query({ text: `DROP TABLE events_s${segment}` });
  await db.query({ text: "UPDATE segments SET events_dropped_at = now() WHERE segment = $1", values: [segment] });
}
