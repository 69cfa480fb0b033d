import { expect, onTestFinished, test } from "vitest";
import { createSecretBox, HubRegistry, RegistryAdmin } from "../../src/main/hub/registry/index.ts";
import { Database } from "../../src/main/hub/store/database.ts";
import { createTestDatabase } from "../support/postgres.ts";

test("the token before ends by the hub's clock, not by the machine's", async () => {
  const database = await createTestDatabase();
  const db = new Database(database.connection, 2, () => undefined);
  onTestFinished(async () => {
    await db.close();
    await database.drop();
  });
  const box = createSecretBox("a key that is long enough for tests");
  let now = 1_000_000;
  const registry = await HubRegistry.open(db, box, "here", () => now);
  const admin = new RegistryAdmin(db, registry, box, () => now);
  await admin.createTeam("team", "Team");
  const { id } = await admin.createPeer("team", {
    name: "b",
    hookUrl: "https://b.example.com/hooks/team/kite",
    outboundToken: "out",
    inboundToken: "old",
  });
  const { token } = await admin.rotateInboundToken("team", id, 60_000);
  const taken = () => [token, "old"].map((each) => registry.peerByInboundToken("team", each)?.id ?? null);
  expect(taken()).toEqual([id, id]);
  now += 59_999;
  expect(taken()).toEqual([id, id]);
  now += 1;
  expect(taken()).toEqual([id, null]);
  expect(registry.inboundTokens(registry.peersOf("team")[0] ?? fail())).toEqual([token]);
});

function fail(): never {
  throw new Error("the peer is gone");
}
