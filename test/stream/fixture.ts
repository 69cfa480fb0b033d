import { createServer, type Server } from "node:http";
import type pg from "pg";
import pino from "pino";
import { WebSocket } from "ws";
import { type EndpointAdmin, Endpoints, type KeyAdmin, Keys } from "../../src/main/hub/access/index.ts";
import type { ApiKey, Hook, LogEvent, Peer, Tail } from "../../src/main/hub/model.ts";
import type { RegistryView, Snapshot } from "../../src/main/hub/registry/index.ts";
import { Database, type Queryable } from "../../src/main/hub/store/database.ts";
import { type StreamOptions, StreamServer } from "../../src/main/hub/stream/index.ts";
import { Upgrades } from "../../src/main/hub/upgrades.ts";
import { insertEvents, makeEvent } from "../support/events.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

export const silent = pino({ level: "silent" });

/** A tail that publishes what it is told to. */
export class FakeTail implements Tail {
  seq = 0;
  readonly #listeners = new Set<(events: readonly LogEvent[]) => void>();

  subscribe(listener: (events: readonly LogEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(events: readonly LogEvent[]): void {
    this.seq = events.at(-1)?.seq ?? this.seq;
    for (const listener of this.#listeners) listener(events);
  }
}

export function makeKey(over: Partial<ApiKey> = {}): ApiKey {
  return {
    id: `key-${over.secret ?? "secret"}`,
    team: "t",
    name: "laptop",
    prefix: "deadbeef",
    hash: Buffer.alloc(32),
    permissions: ["read"],
    scopes: ["*"],
    expiresAt: null,
    revokedAt: null,
    peer: null,
    fromSeq: null,
    createdAt: new Date(0),
    secret: "secret",
    ...over,
  };
}

/** Keys in memory, found by their secret; changes are told as the real registry tells them. */
export class FakeRegistry implements RegistryView {
  readonly instanceId = "test";
  snapshot: Snapshot = { rev: 1, peers: [], hooks: [], keys: [makeKey()] };
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();

  setKeys(...keys: ApiKey[]): void {
    this.#change({ ...this.snapshot, keys });
  }

  setHooks(...hooks: Hook[]): void {
    this.#change({ ...this.snapshot, hooks });
  }

  keyByToken(token: string): ApiKey | undefined {
    return this.snapshot.keys.find((key) => key.secret === token);
  }

  onChange(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The only peer there is, if any. */
  peer: Peer | undefined;
  peersOf = (): never[] => [];
  peerByNo = (no: number): Peer | undefined => (this.peer?.no === no ? this.peer : undefined);
  peerById = (): undefined => undefined;
  inboundTokens = (): never[] => [];
  peerByInboundToken = (): undefined => undefined;
  hasTeam = (): boolean => true;
  hook = (): undefined => undefined;
  refresh = (): Promise<void> => Promise.resolve();

  #change(snapshot: Snapshot): void {
    this.snapshot = { ...snapshot, rev: this.snapshot.rev + 1 };
    for (const listener of this.#listeners) listener(this.snapshot);
  }
}

/** A database whose next statements can be made to fail or to wait. */
export class Flaky implements Queryable {
  down = false;
  /** Names of the statements that were sent. */
  readonly sent: string[] = [];
  /** Called with a statement's name, and awaited, before it is sent. */
  before: (name: string) => unknown = () => undefined;
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async query<R extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<R>> {
    this.sent.push(query.name ?? "");
    await this.before(query.name ?? "");
    if (this.down) throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    return this.#db.query<R>(query);
  }
}

/** Changes to endpoints and keys need a real registry; see test/compat/rpc.test.ts. */
const NO_ADMIN: EndpointAdmin & KeyAdmin = {
  createHook: () => Promise.reject(new Error("not played here")),
  setHookSecret: () => Promise.reject(new Error("not played here")),
  deactivateHook: () => Promise.reject(new Error("not played here")),
  createKey: () => Promise.reject(new Error("not played here")),
  revokeKey: () => Promise.reject(new Error("not played here")),
};
type FixtureOptions = Partial<Omit<StreamOptions, "endpoints" | "keys">>;
const NO_ACTIVITY = { flush: () => Promise.resolve() };

/** The stream over a real HTTP server and a real database; the log is written by the test. */
export class StreamHub {
  readonly tail = new FakeTail();
  readonly registry = new FakeRegistry();
  readonly db: Database;
  readonly flaky: Flaky;
  readonly #testDatabase: TestDatabase;
  readonly upgrades: Upgrades;
  readonly #listeners: Listener[] = [];
  stream: StreamServer;
  server: Server;
  #options: FixtureOptions;

  private constructor(testDatabase: TestDatabase, options: FixtureOptions) {
    this.#testDatabase = testDatabase;
    this.#options = options;
    this.db = new Database(testDatabase.connection, 8, () => undefined);
    this.flaky = new Flaky(this.db);
    this.server = createServer((_, response) => response.writeHead(404).end());
    this.upgrades = new Upgrades(this.server);
    this.stream = this.#start();
  }

  static async start(options: FixtureOptions = {}): Promise<StreamHub> {
    const hub = new StreamHub(await createTestDatabase(), options);
    await hub.listen();
    return hub;
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === "string") throw new Error("the hub is not listening");
    return `ws://127.0.0.1:${address.port}/ws`;
  }

  /** Appends events to the log: committed first, then published. */
  async append(...events: Partial<LogEvent>[]): Promise<LogEvent[]> {
    const made = await this.commit(...events);
    this.tail.publish(made);
    return made;
  }

  /** Appends `count` like events. */
  appendMany(count: number, over: Partial<LogEvent> = {}): Promise<LogEvent[]> {
    return this.append(...Array.from({ length: count }, () => over));
  }

  /** Commits events that the tail has not published yet. */
  async commit(...events: Partial<LogEvent>[]): Promise<LogEvent[]> {
    const made = events.map((event, index) => makeEvent(this.tail.seq + 1 + index, event));
    await insertEvents(this.db, made);
    return made;
  }

  /** A connected listener. */
  async listener(connect: Record<string, unknown> = {}): Promise<Listener> {
    const listener = this.open(connect);
    await listener.until((frame) => frame.type === "connected");
    return listener;
  }

  /** A socket that sends a connect frame and then waits for the test; null sends nothing. */
  open(connect: Record<string, unknown> | string | Buffer | null = {}): Listener {
    const listener = new Listener(this.url, connect);
    this.#listeners.push(listener);
    return listener;
  }

  /** Where the store holds a listener's cursor; null when it knows none. */
  async cursor(clientId: string): Promise<number | null> {
    const { rows } = await this.db.query<{ seq: string }>({
      text: "SELECT seq FROM cursors WHERE client_id = $1",
      values: [clientId],
    });
    return rows[0] === undefined ? null : Number(rows[0].seq);
  }

  /** A new StreamServer on the same log, as after a restart of the hub: nothing of the old one's memory is left. */
  async restart(options: FixtureOptions = {}): Promise<void> {
    await this.stream.stop();
    this.#options = { ...this.#options, ...options };
    this.stream = this.#start();
    this.stream.attach(this.upgrades);
  }

  private async listen(): Promise<void> {
    this.stream.attach(this.upgrades);
    await new Promise<void>((listening) => this.server.listen(0, "127.0.0.1", listening));
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners) listener.socket.terminate();
    this.flaky.down = false;
    await this.stream.stop();
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
    await this.db.close();
    await this.#testDatabase.drop();
  }

  #start(): StreamServer {
    const { registry } = this;
    const now = this.#options.now ?? Date.now;
    return new StreamServer({
      db: this.flaky,
      registry,
      endpoints: new Endpoints({ db: this.flaky, registry, admin: NO_ADMIN, activity: NO_ACTIVITY, now }),
      keys: new Keys(registry, NO_ADMIN, now),
      tail: this.tail,
      log: silent,
      ...this.#options,
    });
  }
}

/** A frame of the server, as a client reads it. */
export interface Frame {
  readonly type: string;
  readonly seq?: number;
  readonly code?: number;
  readonly message?: string;
  readonly id?: string;
  readonly ok?: boolean;
  readonly last_seq?: number;
  readonly client_id?: string;
  readonly oldest_available_seq?: number;
  readonly payload?: Record<string, unknown>;
  readonly event?: Record<string, unknown>;
}

/** A real WebSocket client that keeps every frame. */
export class Listener {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  /** Resolves with the close code; 1006 when the connection just broke. */
  readonly closed: Promise<number>;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(url: string, connect: Record<string, unknown> | string | Buffer | null) {
    this.socket = new WebSocket(url, { perMessageDeflate: false });
    this.socket.on("message", (data) => {
      this.frames.push(JSON.parse(data.toString()) as Frame);
      this.#wake();
    });
    this.socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code) => {
        this.#isClosed = true;
        this.#wake();
        resolve(code);
      });
    });
    if (connect === null) return;
    const frame =
      typeof connect === "string" || Buffer.isBuffer(connect)
        ? connect
        : JSON.stringify({ type: "connect", version: 1, token: "secret", team_id: "t", scopes: ["*"], ...connect });
    this.socket.once("open", () => this.socket.send(frame));
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  ack(seq: number): void {
    this.send({ type: "ack", seq });
  }

  /** The seqs of the events that came, in the order they came. */
  get seqs(): number[] {
    return this.frames.filter((frame) => frame.type === "event").map((frame) => frame.seq ?? -1);
  }

  ofType(type: string): Frame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  /** Waits for a frame, those that came before included. */
  async until(wanted: (frame: Frame) => boolean): Promise<Frame> {
    for (let seen = 0; ; ) {
      for (; seen < this.frames.length; seen++) {
        const frame = this.frames[seen];
        if (frame !== undefined && wanted(frame)) return frame;
      }
      if (this.#isClosed)
        throw new Error(`closed before the frame came; frames: ${JSON.stringify(this.frames).slice(0, 2_000)}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /** Waits until the event with this seq has come. */
  untilSeq(seq: number): Promise<Frame> {
    return this.until((frame) => frame.type === "event" && frame.seq === seq);
  }

  /** A round trip: everything the hub sent before its answer has come when it resolves. */
  async settled(): Promise<void> {
    const id = `settled-${this.frames.length}-${Math.random()}`;
    this.send({ type: "request", id, method: "no.such.method" });
    await this.until((frame) => frame.type === "response" && frame.id === id);
  }
}

/** Polls until `check` holds. */
export async function eventually(check: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`it did not come about within ${ms} ms: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The whole numbers from `from` to `to`. */
export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
