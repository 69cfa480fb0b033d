import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import type { RawData, WebSocket } from "ws";
import type { ApiKey, LogEvent } from "../model.ts";
import type { Snapshot } from "../registry/index.ts";
import { isUnavailable } from "../store/database.ts";
import type { Delivery, Member } from "./audience.ts";
import { sameScopes } from "./cursor-book.ts";
import { eventFrames } from "./event-frames.ts";
import {
  type ClientFrame,
  CODES,
  type ConnectFrame,
  connectedFrame,
  cursorExpiredFrame,
  errorFrame,
  parseClientFrame,
} from "./frames.ts";
import { type Admission, admit } from "./handshake.ts";
import { keyRefusal, type Rejection } from "./key-access.ts";
import { SessionRequests } from "./session-requests.ts";
import type { SessionInfo, SessionWorld } from "./session-world.ts";
import { shownTo } from "./sight.ts";

interface Listener extends Omit<Admission, "key" | "hasCursor"> {
  readonly connectedAt: number;
  key: ApiKey;
  hasCursor: boolean;
}

type State = "waiting" | "joining" | "replaying" | "live" | "closing";

/** Frames that may wait while a connect frame is being answered. */
const MAX_EARLY_FRAMES = 64;
/** Node's longest timer, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * One listener's connection: its handshake, its way from its cursor to the live stream, its acknowledgements and
 * requests.
 *
 * While it replays, pages are read behind the tail, and each must have left this process before the next is read. Once
 * its position meets the tail, it joins its audience in the same turn of the event loop: no event falls between the two,
 * and none comes twice. A live session that cannot keep up is cut off instead; it resumes at its cursor.
 *
 * Several connections may use one client id. Each of them gets everything; their cursor is what any of them has reached.
 */
