import type { OnSettled } from "../federation/outbound/index.ts";
import type { RegistryView } from "../registry/index.ts";
import { settledState } from "../store/outbox-guards.ts";
import type { HubMetrics } from "./hub-metrics.ts";

/** Counts what became of outbox entries, and the requests that were made for them. */
export function countDeliveries(metrics: HubMetrics, registry: RegistryView, now: () => number): OnSettled {
  const nameOf = (no: number): string => registry.peerByNo(no)?.name ?? String(no);
  return (outcomes, attempts) => {
    for (const { peer, outcome } of attempts) metrics.attempts.inc({ peer: nameOf(peer), outcome });
    const at = now();
    for (const { event, entries } of outcomes) {
      const [first] = entries;
      const state = settledState(event);
      if (first === undefined || state === "pending") continue;
      const peer = nameOf(first.peer);
      metrics.finished.inc({ peer, state }, entries.length);
      if (state !== "delivered") continue;
      for (const entry of entries)
        if (entry.event !== null) metrics.deliverySeconds.observe({ peer }, (at - entry.event.receivedAt) / 1000);
    }
  };
}
