import { expect, test } from "vitest";
import { confirmProduction, productionPeers } from "../../../src/main/hub/federation/replay/confirm-production.ts";
import { fakePeer } from "../inbound/fake-hub.ts";

const production = fakePeer({ no: 1, id: "p", name: "prod", environment: "production" });
const staging = fakePeer({ no: 2, id: "s", name: "staging", environment: "staging" });
const closed = fakePeer({ no: 3, id: "c", name: "closed", environment: "production", receiveOnly: true });
const PEERS = [production, staging, closed];
const request = { filter: {}, targets: "peers", routing: "then", id: "same" } as const;

test("a replay to production has to name it, and nothing else has to", () => {
  expect(() => confirmProduction(request, PEERS, [])).toThrow(
    'This would replay to production: "prod". Name it in confirm to go on.',
  );
  expect(() => confirmProduction({ ...request, filter: { entry_ids: ["7-1-0"] } }, PEERS, ["staging"])).toThrow("prod");
  for (const harmless of [
    { ...request, targets: "listeners" as const },
    { ...request, filter: { peer_id: "s" } },
    { ...request, filter: { entry_ids: ["7-2-0"] } },
  ])
    expect(() => confirmProduction(harmless, PEERS, [])).not.toThrow();
  expect(() => confirmProduction(request, PEERS, ["prod"])).not.toThrow();
});

test("what is told to ask for is what is refused without", () => {
  expect(productionPeers(request, PEERS)).toEqual([production]);
  expect(productionPeers({ ...request, targets: "listeners" }, PEERS)).toEqual([]);
});
