import { INTEGRITY_ISSUES, type IntegrityIssue } from "../../shared/rules/index.ts";
import type { LogEvent } from "./model.ts";
import { readChain } from "./read-chain.ts";
import type { Queryable } from "./store/database.ts";
import { type Outcome, outcomesOf } from "./store/event-outcomes.ts";

/** An event as a row of the stream, without its payload. Has the shape of the contract's EventRow; a test holds it to it. */
export interface EventRow {
  readonly seq: number;
  readonly at: number;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly summary: string | null;
  readonly hook: string | null;
  readonly via: number | null;
  readonly origin: string | null;
  readonly chain: string[];
  readonly hops: number;
  readonly verified: boolean;
  readonly integrity: IntegrityIssue[];
  readonly agentTo: string | null;
  readonly replayOf: number | null;
  readonly dataBytes: number;
  readonly outcomes: Outcome[];
}

/** Makes the row of an event. The live stream and searches both call this, so that a row never depends on its way. */
export function eventRow(event: LogEvent, outcomes: readonly Outcome[]): EventRow {
  return {
    seq: event.seq,
    at: event.receivedAt,
    id: event.id,
    source: event.source,
    type: event.type,
    summary: event.summary,
    hook: event.hook,
    via: event.via,
    origin: event.copy.origin,
    chain: readChain(event.copy.chain),
    hops: event.copy.hops,
    verified: event.verified,
    integrity: readIntegrity(event.integrity),
    agentTo: event.agentTo,
    replayOf: event.replayOf,
    dataBytes: event.dataBytes,
    outcomes: [...outcomes],
  };
}

/** The rows of events as they stand in the database now, in the order given. */
export async function eventRows(db: Queryable, events: readonly LogEvent[]): Promise<EventRow[]> {
  const outcomes = await outcomesOf(db, events);
  return events.map((event) => eventRow(event, outcomes.get(event.seq) ?? []));
}

function readIntegrity(stored: string | null): IntegrityIssue[] {
  if (stored === null) return [];
  const marks = new Set(stored.split(","));
  return INTEGRITY_ISSUES.filter((issue) => marks.has(issue));
}
