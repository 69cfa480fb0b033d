import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

const EMPTIED = [
  ..."events dedup arrivals drops outbox outbox_done attempts rollups refusals replay_jobs peers".split(" "),
].map((table) => `DELETE FROM ${table};`);

/**
 * One database for the tests of a file. The function that is returned empties it: that takes a few milliseconds, and
 * making a new one thirty times as long.
 */
export function sharedDatabase(): () => Promise<TestDatabase> {
  let database: TestDatabase | undefined;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database?.drop());
  return async () => {
    if (database === undefined) throw new Error("the database is made before the first test");
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query(`${EMPTIED.join(" ")} UPDATE log_head SET seq = 0; ALTER TABLE peers ALTER no RESTART;`);
    } finally {
      await client.end();
    }
    return database;
  };
}
