import { uuidv7 } from "uuidv7";
import { clipped } from "../../../../shared/clipped.ts";
import { utf8Length } from "../../../../shared/event/index.ts";
import { DELIVERY_FAILED_TYPE } from "../../../../shared/rules/index.ts";
import type { Candidate } from "../../model.ts";

/** Something that could not be delivered to a peer. */
export interface DeliveryFailure {
  readonly team: string;
  readonly event: { readonly id: string; readonly source: string; readonly type: string };
  readonly peer: { readonly id: string; readonly name: string };
  /** `hop_limit`, or what made the entry a dead letter: `http_400`, `schedule_ended` … */
  readonly reason: string;
  /** Hops of the copy held here. */
  readonly hops: number;
  readonly maxHops: number;
  readonly attempts: number;
  readonly lastError: string | null;
}

const MAX_TEXT = 1_024;

/**
 * The event that tells this instance's own listeners (kite-wire.md 11.7). Routing keeps it here, whatever its peers'
 * scopes say.
 * @param count how many failures it stands for; the last of them is described
 * @param source the URL of this instance
 */
export function deliveryFailedEvent(failure: DeliveryFailure, count: number, source: string, now: number): Candidate {
  const { event, peer, reason } = failure;
  const data = JSON.stringify({
    event_id: clipped(event.id, MAX_TEXT),
    event_source: clipped(event.source, MAX_TEXT),
    event_type: clipped(event.type, MAX_TEXT),
    peer_id: peer.id,
    peer_name: peer.name,
    reason,
    hops: failure.hops,
    max_hops: failure.maxHops,
    attempts: failure.attempts,
    last_error: failure.lastError === null ? null : clipped(failure.lastError, MAX_TEXT),
    count,
  });
  const what =
    count === 1 ? `${event.type} (${reason})` : `${count} events (${reason}), the last of type ${event.type}`;
  return {
    id: uuidv7(),
    source,
    type: DELIVERY_FAILED_TYPE,
    attrs: `"time":"${new Date(now).toISOString()}","datacontenttype":"application/json"`,
    data,
    summary: clipped(`Not delivered to ${peer.name}: ${what}`, MAX_TEXT).replace(/[\p{Cc}\ufffe\uffff]/gu, " "),
    headers: null,
    dataBytes: utf8Length(data),
    team: failure.team,
    hook: null,
    via: null,
    copy: { origin: null, chain: "[]", hops: 0 },
    integrity: null,
    verified: false,
    agentTo: null,
    identity: null,
  };
}
