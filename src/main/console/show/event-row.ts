import { z } from "zod";
import type { EventRow, Outcome } from "../../../shared/contract/index.ts";
import { INTEGRITY_ISSUES } from "../../../shared/rules/index.ts";
import type { LogEvent } from "../../hub/index.ts";

const Chain = z.array(z.string());
const Integrity = z.array(z.enum(INTEGRITY_ISSUES));

/** A stored chain as a list. */
export function readChain(text: string): string[] {
  return text === "[]" ? [] : Chain.parse(JSON.parse(text));
}

/** An event as a row of the stream. */
export function eventRow(event: LogEvent, outcomes: Outcome[]): EventRow {
  const { copy } = event;
  return {
    seq: event.seq,
    at: event.receivedAt,
    id: event.id,
    source: event.source,
    type: event.type,
    summary: event.summary,
    hook: event.hook,
    via: event.via,
    origin: copy.origin,
    chain: readChain(copy.chain),
    hops: copy.hops,
    verified: event.verified,
    integrity: event.integrity === null ? [] : Integrity.parse(event.integrity.split(",")),
    agentTo: event.agentTo,
    replayOf: event.replayOf,
    dataBytes: event.dataBytes,
    outcomes,
  };
}
