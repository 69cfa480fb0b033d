import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import pino from "pino";
import { onTestFinished } from "vitest";
import { createSecretBox, type Hub, type HubOptions, openHub } from "../../src/main/hub/index.ts";
import { HubClient } from "./hub-client.ts";
import { createTestDatabase, type TestDatabase } from "./postgres.ts";

export interface RealHubOptions {
  readonly instanceId: string;
  /** Absent: one of its own, dropped at the end. */
  readonly database?: TestDatabase;
  /** The database by another way than its own address. */
  readonly connection?: HubOptions["connection"];
  /** True when other hubs use the database. */
  readonly shared?: boolean;
  /** What lives with the hub. */
  readonly mount?: NonNullable<HubOptions["mount"]>;
  /** Bytes kept of the bodies of refused requests; none by default. */
  readonly refusalBodyBytes?: number;
  readonly trustedProxies?: readonly string[];
}

export interface RealHub {
  readonly hub: Hub;
  readonly client: HubClient;
  readonly database: TestDatabase;
  readonly instanceId: string;
}

/** Hubs on one database must have one key. */
const box = createSecretBox(randomBytes(32).toString("hex"));

/** A whole hub in this process, over real HTTP and a real database. It is stopped at the end of the test. */
export async function openRealHub(options: RealHubOptions): Promise<RealHub> {
  const { instanceId, shared = false } = options;
  const database = options.database ?? (await createTestDatabase());
  if (options.database === undefined) onTestFinished(() => database.drop());
  const hub = await openHub({
    connection: options.connection ?? database.connection,
    box,
    shared,
    migrations: resolve("resources/migrations"),
    log: pino({ level: process.env["KITE_TEST_LOG"] ?? "silent" }, pino.destination(2)),
    version: "0.0.0-test",
    host: "127.0.0.1",
    port: 0,
    instanceId,
    team: "team",
    publicUrl: null,
    teamRateLimit: 0,
    globalRateLimit: 0,
    retentionDays: 7,
    retentionMb: 0,
    dedupDays: 14,
    segmentEvents: 500_000,
    poolSize: 4,
    requireBearer: true,
    acceptBatches: true,
    loginApproval: "local",
    ...(options.mount === undefined ? {} : { mount: options.mount }),
    refusalBodyBytes: options.refusalBodyBytes ?? 0,
    trustedProxies: options.trustedProxies ?? [],
  });
  onTestFinished(() => hub.stop());
  const { team, hookToken, apiKey, adminKey } = hub.credentials;
  const hookUrl = `${hub.url}/hooks/${team}/demo/${hookToken}`;
  return { hub, database, instanceId, client: new HubClient({ url: hub.url, team, apiKey, adminKey, hookUrl }) };
}
