import { expect, onTestFinished, test } from "vitest";
import { Database } from "../../src/main/hub/store/database.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { PostgresProxy } from "../support/postgres-proxy.ts";

test("a connection that breaks in the middle of a transaction fails that, and does not end the process", async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const proxy = await PostgresProxy.start(database);
  const db = new Database({ ...database.connection, host: "127.0.0.1", port: proxy.port }, 2, () => undefined);
  onTestFinished(() => db.close());
  const lost = proxy.loseAnswerTo("COMMIT");
  const work = db.transaction((tx) => tx.query({ text: "SELECT 1" }));
  await expect(work).rejects.toThrow("Connection terminated unexpectedly");
  await lost;
  const again = await db.transaction((tx) => tx.query<{ n: number }>({ text: "SELECT 1 AS n" }));
  expect(again.rows).toEqual([{ n: 1 }]);
});
