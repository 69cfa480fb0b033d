import Fastify, { type FastifyInstance, type InjectOptions } from "fastify";
import { Endpoints, Keys } from "../../src/main/hub/access/index.ts";
import { type ApiDeps, type LaneSnapshot, registerApi } from "../../src/main/hub/api/index.ts";
import { FederationDebugger } from "../../src/main/hub/debugger/index.ts";
import { agentMessage } from "../../src/main/hub/ingest/agent-message.ts";
import { Links } from "../../src/main/hub/links.ts";
import { createHubMetrics } from "../../src/main/hub/metrics/index.ts";
import type { Candidate } from "../../src/main/hub/model.ts";
import { PeerNews } from "../../src/main/hub/peer-news.ts";
import { createSecretBox, HubRegistry, RegistryAdmin } from "../../src/main/hub/registry/index.ts";
import { Database } from "../../src/main/hub/store/database.ts";
import { DEFAULT_RETRY_POLICY } from "../../src/shared/rules/index.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { FakeReplays } from "./fake-replays.ts";

export const TEAM = "clerk-user:user_abc";
export const NOW = Date.parse("2026-04-14T12:00:00Z");

/** The API over a real registry and a real ledger; lanes, replays and the log are played. */
export interface ApiUnderTest {
  readonly app: FastifyInstance;
  readonly db: Database;
  readonly deps: ApiDeps;
  readonly registry: HubRegistry;
  readonly admin: RegistryAdmin;
  readonly keys: { readonly read: string; readonly write: string; readonly admin: string; readonly other: string };
  readonly replays: FakeReplays;
  readonly accepted: Candidate[];
  readonly laneCalls: string[];
  readonly lanes: LaneSnapshot[];
  /** What the probes say; tests change it. */
  readonly health: { phase: "starting" | "migrating" | "running" | "stopping"; ping: () => Promise<void> };
  /** Calls a route with the admin key, unless told otherwise, and returns the status and the parsed body. */
  call(method: NonNullable<InjectOptions["method"]>, url: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly key?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  // A test reads what it expects to be there; a wrong path fails its assertion.
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export async function createApiUnderTest(): Promise<ApiUnderTest> {
  const database = await createTestDatabase();
  const db = new Database({ connectionString: database.url }, 4, () => undefined);
  const box = createSecretBox("0123456789abcdef0123456789abcdef");
  const registry = await HubRegistry.open(db, box, "instance-test", () => NOW);
  const admin = new RegistryAdmin(db, registry, box, () => NOW);
  await admin.createTeam(TEAM, "Team");
  await admin.createTeam("other", "Other");
  const keyOf = async (team: string, permission: "read" | "write" | "admin"): Promise<string> =>
    (await admin.createKey(team, { name: permission, permissions: [permission] })).token;
  const keys = {
    read: await keyOf(TEAM, "read"),
    write: await keyOf(TEAM, "write"),
    admin: await keyOf(TEAM, "admin"),
    other: await keyOf("other", "admin"),
  };

  const accepted: Candidate[] = [];
  const laneCalls: string[] = [];
  const lanes: LaneSnapshot[] = [];
  const replays = new FakeReplays();
  const health: ApiUnderTest["health"] = { phase: "running", ping: async () => undefined };
  const deps: ApiDeps = {
    registry,
    admin: {
      createPeer: (team, peer) => admin.createPeer(team, peer),
      updatePeer: (team, id, update, ifVersion) => admin.updatePeer(team, id, update, ifVersion),
      deletePeer: (team, id) => admin.deletePeer(team, id, async () => ({ cancelled: 7 })),
      rotateInboundToken: (team, id, overlapMs) => admin.rotateInboundToken(team, id, overlapMs),
      createFederationToken: (team, label) => admin.createFederationToken(team, label),
      listFederationTokens: (team) => admin.listFederationTokens(team),
      deleteFederationToken: (team, id) => admin.deleteFederationToken(team, id),
    },
    db,
    endpoints: new Endpoints({ db, registry, admin, activity: { flush: async () => undefined }, now: () => NOW }),
    keys: new Keys(registry, admin, () => NOW),
    acceptor: {
      async accept(candidate) {
        accepted.push(candidate);
        return { status: "accepted", seq: accepted.length, id: candidate.id, receivedAt: NOW };
      },
      acceptMany: async () => [],
    },
    agentMessages: {
      candidate: (team, body) => agentMessage(body, { team, publicUrl: "http://127.0.0.1:7700", now: NOW }),
    },
    replays,
    links: new Links({
      ...{ db, registry, admin, box, hubNo: 1, userAgent: "test", now: () => NOW },
      news: new PeerNews(registry, admin, () => undefined),
      deadHubs: async () => [],
      url: () => "http://127.0.0.1:7700",
      onError: () => undefined,
    }).services({
      acceptor: { accept: () => Promise.reject(new Error("nothing is read here")), acceptMany: async () => [] },
      refusals: { record: () => undefined },
      lanes: { snapshot: () => [] },
      sessions: () => [],
      newestSeq: () => 0,
    }),
    lanes: {
      snapshot: () => lanes,
      retryNow: async (team, { seq, peer, gen }) => void laneCalls.push(`retry ${team} ${seq}-${peer}-${gen}`),
      cancelEntry: async (team, { seq, peer, gen }) => void laneCalls.push(`cancel ${team} ${seq}-${peer}-${gen}`),
    },
    federationDebugger: new FederationDebugger({
      db,
      registry,
      readKeyOf: () => null,
      pulled: async () => [],
      sessions: () => [],
      publicUrl: () => "http://127.0.0.1:7700",
      userAgent: "test",
      now: () => NOW,
    }),
    retryPolicy: (peer) => ({ ...DEFAULT_RETRY_POLICY, ...peer.retry }),
    health: { phase: () => health.phase, announcesBatches: true, pingDatabase: () => health.ping() },
    metrics: createHubMetrics(),
    version: "1.2.3",
    now: () => NOW,
  };
  const app = Fastify();
  await registerApi(app, deps);
  await app.ready();

  return {
    app,
    db,
    deps,
    registry,
    admin,
    keys,
    replays,
    accepted,
    laneCalls,
    lanes,
    health,
    async call(method, url, { key = keys.admin, body, headers = {} } = {}) {
      const response = await app.inject({
        method,
        url,
        headers: {
          ...headers,
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { payload: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const json = String(response.headers["content-type"]).startsWith("application/json") && method !== "HEAD";
      return {
        status: response.statusCode,
        body: json ? (JSON.parse(response.body) as Record<string, unknown>) : {},
        headers: response.headers,
        text: response.body,
      };
    },
    async close() {
      await app.close();
      await db.close();
      await database.drop();
    },
  };
}
