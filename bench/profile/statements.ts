import { z } from "zod";
import type { PostgresConnection } from "../../src/main/postgres/index.ts";
import { withConnection } from "../systems/sql.ts";

/** Settings under which a server keeps account of its statements. */
export const STATEMENT_SETTINGS = {
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track": "top",
} as const;

const Statement = z.object({
  query: z.string(),
  calls: z.coerce.number(),
  rows: z.coerce.number(),
  total_ms: z.coerce.number(),
  wal_bytes: z.coerce.number(),
});
export type Statement = z.infer<typeof Statement>;

/** Begins the account of a server. */
export function keepAccount(connection: PostgresConnection): Promise<void> {
  return withConnection(connection, async (client) => {
    await client.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
  });
}

/** The statements that took most time, most expensive first. */
export function readStatements(connection: PostgresConnection, most: number): Promise<Statement[]> {
  return withConnection(connection, async (client) => {
    const { rows } = await client.query(
      `SELECT query, calls, rows, total_exec_time + total_plan_time AS total_ms, wal_bytes
       FROM pg_stat_statements ORDER BY total_exec_time + total_plan_time DESC LIMIT $1`,
      [most],
    );
    return z.array(Statement).parse(rows);
  });
}
