import type { FreshEntry, LogEvent } from "../../model.ts";
import type { ClaimedEntry } from "../../store/outbox.ts";
import type { HeldEntry } from "../../store/outbox-settle.ts";

/** An entry in a lane's hands: under a lease of this hub, until what became of it is committed. */
export interface LaneEntry extends HeldEntry {
  readonly segment: number;
  /** Null when retention has taken the event. */
  readonly event: LogEvent | null;
  readonly tries: number;
  readonly replay: boolean;
  readonly firstTriedAt: number | null;
  /** Roughly what the event takes on the wire and in memory. */
  readonly bytes: number;
  availableAt: number | null;
  leasedUntil: number;
}

/** Entries that go, or went, in one request, and the attempts they have behind them under this lease. */
export interface Group {
  readonly entries: readonly LaneEntry[];
  readonly attempts: readonly string[];
}

/** What the CloudEvent takes beside its data, attributes and headers. */
const ENVELOPE_BYTES = 400;

export function entryFromFresh(fresh: FreshEntry, leaseMs: number): LaneEntry {
  const { peer, seq, gen, event, createdAt } = fresh;
  return {
    peer,
    seq,
    gen,
    segment: event.segment,
    event,
    hops: event.copy.hops,
    tries: 0,
    replay: false,
    firstTriedAt: null,
    bytes: sizeOf(event),
    availableAt: null,
    leasedUntil: createdAt + leaseMs,
  };
}

export function entryFromClaim(claimed: ClaimedEntry, leasedUntil: number): LaneEntry {
  const { peer, seq, gen, segment, event, owedHops, tries, replay, firstTriedAt } = claimed;
  return {
    peer,
    seq,
    gen,
    segment,
    event,
    hops: event?.copy.hops ?? owedHops,
    tries,
    replay,
    firstTriedAt,
    bytes: event === null ? 0 : sizeOf(event),
    availableAt: null,
    leasedUntil,
  };
}

function sizeOf(event: LogEvent): number {
  return event.dataBytes + event.attrs.length + (event.headers?.length ?? 0) + ENVELOPE_BYTES;
}
