import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { z } from "zod";
import { withDatabase } from "./global-setup.ts";

const TestServer = z.object({ adminUrl: z.string(), template: z.string(), prefix: z.string() });

export interface TestDatabase {
  /** For KITE_DATABASE_URL and the like. */
  readonly url: string;
  readonly connection: { host: string; port: number; user: string; password: string; database: string };
  /** Ends every session on it and removes it. */
  drop(): Promise<void>;
}

let server: Promise<z.infer<typeof TestServer>> | undefined;

/** A new database with the present schema and nothing in it, on the server that all tests of this run share. */
export async function createTestDatabase(): Promise<TestDatabase> {
  server ??= findServer();
  const { adminUrl, template, prefix } = await server;
  const database = `${prefix}${randomBytes(6).toString("hex")}`;
  // Copying files takes 20 ms here, copying through the WAL (the default) 120.
  await run(adminUrl, `CREATE DATABASE ${database} TEMPLATE ${template} STRATEGY FILE_COPY`);
  const url = withDatabase(adminUrl, database);
  const { host, port, user = "", password } = new pg.Client({ connectionString: url });
  return {
    url,
    connection: { host, port, user, password: password ?? "", database },
    drop: () => run(adminUrl, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`),
  };
}

async function findServer(): Promise<z.infer<typeof TestServer>> {
  const answer = await fetch(inject("testServerBroker"));
  if (!answer.ok) throw new Error(`the PostgreSQL server for tests did not start: ${await answer.text()}`);
  return TestServer.parse(await answer.json());
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
