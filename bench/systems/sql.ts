import pg from "pg";
import { z } from "zod";
import type { PostgresConnection } from "../../src/main/postgres/index.ts";

/** Runs statements on one connection of its own. */
export async function withConnection<T>(
  connection: PostgresConnection,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const Head = z.object({ seq: z.coerce.number() });
const Count = z.object({ n: z.coerce.number() });
const Settings = z.object({ fsync: z.string(), synchronous_commit: z.string(), full_page_writes: z.string() });

/** The seq of a hub's newest event. */
export function headOf(connection: PostgresConnection): Promise<number> {
  return withConnection(connection, async (client) => {
    const { rows } = await client.query("SELECT seq FROM log_head");
    return Head.parse(rows[0]).seq;
  });
}

/** Events of a hub's log behind a seq, counted as rows. */
export function countEvents(connection: PostgresConnection, after: number): Promise<number> {
  return withConnection(connection, async (client) => {
    const { rows } = await client.query("SELECT count(*) AS n FROM events WHERE seq > $1", [after]);
    return Count.parse(rows[0]).n;
  });
}

/** Has the server write everything out: afterwards the first change of each page costs a whole page of WAL. */
export function checkpoint(connection: PostgresConnection): Promise<void> {
  return withConnection(connection, async (client) => {
    await client.query("CHECKPOINT");
  });
}

/** @throws Error when the server answers before its data is on the disk: then no number of it means anything */
export function expectDurable(connection: PostgresConnection): Promise<void> {
  return withConnection(connection, async (client) => {
    const { rows } = await client.query(
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
         current_setting('full_page_writes') AS full_page_writes`,
    );
    const settings = Settings.parse(rows[0]);
    for (const [name, value] of Object.entries(settings))
      if (value !== "on") throw new Error(`PostgreSQL's ${name} is ${value}; the bench measures durable systems only`);
  });
}

/** A database of the bench's own on a hub's server; made if it is not there. */
export async function sideDatabase(connection: PostgresConnection): Promise<PostgresConnection> {
  await withConnection(connection, async (client) => {
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [SIDE_DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${SIDE_DATABASE}`);
  });
  return { ...connection, database: SIDE_DATABASE };
}

const SIDE_DATABASE = "kite_bench";
