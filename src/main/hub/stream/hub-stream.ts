import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { uuidv7 } from "uuidv7";
import { WebSocketServer } from "ws";
import type { Endpoints, Keys } from "../access/index.ts";
import { type CallerAddress, callerAddress } from "../caller-address.ts";
import type { LogEvent, Tail } from "../model.ts";
import type { RegistryView } from "../registry/index.ts";
import type { Queryable } from "../store/database.ts";
import { refuseUpgrade, type Upgrades } from "../upgrades.ts";
import { Audiences } from "./audience.ts";
import { CursorBook } from "./cursor-book.ts";
import { LogReader } from "./log-reader.ts";
import { isOriginAllowed } from "./origin.ts";
import { RecentEvents } from "./recent-events.ts";
import { keysById, Session } from "./session.ts";
import type { SessionInfo, SessionWorld } from "./session-world.ts";

export interface StreamOptions {
  readonly db: Queryable;
  readonly registry: RegistryView;
  readonly endpoints: Endpoints;
  readonly keys: Keys;
  readonly tail: Tail;
  readonly log: Logger;
  /** Milliseconds since the epoch. Default: the clock. */
  readonly now?: () => number;
  /** A client id for a listener that brings none. Default: a UUIDv7. */
  readonly newId?: () => string;
  /** Bytes that may wait for a live listener before it is cut off with 4004. Default 8 MiB. */
  readonly bufferLimit?: number;
  /** Milliseconds a client has to send its connect frame. Default 10 s. */
  readonly handshakeMs?: number;
  /** Milliseconds between signs of life asked of clients. Default 30 s. */
  readonly pingMs?: number;
  /** Connections at a time; more are refused with 503. Default 10,000. */
  readonly maxSessions?: number;
  /** Who is behind a connection. Default: its other end. */
  readonly callerAddress?: CallerAddress;
  /** Told when somebody has connected, or is gone. */
  readonly onSessions?: () => void;
}

const PATH = /^\/+ws\/?(\?|$)/;
const MAX_FRAME_BYTES = 64 * 1024;
/** How much of the newest log stays in memory for those who lag a little. At full speed more would grow old there. */
const RECENT_EVENTS = 1_024;
const RECENT_BYTES = 8 * 1024 * 1024;
/** Milliseconds clients have to answer the close frame when the hub stops. */
const GOODBYE_MS = 2_000;

/** The WebSocket stream at /ws (kite-wire.md 6): every listener of this hub. */
export class StreamServer {
  readonly #world: SessionWorld;
  readonly #maxSessions: number;
  readonly #onSessions: () => void;
  readonly #callerAddress: CallerAddress;
  readonly #recent: RecentEvents;
  readonly #sessions = new Set<Session>();
  readonly #wss = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_FRAME_BYTES });
  readonly #ends: (() => void)[] = [];
  #stopping = false;
  #whenEmpty: (() => void) | null = null;

  constructor(options: StreamOptions) {
    const { db, registry, endpoints, keys, tail, log, now = Date.now, newId = uuidv7 } = options;
    const { bufferLimit = 8 * 1024 * 1024, handshakeMs = 10_000, pingMs = 30_000, maxSessions = 10_000 } = options;
    this.#maxSessions = maxSessions;
    this.#recent = new RecentEvents(RECENT_EVENTS, RECENT_BYTES, now);
    this.#onSessions = options.onSessions ?? (() => undefined);
    this.#callerAddress = options.callerAddress ?? callerAddress([]);
    this.#world = {
      db,
      registry,
      endpoints,
      keys,
      tail,
      log,
      now,
      newId,
      bufferLimit,
      handshakeMs,
      audiences: new Audiences(),
      reader: new LogReader(db, tail, this.#recent),
      cursors: new CursorBook(db, log),
      onJoin: () => this.#onSessions(),
    };
    this.#ends.push(tail.subscribe((batch) => this.#publish(batch)));
    this.#ends.push(
      registry.onChange((snapshot) => {
        const keys = keysById(snapshot);
        for (const session of this.#sessions) session.checkKey(keys);
      }),
    );
    const pings = setInterval(() => {
      for (const session of this.#sessions) session.checkAlive();
    }, pingMs);
    pings.unref();
    this.#ends.push(() => clearInterval(pings));
  }

  /** Answers the upgrades at /ws. */
  attach(upgrades: Upgrades): void {
    this.#ends.push(upgrades.add(PATH, (request, socket, head) => this.#upgrade(request, socket, head)));
  }

  /** Everybody who has connected, as of now. */
  sessions(): SessionInfo[] {
    return [...this.#sessions].map((session) => session.info()).filter((info) => info !== null);
  }

  /** Ends the connections of a client, which may come back. @returns how many there were */
  disconnect(team: string, clientId: string): number {
    const meant = [...this.#sessions].filter((session) => {
      const info = session.info();
      return info !== null && info.team === team && info.clientId === clientId;
    });
    for (const session of meant) session.goAway("Disconnected from the hub's console.");
    return meant.length;
  }

  /** Forgets the cursor of a listener that is not connected. @returns false when there is none */
  forget(team: string, clientId: string): Promise<boolean> {
    return this.#world.cursors.forget(team, clientId);
  }

  /** Sends nothing more, says goodbye, and saves what was acknowledged. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const end of this.#ends.splice(0)) end();
    for (const session of this.#sessions) session.goAway("The hub is stopping.");
    if (this.#sessions.size > 0) {
      await new Promise<void>((empty) => {
        const impatient = setTimeout(() => {
          for (const session of this.#sessions) session.terminate();
        }, GOODBYE_MS);
        this.#whenEmpty = () => {
          clearTimeout(impatient);
          empty();
        };
      });
    }
    await this.#world.cursors.stop();
  }

  #publish(batch: readonly LogEvent[]): void {
    // Kept for those who lag or come back. Without anybody, events die young, which costs the collector next to nothing.
    if (this.#sessions.size > 0) this.#recent.push(batch);
    this.#world.audiences.deliver(batch);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origin, host } = request.headers;
    if (!isOriginAllowed(origin, host)) {
      refuseUpgrade(socket, "403 Forbidden", "Pages of other origins may not connect to this hub.");
      return;
    }
    if (this.#stopping || this.#sessions.size >= this.#maxSessions) {
      const why = this.#stopping ? "The hub is stopping." : "The hub has as many listeners as it takes.";
      refuseUpgrade(socket, "503 Service Unavailable", why);
      return;
    }
    const remote = this.#callerAddress(request);
    this.#wss.handleUpgrade(request, socket, head, (ws) => {
      const session = new Session(this.#world, ws, socket, remote);
      this.#sessions.add(session);
      ws.on("close", () => {
        this.#sessions.delete(session);
        this.#onSessions();
        if (this.#sessions.size === 0) this.#whenEmpty?.();
      });
    });
  }
}
