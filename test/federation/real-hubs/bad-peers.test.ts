import { expect, onTestFinished, test } from "vitest";
import { openRealHub } from "../../support/real-hub.ts";
import { until } from "../../support/until.ts";
import { FakePeer, type Handler, takesBatches } from "../outbound/fake-peer.ts";

const EVENTS = 2_000;
const BATCH = 100;

async function startPeer(handler: Handler): Promise<FakePeer> {
  const peer = await FakePeer.start(handler);
  onTestFinished(() => peer.stop());
  return peer;
}

test("a peer that hangs and one that answers 500 keep nothing from a healthy one, and lose nothing", async () => {
  const { client } = await openRealHub({ instanceId: "hub-a" });
  // Ended before the hub is, so that it need not wait for answers that never come.
  const hanging = await startPeer(() => "hang");
  const failing = await startPeer(() => ({ status: 500, body: "out of order" }));
  const healthy = await startPeer(takesBatches);
  const register = (name: string, peer: FakePeer) =>
    client.createPeer({ name, peer_hook_url: peer.url, outbound_token: `${name}-out`, inbound_token: `${name}-in` });
  const [hangs, fails, works] = [
    await register("hanging", hanging),
    await register("failing", failing),
    await register("healthy", healthy),
  ];

  const ids = Array.from({ length: EVENTS }, (_, index) => `event-${index}`);
  for (let from = 0; from < EVENTS; from += BATCH) {
    const outcomes = await client.postBatch(ids.slice(from, from + BATCH).map((id) => ({ id })));
    expect(new Set(outcomes)).toEqual(new Set(["accepted"]));
  }

  // The hanging peer's first requests are still without an answer when the healthy one has everything.
  await until("the healthy peer has everything", () => new Set(healthy.ids).size === EVENTS, 14_000);
  expect(hanging.waiting).toBeGreaterThan(0);
  await until("nothing is owed to it any more", async () => (await client.owed({ peer_id: works.id })) === 0);
  expect(healthy.ids).toHaveLength(EVENTS);

  const stateOf = async (id: string): Promise<Record<string, number>> => {
    const states: Record<string, number> = {};
    for (const { state } of await client.outbox({ peer_id: id })) states[state] = (states[state] ?? 0) + 1;
    return states;
  };
  expect(await stateOf(works.id)).toEqual({ delivered: EVENTS });
  for (const id of [hangs.id, fails.id]) {
    const { pending = 0, sending = 0, ...others } = await stateOf(id);
    expect([pending + sending, others]).toEqual([EVENTS, {}]);
  }
});
