import type { LogEvent } from "../model.ts";
import type { HubMetrics } from "./hub-metrics.ts";

/** One step of a counter for each entrance, not for each event: a counter looks its labels up every time. */
export function countAccepted(metrics: HubMetrics, events: readonly LogEvent[]): void {
  const counts = new Map<string, number>();
  for (const event of events) {
    if (event.replayOf !== null) continue;
    const entrance = entranceOf(event);
    counts.set(entrance, (counts.get(entrance) ?? 0) + 1);
  }
  for (const [entrance, n] of counts) metrics.accepted.inc({ entrance }, n);
}

/** The way an event came in, for metrics. */
export function entranceOf(event: Pick<LogEvent, "via" | "hook" | "agentTo" | "type">): string {
  if (event.via !== null) return "peer";
  if (event.hook !== null) return "hook";
  return event.agentTo !== null ? "agent" : "internal";
}
