import type { AcceptedRow, LogEvent } from "../model.ts";
import type { Count } from "../store/accept-batch.ts";
import type { Routed } from "./routing.ts";

/** An accepted row as the event it has become. */
export function toLogEvent(row: AcceptedRow, seq: number, segment: number, receivedAt: number): LogEvent {
  const c = row.candidate;
  return {
    seq,
    segment,
    team: c.team,
    id: c.id,
    source: c.source,
    type: c.type,
    attrs: c.attrs,
    data: c.data,
    summary: c.summary,
    headers: c.headers,
    dataBytes: c.dataBytes,
    hook: c.hook,
    via: c.via,
    receivedAt,
    copy: c.copy,
    integrity: c.integrity,
    verified: c.verified,
    agentTo: c.agentTo,
    replayOf: row.replayOf,
  };
}

/** The counts of a batch, in an order that all hubs share, so that two of them cannot deadlock. */
export function countsOf(rows: readonly AcceptedRow[], routed: Routed): Count[] {
  const counts = new Map<string, { peer: number; kind: string; reason: string; n: number }>();
  const add = (peer: number, kind: string, reason: string): void => {
    const name = `${peer}\u0000${kind}\u0000${reason}`;
    const count = counts.get(name);
    if (count === undefined) counts.set(name, { peer, kind, reason, n: 1 });
    else count.n++;
  };
  for (const { candidate, replayOf } of rows) {
    if (replayOf !== null) add(0, "replayed", "");
    else add(candidate.via ?? 0, "accepted", "");
  }
  for (const entry of routed.entries) add(entry.peer, "forward", "");
  for (const drop of routed.drops) add(drop.peer, "drop", drop.reason);
  return [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
}
