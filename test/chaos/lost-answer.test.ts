import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { type HubClient, pair } from "../support/hub-client.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { PostgresProxy } from "../support/postgres-proxy.ts";
import { openRealHub } from "../support/real-hub.ts";
import { StreamClient } from "../support/stream-client.ts";
import { until } from "../support/until.ts";

const Learned = z.array(z.object({ batches: z.boolean(), instance_id_from: z.string().nullable() }));

// The worst moment for the connection to PostgreSQL to break: the commit is done, and the hub does not hear of it.
async function commitUnconfirmed(): Promise<{ a: HubClient; b: HubClient; told: () => string[] }> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const proxy = await PostgresProxy.start(database);
  const connection = { ...database.connection, host: "127.0.0.1", port: proxy.port };
  const { client: a } = await openRealHub({ instanceId: "hub-a", database, connection });
  const { client: b } = await openRealHub({ instanceId: "hub-b" });
  await pair(a, b);
  const listener = await StreamClient.open(a.address);
  onTestFinished(() => listener.drop());
  const told = (): string[] => listener.events.map(({ event }) => event.id);

  expect((await a.post({ id: "before" })).outcome).toBe("accepted");
  await until("the first event is everywhere", async () => {
    return told().length === 1 && (await b.events()).length === 1 && (await a.owed()) === 0;
  });
  // What the first delivery taught about the peer is a change of settings, after which a batch may be routed twice.
  await until("all that is learned of the peer is written", async () => {
    const [peer] = Learned.parse(await a.api("GET", "/api/federation/peers"));
    return peer?.batches === true && peer.instance_id_from === "health";
  });
  const lost = proxy.loseAnswerTo("accept-e");
  const answer = await a.post({ id: "unconfirmed" });
  await lost;
  expect(answer).toMatchObject({ status: 503, retryAfter: expect.any(String) });
  // The sender does as it is told.
  expect((await a.post({ id: "unconfirmed" })).outcome).toBe("duplicate_ignored");
  return { a, b, told };
}

test("an event whose commit was not confirmed is told to listeners, without another one coming first", async () => {
  const { told } = await commitUnconfirmed();
  await until("the listener is told of it", () => told().includes("unconfirmed"), 8_000);
  expect(told()).toEqual(["before", "unconfirmed"]);
}, 60_000);

test("an event whose commit was not confirmed is sent to peers, long before a lease has run out", async () => {
  const { a, b } = await commitUnconfirmed();
  await until("the peer has it", async () => (await b.events()).some(({ id }) => id === "unconfirmed"), 8_000);
  await until("nothing is owed any more", async () => (await a.owed()) === 0);
  expect((await b.events()).map(({ id }) => id)).toEqual(["before", "unconfirmed"]);
}, 60_000);
