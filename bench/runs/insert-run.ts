import type { PostgresConnection } from "../../src/main/postgres/index.ts";
import { Worker } from "../processes/worker.ts";
import type { Bench } from "../scenario.ts";
import type { Hub } from "../systems/hub.ts";
import { INSERT } from "../systems/raw-postgres-calls.ts";
import { sideDatabase } from "../systems/sql.ts";

/** A hub's own PostgreSQL server, to be loaded without the hub. */
export interface RawPostgres {
  readonly client: Worker;
  readonly connection: PostgresConnection;
}

/** The very server a hub stands on, in a database beside the hub's: the settings and the disk are the same. */
export async function startRawPostgres(bench: Bench, hub: Hub): Promise<RawPostgres> {
  const script = new URL("../systems/raw-postgres.ts", import.meta.url);
  return {
    client: Worker.start("raw PostgreSQL", script, bench.resources),
    connection: await sideDatabase(hub.connection),
  };
}

/** @returns rows committed a second */
export async function measureInserts(
  bench: Bench,
  { client, connection }: RawPostgres,
  load: { readonly batch: number; readonly connections: number },
): Promise<number> {
  const { rateSeconds, warmupSeconds } = bench.options;
  const { rows, seconds } = await client.ask(INSERT, {
    ...load,
    connection,
    warmupMs: warmupSeconds * 1_000,
    ms: rateSeconds * 1_000,
  });
  return rows / seconds;
}
