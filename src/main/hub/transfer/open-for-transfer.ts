import type pg from "pg";
import { checkSecretKey, storedInstanceId } from "../bootstrap.ts";
import type { SecretBox } from "../registry/index.ts";
import { Database } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";

/** Opens a hub's database for an export or import, without starting the hub. @throws MigrationError, SecretKeyError */
export async function openForTransfer(
  ground: { readonly connection: pg.ClientConfig; readonly box: SecretBox },
  migrations: string,
): Promise<{ readonly db: Database; readonly box: SecretBox; readonly instanceId: string }> {
  await migrate(ground.connection, migrations);
  const db = new Database(ground.connection, 2, () => undefined);
  try {
    await checkSecretKey(db, ground.box);
    return { db, box: ground.box, instanceId: (await storedInstanceId(db)) ?? "" };
  } catch (error) {
    await db.close();
    throw error;
  }
}
