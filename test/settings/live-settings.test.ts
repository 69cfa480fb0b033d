import { expect, onTestFinished, test } from "vitest";
import { LiveSettings } from "../../src/main/hub/settings/index.ts";
import { Database } from "../../src/main/hub/store/database.ts";
import type { HubSettings } from "../../src/shared/hub-settings.ts";
import { createTestDatabase } from "../support/postgres.ts";

const CONFIGURED: HubSettings = {
  retentionDays: 7,
  retentionMb: 0,
  keepPayload: "all",
  keepPayloadBytes: 4_096,
  keepRefusedBytes: 0,
};

test("what several hub processes change at once is all kept: none overwrites what another has changed", async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const open = async (): Promise<LiveSettings> => {
    const db = new Database(database.connection, 3, () => undefined);
    onTestFinished(() => db.close());
    return LiveSettings.open({ db, configured: CONFIGURED, dedupDays: 14 });
  };
  const hubs = [await open(), await open(), await open(), await open()] as const;
  for (let round = 1; round <= 10; round++) {
    const wanted = { retentionDays: round, retentionMb: round, keepPayloadBytes: round, keepRefusedBytes: round };
    await Promise.all([
      hubs[0].update({ retentionDays: round }),
      hubs[1].update({ retentionMb: round }),
      hubs[2].update({ keepPayloadBytes: round }),
      hubs[3].update({ keepRefusedBytes: round }),
    ]);
    for (const hub of hubs) {
      await hub.refresh();
      expect(hub.current).toEqual({ ...CONFIGURED, ...wanted });
    }
  }
});

test("a change that is refused leaves the settings as they were", async () => {
  const database = await createTestDatabase();
  const db = new Database(database.connection, 2, () => undefined);
  onTestFinished(async () => {
    await db.close();
    await database.drop();
  });
  const settings = await LiveSettings.open({ db, configured: CONFIGURED, dedupDays: 14 });
  await expect(settings.update({ retentionDays: 15 })).rejects.toThrow("KITE_DEDUP_DAYS");
  await expect(settings.update({ keepRefusedBytes: 65_537 })).rejects.toThrow("keepRefusedBytes");
  await settings.refresh();
  expect(settings.current).toEqual(CONFIGURED);
  await settings.update({ retentionDays: 3 });
  await settings.update({ retentionDays: CONFIGURED.retentionDays });
  expect((await settings.update({})).retentionDays).toBe(7);
});
