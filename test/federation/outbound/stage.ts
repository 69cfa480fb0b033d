import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import pg from "pg";
import { afterAll, vi } from "vitest";
import {
  Connectivity,
  OutboundFederation,
  type OutboundOptions,
} from "../../../src/main/hub/federation/outbound/index.ts";
import type { LogEvent, Peer } from "../../../src/main/hub/model.ts";
import type { RegistryView, Snapshot } from "../../../src/main/hub/registry/index.ts";
import { Database } from "../../../src/main/hub/store/database.ts";
import type { DeadEntry } from "../../../src/main/hub/store/outbox-waiting.ts";
import { DEFAULT_BREAKER_POLICY } from "../../../src/shared/rules/index.ts";
import { insertEvents, makeEvent } from "../../support/events.ts";
import { makePeer, TOKEN } from "../../support/peers.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

export { makePeer, TOKEN };

/** A registry that a test changes at will. */
export class FakeRegistry implements RegistryView {
  snapshot: Snapshot = { rev: 1, peers: [], hooks: [], keys: [] };
  readonly instanceId: string;
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();

  constructor(peers: readonly Peer[], instanceId = "instance-a") {
    this.snapshot = { ...this.snapshot, peers };
    this.instanceId = instanceId;
  }

  /** Replaces a peer's settings; null removes the peer. */
  change(no: number, over: Partial<Peer> | null): void {
    const peers = this.snapshot.peers.flatMap((peer) => {
      if (peer.no !== no) return [peer];
      return over === null ? [] : [makePeer(no, peer.hookUrl, { ...peer, revision: peer.revision + 1, ...over })];
    });
    this.snapshot = { ...this.snapshot, rev: this.snapshot.rev + 1, peers };
    for (const listener of this.#listeners) listener(this.snapshot);
  }

  peersOf(team: string): readonly Peer[] {
    return this.snapshot.peers.filter((peer) => peer.team === team);
  }
  peerByNo(no: number): Peer | undefined {
    return this.snapshot.peers.find((peer) => peer.no === no);
  }
  peerById(id: string): Peer | undefined {
    return this.snapshot.peers.find((peer) => peer.id === id);
  }
  inboundTokens({ inboundToken }: Peer): readonly string[] {
    return [inboundToken];
  }
  peerByInboundToken(): Peer | undefined {
    return undefined;
  }
  hasTeam(): boolean {
    return true;
  }
  hook(): undefined {
    return undefined;
  }
  keyByToken(): undefined {
    return undefined;
  }
  async refresh(): Promise<void> {}
  onChange(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

interface OwedRow {
  readonly peer: number;
  readonly seq: number;
  readonly gen: number;
  readonly state: string;
  readonly tries: number;
  readonly wait_reason: string | null;
  readonly available_ms: number;
  readonly leased_by: number | null;
  readonly last_error: string | null;
  readonly attempts: string[];
}

interface DoneRow {
  readonly peer: number;
  readonly seq: number;
  readonly state: string;
  readonly result: string;
  readonly cause: string | null;
  readonly tries: number;
  readonly hops: number;
  readonly last_error: string | null;
  readonly attempts: string[];
}

interface AttemptRow {
  readonly id: string;
  readonly peer: number;
  readonly outcome: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly batch: boolean;
  readonly entries: number;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly url: string;
  readonly request_headers: string;
  readonly request_bytes: number;
  readonly response_headers: string | null;
  readonly response_body: string | null;
}

let shared: Promise<TestDatabase> | undefined;

// Emptying a few tables costs less than a new database for each test.
afterAll(async () => {
  await (await shared)?.drop();
});

const EMPTY = ["outbox", "outbox_done", "events", "attempts", "drops", "rollups"]
  .map((t) => `DELETE FROM ${t}`)
  .join(";");

/** A hub's outbound side over a real database, with a clock that a test moves. */
export class Stage {
  /** Milliseconds since the epoch. */
  now = Date.UTC(2026, 0, 2);
  readonly announced: { peer: number; instanceId: string | null }[] = [];
  readonly paused: { peer: number; reason: string }[] = [];
  readonly dead: DeadEntry[] = [];
  readonly errors: { error: unknown; doing: string }[] = [];
  deadHubs: readonly number[] = [];
  readonly #hubs: OutboundFederation[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly own: boolean,
    readonly db: Database,
    readonly sql: pg.Client,
    readonly registry: FakeRegistry,
  ) {}

  /** @param options own: a database that no other test uses, and which may be harmed */
  static async open(peers: readonly Peer[], options: { instanceId?: string; own?: boolean } = {}): Promise<Stage> {
    const own = options.own ?? false;
    if (!own) shared ??= createTestDatabase();
    const database = await (own ? createTestDatabase() : (shared ?? createTestDatabase()));
    const sql = new pg.Client(database.connection);
    await sql.connect();
    sql.on("error", () => undefined);
    const db = new Database(database.connection, 3, () => undefined);
    return new Stage(database, own, db, sql, new FakeRegistry(peers, options.instanceId));
  }

  /** A hub on this database; started, it polls every few milliseconds. */
  hub(over: Partial<OutboundOptions> = {}): OutboundFederation {
    const hub = new OutboundFederation({
      db: this.db,
      hubNo: 1,
      registry: this.registry,
      deadHubs: async () => this.deadHubs,
      userAgent: "kite-desktop/test",
      clock: () => this.now,
      random: () => 0.5,
      onAnnounce: (peer, { instanceId }) => this.announced.push({ peer, instanceId }),
      onPause: (peer, reason) => this.paused.push({ peer, reason }),
      onDead: (entries) => this.dead.push(...entries),
      onError: (error, doing) => this.errors.push({ error, doing }),
      breaker: DEFAULT_BREAKER_POLICY,
      timeoutMs: 10_000,
      pollMs: 10,
      connectivity: new Connectivity(() => true),
      ...over,
    });
    this.#hubs.push(hub);
    return hub;
  }

  async start(over: Partial<OutboundOptions> = {}): Promise<OutboundFederation> {
    const hub = this.hub(over);
    await hub.start();
    return hub;
  }

  async close(): Promise<void> {
    await Promise.all(this.#hubs.map((hub) => hub.stop(50)));
    await this.db.close();
    if (!this.own) await this.sql.query(EMPTY);
    await this.sql.end().catch(() => undefined);
    if (this.own) await this.database.drop();
  }

  /** Events in the log. @returns them */
  async events(count: number, over: Partial<LogEvent> = {}, first = 1): Promise<LogEvent[]> {
    const events = Array.from({ length: count }, (_, index) => makeEvent(first + index, over));
    await insertEvents(this.db, events);
    return events;
  }

  /** Entries of events for a peer: pending and due, unless `over` says otherwise. */
  async owe(peer: number, events: readonly LogEvent[], over: Partial<Record<string, unknown>> = {}): Promise<void> {
    const at = new Date(this.now).toISOString();
    const rows = events.map(({ seq, segment, copy }) => ({
      peer,
      seq,
      gen: 0,
      segment,
      state: "pending",
      revision: 1,
      hops: copy.hops,
      tries: 0,
      replay: false,
      created_at: at,
      available_at: at,
      attempts: [],
      ...over,
    }));
    await this.sql.query("INSERT INTO outbox SELECT * FROM jsonb_populate_recordset(NULL::outbox, $1::jsonb)", [
      JSON.stringify(rows),
    ]);
  }

  async owed(): Promise<OwedRow[]> {
    const { rows } = await this.sql.query<OwedRow>(
      `SELECT peer, seq::int, gen, state, tries, wait_reason, leased_by, last_error, attempts::text[],
              (extract(epoch FROM available_at) * 1000)::float8 AS available_ms FROM outbox ORDER BY peer, seq, gen`,
    );
    return rows;
  }

  async done(): Promise<DoneRow[]> {
    const { rows } = await this.sql.query<DoneRow>(
      `SELECT peer, seq::int, state, result, cause, tries, hops, last_error, attempts::text[] FROM outbox_done
       ORDER BY peer, seq, gen`,
    );
    return rows;
  }

  async attempts(): Promise<AttemptRow[]> {
    const { rows } = await this.sql.query<AttemptRow>(
      "SELECT a.*, first_seq::int, last_seq::int FROM attempts a ORDER BY a.id",
    );
    return rows;
  }

  /** The rollups, as `peer kind reason` to count. */
  async counts(): Promise<Record<string, number>> {
    const { rows } = await this.sql.query<{ name: string; n: number }>(
      "SELECT trim(concat(peer, ' ', kind, ' ', reason)) AS name, sum(n)::int AS n FROM rollups GROUP BY 1",
    );
    return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
  }

  /** Resolves when so many dead letters were reported. */
  async died(count: number): Promise<void> {
    await until(() => this.dead.length === count, `${count} reports of dead letters`);
  }

  /** Resolves when the entries owed and done are as many as said. */
  async settled(owed: number, done: number): Promise<void> {
    await until(async () => {
      const { rows } = await this.sql.query(
        "SELECT (SELECT count(*)::int FROM outbox) AS owed, (SELECT count(*)::int FROM outbox_done) AS done",
      );
      return JSON.stringify(rows[0]) === JSON.stringify({ owed, done });
    }, `${owed} owed and ${done} done`);
  }
}

/** Stands between a hub and the server, and can be away. */
export class DatabaseGate {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  private constructor(readonly target: { host: string; port: number }) {}

  static async open(target: { host: string; port: number }): Promise<DatabaseGate> {
    const gate = new DatabaseGate(target);
    await gate.restore();
    return gate;
  }

  get port(): number {
    return this.#port;
  }

  /** Breaks every connection, and refuses new ones. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async restore(): Promise<void> {
    this.#server = createServer((near) => {
      const far = connect(this.target);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }
}

/** Waits for a condition, and fails with its name when it does not come. */
export async function until(condition: () => boolean | Promise<boolean>, name: string): Promise<void> {
  await vi.waitFor(
    async () => {
      if (!(await condition())) throw new Error(`still waiting for ${name}`);
    },
    { timeout: 20_000, interval: 5 },
  );
}
