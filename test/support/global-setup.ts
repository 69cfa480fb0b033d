import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { migrate } from "../../src/main/hub/store/migrate.ts";
import { startPostgres } from "../../src/main/postgres/index.ts";

/** What a test worker needs to make databases of its own. */
export interface TestServer {
  /** A database to connect to for making others. */
  readonly adminUrl: string;
  /** A migrated database that nobody is connected to. */
  readonly template: string;
  /** What the names of this run's databases begin with. */
  readonly prefix: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    /** Answers with a {@link TestServer}; its first caller starts it, so that tests without a database pay nothing. */
    testServerBroker: string;
  }
}

type Running = { server: TestServer; end: () => Promise<void> };

let starting: Promise<Running> | undefined;
const broker = createServer((_request, response) => {
  starting ??= start();
  starting.then(
    ({ server }) => response.end(JSON.stringify(server)),
    (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
  );
});

/**
 * Gives all tests of a run one PostgreSQL server: the one of KITE_TEST_DATABASE_URL (whose user may create databases),
 * else an embedded one in a temporary folder, without fsync. Everything made is removed at the end of the run.
 */
export async function setup(project: TestProject): Promise<void> {
  await new Promise<void>((listening) => broker.listen(0, "127.0.0.1", listening));
  const address = broker.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
  project.provide("testServerBroker", `http://127.0.0.1:${address.port}`);
}

export async function teardown(): Promise<void> {
  broker.closeAllConnections();
  await new Promise((closed) => broker.close(closed));
  await (await starting?.catch(() => undefined))?.end();
}

async function start(): Promise<Running> {
  const given = process.env.KITE_TEST_DATABASE_URL;
  const { adminUrl, end: endServer } = given ? { adminUrl: given, end: async () => {} } : await startEmbedded();
  const prefix = `kite_test_${randomBytes(4).toString("hex")}_`;
  const template = `${prefix}template`;
  try {
    await administer(adminUrl, async (admin) => {
      await admin.query(`CREATE DATABASE ${template}`);
      await migrate({ connectionString: withDatabase(adminUrl, template) }, resolve("resources/migrations"));
      // With nobody connected to it, it can be copied by any number of tests at once.
      await admin.query(`ALTER DATABASE ${template} WITH ALLOW_CONNECTIONS false`);
    });
  } catch (error) {
    await endServer();
    throw error;
  }
  return {
    server: { adminUrl, template, prefix },
    async end() {
      if (given) await administer(adminUrl, (admin) => dropAll(admin, prefix));
      await endServer();
    },
  };
}

async function startEmbedded(): Promise<{ adminUrl: string; end: () => Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), "kite-test-server-"));
  const settings = { fsync: "off", full_page_writes: "off", max_connections: "300", shared_buffers: "128MB" };
  const remove = () => rm(dataDir, { recursive: true, force: true });
  try {
    // On TCP, so that its address fits in a URL that every program can read.
    const server = await startPostgres({ dataDir, port: 0, settings, log: () => undefined });
    const { user, password, host, port, database } = server.connection("postgres");
    // A run that is broken off (the test runner exits on the signal) leaves nothing behind either.
    process.once("SIGHUP", () => process.exit(128 + constants.signals.SIGHUP));
    process.once("exit", () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));
    const end = async () => {
      await server.stop();
      await remove();
    };
    return { adminUrl: `postgres://${user}:${password}@${host}:${port}/${database}`, end };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function administer(url: string, work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

async function dropAll(admin: pg.Client, prefix: string): Promise<void> {
  const made = await admin.query<{ datname: string }>(
    "SELECT datname FROM pg_database WHERE starts_with(datname, $1)",
    [prefix],
  );
  for (const { datname } of made.rows) await admin.query(`DROP DATABASE ${datname} WITH (FORCE)`);
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
