import { expect, onTestFinished, test } from "vitest";
import { pair } from "../support/hub-client.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { PostgresProxy } from "../support/postgres-proxy.ts";
import { openRealHub } from "../support/real-hub.ts";
import { StreamClient } from "../support/stream-client.ts";
import { until } from "../support/until.ts";

// The worst moment for the connection to PostgreSQL to break: the commit is done, and the hub does not hear of it.
test("an event whose commit was not confirmed reaches listeners and peers all the same, without another one", async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const proxy = await PostgresProxy.start(database);
  const connection = { ...database.connection, host: "127.0.0.1", port: proxy.port };
  const a = await openRealHub({ instanceId: "hub-a", database, connection });
  const b = await openRealHub({ instanceId: "hub-b" });
  await pair(a.client, b.client);

  const listener = await StreamClient.open(a.client.address);
  onTestFinished(() => listener.drop());
  const told = (): string[] => listener.events.map(({ event }) => event.id);
  expect((await a.client.post({ id: "before" })).outcome).toBe("accepted");
  await until("the first event is everywhere", async () => {
    return told().length === 1 && (await b.client.events()).length === 1 && (await a.client.owed()) === 0;
  });

  const lost = proxy.loseAnswerTo("accept-e");
  const answer = await a.client.post({ id: "unconfirmed" });
  await lost;
  expect(answer).toMatchObject({ status: 503, retryAfter: expect.any(String) });
  // The sender does as it is told.
  expect((await a.client.post({ id: "unconfirmed" })).outcome).toBe("duplicate_ignored");

  await until("the listener is told of it", () => told().includes("unconfirmed"), 8_000);
  await until("the peer has it", async () => (await b.client.events()).some(({ id }) => id === "unconfirmed"), 8_000);
  expect(told()).toEqual(["before", "unconfirmed"]);
  expect((await b.client.events()).map(({ id }) => id)).toEqual(["before", "unconfirmed"]);
}, 60_000);
