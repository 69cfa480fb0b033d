import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  confirmProduction,
  mayReplayTo,
  productionPeers,
} from "../../../src/main/hub/federation/replay/confirm-production.ts";
import type { ReplayRequest, ReplayService } from "../../../src/main/hub/federation/replay/index.ts";
import type { Peer } from "../../../src/main/hub/model.ts";
import { fakePeer } from "../inbound/fake-hub.ts";
import { sharedDatabase } from "../relax/shared-database.ts";
import { asRequest, ReplayFixture } from "./replay-fixture.ts";

const production = fakePeer({ no: 1, id: "p", name: "prod", environment: "production" });
const staging = fakePeer({ no: 2, id: "s", name: "staging", environment: "staging" });
const closed = fakePeer({ no: 3, id: "c", name: "closed", environment: "production", receiveOnly: true });
const PEERS = [production, staging, closed];
const request = { filter: {}, targets: "peers", routing: "then", id: "same" } as const;

test("a replay to production has to name it, and nothing else has to", () => {
  const confirm = (asked: Parameters<typeof productionPeers>[0], confirmed: readonly string[]): void =>
    confirmProduction(productionPeers(asked, PEERS), confirmed);
  expect(() => confirm(request, [])).toThrow('This would replay to production: "prod". Name it in confirm to go on.');
  expect(() => confirm({ ...request, filter: { entry_ids: ["7-1-0"] } }, ["staging"])).toThrow("prod");
  for (const harmless of [
    { ...request, targets: "listeners" as const },
    { ...request, filter: { peer_id: "s" } },
    { ...request, filter: { entry_ids: ["7-2-0"] } },
  ])
    expect(() => confirm(harmless, [])).not.toThrow();
  expect(() => confirm(request, ["prod"])).not.toThrow();
});

test("a job sends to no production peer that was not named for it", () => {
  expect(PEERS.filter(mayReplayTo({ ...request, production: [] }))).toEqual([staging]);
  expect(PEERS.filter(mayReplayTo({ ...request, production: ["p"] }))).toEqual([production, staging]);
  expect(PEERS.filter(mayReplayTo(request))).toEqual(PEERS);
});

describe("of events that are named", () => {
  const freshDatabase = sharedDatabase();
  let fixture: ReplayFixture;
  let service: ReplayService;
  let x: Peer;
  let y: Peer;

  beforeEach(async () => {
    fixture = await ReplayFixture.open(await freshDatabase());
    x = await fixture.ledger.peer("x");
    y = await fixture.ledger.peer("y", { scopes: ["com.b"] });
    await fixture.events(2, (n) => ({ type: n === 1 ? "com.a" : "com.b" }));
    await fixture.ledger.finish(x, "fail");
    await fixture.ledger.finish(y, "fail");
    fixture.hub.now += 3_600_000;
    for (const { id } of [x, y]) await fixture.hub.admin.updatePeer("team", id, { environment: "production" });
    service = fixture.serve();
  });

  afterEach(async () => {
    await fixture.close();
    expect(fixture.errors).toEqual([]);
  });

  const asked = async (seqs: readonly number[], how: Partial<ReplayRequest> = {}): Promise<string[]> =>
    (await service.production("team", asRequest({ filter: { seqs }, ...how }))).map(({ name }) => name);

  test("only the production peers they go to are asked for", async () => {
    expect(await asked([1])).toEqual(["x"]);
    expect(await asked([2])).toEqual(["x", "y"]);
    expect(await asked([1], { routing: "now" })).toEqual(["x"]);
    expect(await asked([1], { targets: "listeners" })).toEqual([]);
    await expect(service.create("team", asRequest({ filter: { seqs: [1] } }))).rejects.toThrow('production: "x"');
  });

  test("a new event may go anywhere, so all of them are", async () => {
    expect(await asked([1], { targets: "both", routing: "now", id: "new" })).toEqual(["x", "y"]);
  });

  test("what begins to match after the confirmation is not sent", async () => {
    await service.stop();
    const { id } = await service.create("team", asRequest({ filter: { seqs: [1] }, routing: "now" }), ["x"]);
    await fixture.hub.admin.updatePeer("team", y.id, { scopes: ["*"] });
    await fixture.ended(fixture.serve(), id);
    const owed = (await fixture.ledger.entries()).filter(({ state }) => state === "pending");
    expect(owed.map(({ seq, peer }) => [seq, peer])).toEqual([[1, "x"]]);
  });
});
