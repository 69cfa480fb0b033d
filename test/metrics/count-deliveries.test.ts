import { expect, test } from "vitest";
import { countDeliveries } from "../../src/main/hub/metrics/count-deliveries.ts";
import { createHubMetrics } from "../../src/main/hub/metrics/index.ts";
import { makeEvent } from "../support/events.ts";

type Settled = Parameters<ReturnType<typeof countDeliveries>>;

test("what became of entries and attempts is counted under the peer's name", async () => {
  const metrics = createHubMetrics();
  const registry = { peerByNo: (no: number) => (no === 1 ? { name: "staging" } : undefined) };
  const count = countDeliveries(metrics, registry as Parameters<typeof countDeliveries>[1], () => 3_000);
  const entry = { peer: 1, event: makeEvent(1, { receivedAt: 1_000 }) };
  const outcomes = [
    { event: "deliver", entries: [entry, entry] },
    { event: "fail", entries: [entry] },
    { event: "retry", entries: [entry] },
  ];
  const attempts = [
    { peer: 1, outcome: "delivered" },
    { peer: 2, outcome: "retry" },
  ];
  count(outcomes as unknown as Settled[0], attempts as unknown as Settled[1]);
  const text = await metrics.registry.metrics();
  expect(text).toContain('kite_outbox_finished_total{peer="staging",state="delivered"} 2');
  expect(text).toContain('kite_outbox_finished_total{peer="staging",state="dead"} 1');
  expect(text).toContain('kite_delivery_attempts_total{peer="staging",outcome="delivered"} 1');
  expect(text).toContain('kite_delivery_attempts_total{peer="2",outcome="retry"} 1');
  expect(text).toContain('kite_delivery_seconds_sum{peer="staging"} 4');
  expect(text).not.toContain('state="pending"');
});
