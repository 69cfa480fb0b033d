import pg from "pg";
import { expect, test } from "vitest";
import { createTestDatabase } from "../support/postgres.ts";

test("databases made at once from the template are separate and have the schema", async () => {
  const databases = await Promise.all(Array.from({ length: 6 }, () => createTestDatabase()));
  try {
    expect(new Set(databases.map(({ url }) => url)).size).toBe(6);
    for (const { connection, url } of databases) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query(
        "SELECT current_database() AS name, max(version) > 0 AS migrated FROM schema_migrations",
      );
      await client.end();
      expect(rows).toEqual([{ name: connection.database, migrated: true }]);
    }
  } finally {
    await Promise.all(databases.map((database) => database.drop()));
  }
});

test("a dropped database is gone, with sessions on it ended", async () => {
  const database = await createTestDatabase();
  const open = new pg.Client(database.connection);
  const ended = new Promise((resolve) => open.on("error", resolve));
  await open.connect();
  await database.drop();
  expect(await ended).toBeInstanceOf(Error);
  await expect(new pg.Client(database.connection).connect()).rejects.toMatchObject({ code: "3D000" });
});
