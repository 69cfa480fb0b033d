import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { DurableListener } from "../../chaos/durable-listener.ts";
import type { HubClient } from "../../support/hub-client.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";
import { openRealHub } from "../../support/real-hub.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { until } from "../../support/until.ts";

const WRITERS = 6;
const EVENTS_OF_A_WRITER = 60;
const SLOW_COMMITS = 15;
/** Within these bounds a slow writer sits on its seq, in milliseconds. */
const HOLD_MS = [5, 60] as const;

/** Takes the next seq as a third hub would, keeps it to itself for a while, and commits only then. */
async function commitSlowly(database: TestDatabase, id: string, holdMs: number): Promise<void> {
  const client = new pg.Client(database.connection);
  await client.connect();
  try {
    await client.query("BEGIN");
    const { rows } = await client.query<{ seq: string; segment: number }>(
      "UPDATE log_head SET seq = seq + 1 RETURNING seq, segment",
    );
    const [head] = rows;
    await client.query(
      `INSERT INTO events (seq, segment, team, id, source, type, received_at, digest, data_bytes, attrs, data)
       VALUES ($1, $2, 'team', $3, 'https://slow.example', 'com.example.slow', now(), gen_random_uuid(), 2,
               '"datacontenttype":"application/json"', '{}')`,
      [head?.seq, head?.segment, id],
    );
    await sleep(holdMs);
    await client.query("SELECT pg_notify('kite_log', $1)", [head?.seq]);
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
}

test("no acknowledgement passes over an event that commits later: two hubs, many writers, slow commits", async () => {
  const random = new SeededRandom(Number(process.env["KITE_CHAOS_SEED"] ?? Date.now() % 1_000_000));
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const hubs: HubClient[] = [];
  for (const instanceId of ["hub-one", "hub-one"])
    hubs.push((await openRealHub({ instanceId, database, shared: true })).client);
  const [one, two] = hubs;
  if (one === undefined || two === undefined) throw new Error("two hubs were opened");

  const reader = new pg.Pool({ ...database.connection, max: 2 });
  onTestFinished(() => reader.end());
  const committedCursor = async (clientId: string): Promise<number | null> => {
    const { rows } = await reader.query<{ seq: string }>("SELECT seq FROM cursors WHERE client_id = $1", [clientId]);
    return rows[0] === undefined ? null : Number(rows[0].seq);
  };
  // One stays with each hub; the third comes back to the one or the other.
  const listeners = (["stays-1", "stays-2", "wanders"] as const).map((clientId) => {
    const choice = new SeededRandom(random.between(0, 2 ** 31));
    const listener = new DurableListener({
      clientId,
      address: () => (clientId === "stays-1" ? one : clientId === "stays-2" ? two : choice.pick([one, two])).address,
      committedCursor: () => committedCursor(clientId),
      random: new SeededRandom(random.between(0, 2 ** 31)),
      dropEvery: 40,
    });
    onTestFinished(() => listener.stop());
    return listener;
  });
  await until("every listener is connected", () => listeners.every(({ connections }) => connections > 0));

  const write = async (writer: number): Promise<void> => {
    for (let n = 0; n < EVENTS_OF_A_WRITER; n++) {
      const { outcome } = await (n % 2 === writer % 2 ? one : two).post({ id: `writer-${writer}-${n}` });
      expect(outcome).toBe("accepted");
    }
  };
  const holds = Array.from({ length: SLOW_COMMITS }, () => random.between(...HOLD_MS));
  const writeSlowly = async (): Promise<void> => {
    for (const [n, holdMs] of holds.entries()) await commitSlowly(database, `slow-${n}`, holdMs);
  };
  await Promise.all([...Array.from({ length: WRITERS }, (_, writer) => write(writer)), writeSlowly()]);

  const total = WRITERS * EVENTS_OF_A_WRITER + SLOW_COMMITS;
  const log = await one.events();
  expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
  await until(
    () =>
      `every listener was told everything (seed ${random.seed}): ${listeners.map(({ newest }) => newest)} of ${total}`,
    () => listeners.every(({ seqOf }) => seqOf.size === total),
  );
  const seqs = Object.fromEntries(log.map(({ id, seq }) => [id, seq]));
  for (const listener of listeners) {
    expect(listener.problems).toEqual([]);
    expect(Object.fromEntries(listener.seqOf)).toEqual(seqs);
    expect(listener.connections).toBeGreaterThan(1);
  }
}, 60_000);