export class Session implements Member {
  readonly #world: SessionWorld;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #remote: string;
  readonly #log: Logger;
  readonly #early: ClientFrame[] = [];
  readonly #requests: SessionRequests;
  #state: State = "waiting";
  #listener: Listener | null = null;
  #alive = true;
  #leaveAudience: (() => void) | null = null;
  /** Ends the wait for the connect frame first, for the key's expiry later. */
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param socket the connection under `ws`. Events are written to it directly, as frames that are built once for all
   *   sessions: with a hundred listeners that takes less than half the time of `ws.send`, which makes a header and two
   *   chunks for each event and session. It is safe because `ws`, without compression, writes at once and in order.
   */
  constructor(world: SessionWorld, ws: WebSocket, socket: Duplex, remote: string) {
    this.#world = world;
    this.#ws = ws;
    this.#socket = socket;
    this.#remote = remote;
    this.#log = world.log.child({ remote });
    this.#requests = new SessionRequests(world, this.#log, (text) => this.#send(text));
    this.#timer = setTimeout(() => {
      this.end(CODES.invalidMessage, `no connect frame came within ${world.handshakeMs / 1_000} s`);
    }, world.handshakeMs);
    ws.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    ws.on("pong", () => {
      this.#alive = true;
    });
    // A socket that broke, or a frame that breaks the protocol; `close` follows.
    ws.on("error", (error) => this.#log.debug({ err: error }, "listener connection failed"));
    ws.on("close", () => this.#onClose());
  }

  /** Null until the handshake is done. */
  info(): SessionInfo | null {
    const listener = this.#listener;
    if (listener === null) return null;
    const { clientId, team, key, scopes, progress, connectedAt } = listener;
    return {
      clientId,
      team,
      keyId: key.id,
      keyName: key.name,
      scopes: scopes.list,
      state: this.#state === "live" || this.#state === "replaying" ? this.#state : "closing",
      position: progress.position,
      acked: progress.acked,
      sent: progress.sent,
      buffered: this.#socket.writableLength,
      connectedAt,
      remote: this.#remote,
    };
  }

  /** Asks for a sign of life; ends a connection that gave none since it was asked the last time. */
  checkAlive(): void {
    if (!this.#alive) this.#ws.terminate();
    else if (this.#isOpen()) {
      this.#alive = false;
      this.#ws.ping();
    }
  }

  /** Ends the session when its key may not be used any more. */
  checkKey(keys: ReadonlyMap<string, ApiKey>): void {
    const listener = this.#listener;
    if (listener === null || this.#state === "closing") return;
    const key = keys.get(listener.key.id);
    const { registry, now } = this.#world;
    const refused = keyRefusal(key, listener.team, registry, now());
    if (key === undefined || refused !== null)
      this.end(refused?.code ?? CODES.authFailed, refused?.message ?? "Invalid token");
    else if (!sameScopes(key.scopes, listener.key.scopes))
      this.end(CODES.tryAgainLater, "The scopes of this API key have changed; connect again.");
    else {
      listener.key = key;
      this.#watchExpiry(key);
    }
  }

  /** Tells the client why, and closes. */
  end(code: number, message: string): void {
    if (this.#state === "closing") return;
    this.#log.info({ code, reason: message, client_id: this.#listener?.clientId }, "listener connection ended");
    this.#detach();
    this.#ws.send(errorFrame(code, message));
    // A close frame has room for 123 bytes (RFC 6455 5.5); the error frame has the whole sentence.
    this.#ws.close(code, Buffer.byteLength(message) <= 123 ? message : undefined);
  }

  /** Closes without an error; `why` has room for 123 bytes. */
  goAway(why: string): void {
    if (this.#state === "closing") return;
    this.#detach();
    this.#ws.close(1001, why);
  }

  /** Ends the connection at once. */
  terminate(): void {
    this.#ws.terminate();
  }

  /** A batch of the tail, while live. */
  deliver({ first, last, events, frames }: Delivery): void {
    const listener = this.#listener;
    if (listener === null || !this.#isOpen()) return;
    const { position } = listener.progress;
    if (last <= position) return;
    if (first > position + 1) {
      // The tail has gone on without this stretch; the log may have it.
      this.#leave();
      void this.#replay(listener);
    } else if (this.#socket.writableLength > this.#world.bufferLimit) {
      this.end(CODES.slowConsumer, "Too slow: too much waits to be read. Connect again to go on after your cursor.");
    } else if (first === position + 1) {
      this.#write(listener, last, events, frames);
    } else {
      this.#write(listener, last, unseen(events, position), null);
    }
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    this.#alive = true;
    if (isBinary || !Buffer.isBuffer(data)) {
      this.#invalid("frames must be text");
      return;
    }
    const parsed = parseClientFrame(data.toString("utf8"));
    if (!parsed.ok) this.#invalid(parsed.problem);
    else if (this.#state === "waiting") this.#onFirst(parsed.frame);
    else if (this.#state !== "joining") this.#onFrame(parsed.frame);
    else if (this.#early.length < MAX_EARLY_FRAMES) this.#early.push(parsed.frame);
    else this.end(CODES.invalidMessage, "too many frames before the connect frame was answered");
  }

  #onFirst(frame: ClientFrame): void {
    if (frame.type === "connect") void this.#join(frame);
    else this.end(CODES.invalidMessage, "the first frame must be connect");
  }

  #onFrame(frame: ClientFrame): void {
    const listener = this.#listener;
    if (listener === null) return;
    if (frame.type === "ack") this.#ack(listener, frame.seq);
    else if (frame.type === "request") void this.#requests.take(frame, listener.key);
    else this.#invalid("this connection is connected already");
  }

  /** A frame that is none: final before the handshake is done, told and forgiven afterwards. */
  #invalid(problem: string): void {
    if (this.#listener === null) this.end(CODES.invalidMessage, problem);
    else this.#send(errorFrame(CODES.invalidMessage, problem));
  }

  async #join(frame: ConnectFrame): Promise<void> {
    this.#state = "joining";
    clearTimeout(this.#timer);
    let admitted: Admission | Rejection;
    try {
      admitted = await admit(this.#world, frame);
    } catch (error) {
      this.#endForError(error);
      return;
    }
    if (!this.#isOpen()) return;
    if ("code" in admitted) {
      this.end(admitted.code, admitted.message);
      return;
    }
    const { registry, tail, now } = this.#world;
    const listener = { ...admitted, connectedAt: now() };
    const { clientId, calledId, team, key, progress } = listener;
    this.#listener = listener;
    this.#world.onJoin();
    this.#log.info({ client_id: clientId, team, key: key.prefix, position: progress.position }, "listener connected");
    this.#send(connectedFrame(Math.max(tail.seq, progress.position), calledId));
    // The key may have been revoked while the cursor was read.
    this.checkKey(keysById(registry.snapshot));
    void this.#replay(listener);
    for (const early of this.#early.splice(0)) this.#onFrame(early);
  }

  /** Goes from the position to the tail, then joins the live stream. */
  async #replay(listener: Listener): Promise<void> {
    if (!this.#isOpen()) return;
    this.#state = "replaying";
    const { tail, reader, audiences } = this.#world;
    const { team, scopes, progress } = listener;
    try {
      while (progress.position < tail.seq) {
        const page = await reader.next(team, progress.position);
        if (!this.#isOpen()) return;
        // Retention was faster than the listener (kite-wire.md 6.5).
        if (page.oldest > progress.position + 1) this.#send(cursorExpiredFrame(page.oldest));
        const events = page.events.filter((event) => scopes.matches(event));
        const through = Math.max(page.through, page.oldest - 1);
        await new Promise<void>((gone) => this.#write(listener, through, events, null, () => gone()));
        if (!this.#isOpen()) return;
      }
    } catch (error) {
      this.#endForError(error);
      return;
    }
    this.#state = "live";
    this.#leaveAudience = audiences.join(team, scopes, this);
  }

  #ack(listener: Listener, seq: number): void {
    if (!listener.progress.ack(seq)) return;
    listener.hasCursor = true;
    this.#saveCursor(listener);
  }

  #saveCursor({ team, clientId, scopes, progress }: Listener): void {
    this.#world.cursors.move({ team, clientId, ...progress.cursor(scopes.list) });
  }

  /** Sends any frame but an event. */
  #send(text: string): void {
    if (!this.#isOpen()) return;
    if (this.#socket.writableLength <= this.#world.bufferLimit) this.#ws.send(text);
    else
      this.end(CODES.slowConsumer, "Too slow: answers are not being read. Connect again to go on after your cursor.");
  }

  /**
   * Sends events, and notes that the log was considered up to `through`.
   * @param frames the events' frames when they are joined already; others than these where the key does not see them so
   * @param gone called when the bytes have left this process, or the connection is lost
   */
  #write(
    { key, progress }: Listener,
    through: number,
    events: readonly LogEvent[],
    frames: Buffer | null,
    gone?: () => void,
  ): void {
    const shown = shownTo(key, this.#world.registry, events);
    const shared = shown === events;
    progress.advance(through, shown.length, shown.at(-1)?.seq);
    if (shown.length === 0) gone?.();
    else this.#socket.write((shared ? frames : null) ?? eventFrames(shown, shared), gone);
  }

  #endForError(error: unknown): void {
    if (!isUnavailable(error)) this.#log.error({ err: error }, "a listener could not be served");
    if (this.#isOpen()) this.end(CODES.tryAgainLater, "The hub cannot read its database now; connect again shortly.");
  }

  /** May frames still be sent? Not after either side has said that it closes. */
  #isOpen(): boolean {
    return this.#state !== "closing" && this.#ws.readyState === this.#ws.OPEN;
  }

  #watchExpiry({ expiresAt }: ApiKey): void {
    clearTimeout(this.#timer);
    if (expiresAt === null) return;
    const wait = Math.max(expiresAt.getTime() - this.#world.now(), 0);
    const { registry } = this.#world;
    this.#timer = setTimeout(() => this.checkKey(keysById(registry.snapshot)), Math.min(wait, MAX_TIMER));
  }

  #leave(): void {
    this.#leaveAudience?.();
    this.#leaveAudience = null;
  }

  /** No more events for this session. Its acknowledgements count until the socket is closed. */
  #detach(): void {
    this.#state = "closing";
    this.#leave();
    clearTimeout(this.#timer);
  }

  #onClose(): void {
    this.#detach();
    if (this.#listener?.hasCursor) this.#saveCursor(this.#listener);
  }
}

const unseen = (events: readonly LogEvent[], position: number): readonly LogEvent[] =>
  events.filter((event) => event.seq > position);

/** Keys by id, as sessions look them up. */
export function keysById({ keys }: Snapshot): ReadonlyMap<string, ApiKey> {
  return new Map(keys.map((key) => [key.id, key]));
}
