import { WebSocket } from "ws";
import { BlockedAddressError, checkedLookup, type Resolve, readPeerUrl, resolveBySystem } from "../outbound/index.ts";
import { LinkError, refusedByStream, refusedUpgrade, toLinkError } from "./link-error.ts";
import { readServerFrame, type ServerFrame } from "./server-frames.ts";

/** Where a peer's stream is, and what opens it. */
export interface StreamAddress {
  /** ws:// or wss://, with the path. */
  readonly url: string;
  readonly allowPrivate: boolean;
  readonly token: string;
  readonly team: string;
  /** The key of the cursor at the peer; null for a connection that only asks something. */
  readonly clientId: string | null;
  readonly userAgent: string;
  readonly resolve?: Resolve;
}

const HANDSHAKE_MS = 10_000;
/** An event has at most a quarter of a megabyte of data, its attributes as much, and escapes may triple that. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** Frames that wait to be taken before the socket is not read any further, and after which it is read again. */
const HIGH_FRAMES = 2_048;
const HIGH_BYTES = 8 * 1024 * 1024;
const PING_MS = 20_000;

/**
 * One connection to a peer's stream. Addresses are checked, and the connection goes to exactly those; redirects are not
 * followed. Frames wait here until they are taken: when too many do, the socket is not read, so that the peer feels it.
 */
export class StreamSocket {
  readonly lastSeq: number;
  readonly #ws: WebSocket;
  #frames: { readonly frame: ServerFrame; readonly bytes: number }[] = [];
  #bytes = 0;
  #error: LinkError | null = null;
  #wake: (() => void) | null = null;
  #alive = true;
  readonly #pings: NodeJS.Timeout;
  readonly #onAlive: () => void;

  private constructor(ws: WebSocket, lastSeq: number, onAlive: () => void) {
    this.#ws = ws;
    this.lastSeq = lastSeq;
    this.#onAlive = onAlive;
    ws.on("pong", () => this.#heard());
    this.#pings = setInterval(() => this.probe(PING_MS), PING_MS);
  }

  /**
   * Connects and shakes hands.
   * @param onAlive called at each sign of life
   * @throws LinkError
   */
  static async open(address: StreamAddress, onAlive: () => void = () => undefined): Promise<StreamSocket> {
    const read = readPeerUrl(address.url.replace(/^ws/, "http"), address.allowPrivate);
    if (!read.ok) throw toLinkError(new BlockedAddressError(read.problem));
    const ws = new WebSocket(address.url, {
      perMessageDeflate: false,
      followRedirects: false,
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_FRAME_BYTES,
      headers: { "user-agent": address.userAgent },
      // Handed on to net.connect and tls.connect.
      lookup: checkedLookup(read.target, address.resolve ?? resolveBySystem),
    } as ConstructorParameters<typeof WebSocket>[2]);
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<StreamSocket>((resolve, reject) => {
        let socket: StreamSocket | null = null;
        const fail = (error: LinkError): void => {
          if (socket === null) reject(error);
          else socket.#end(error);
        };
        timer = setTimeout(() => {
          fail(new LinkError("timeout", "The peer opened the connection, and then did not say that it is connected."));
        }, HANDSHAKE_MS);
        ws.on("open", () => ws.send(connectFrame(address)));
        ws.on("unexpected-response", (_request, response) => {
          fail(refusedUpgrade(response.statusCode ?? 0, response.headers.location));
          response.destroy();
        });
        ws.on("error", (error) => fail(toLinkError(error)));
        ws.on("close", (code) =>
          fail(new LinkError("closed", `The peer closed the stream (WebSocket close code ${code}).`)),
        );
        ws.on("message", (data: Buffer, isBinary) => {
          const frame = isBinary ? null : readServerFrame(data.toString("utf8"));
          if (frame?.type === "error") fail(refusedByStream(frame.code, frame.message));
          else if (socket !== null) socket.#push(frame, data.length);
          else if (frame?.type === "connected") {
            socket = new StreamSocket(ws, frame.lastSeq, onAlive);
            resolve(socket);
          }
        });
      });
    } catch (error) {
      ws.terminate();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * The frames that wait, at most `limit`; waits for one when there is none, but not longer than `waitMs`.
   * @throws LinkError once the connection is lost and everything that came was taken
   */
  async take(limit: number, waitMs = Number.POSITIVE_INFINITY): Promise<ServerFrame[]> {
    if (this.#frames.length === 0 && this.#error === null) await this.#news(waitMs);
    if (this.#frames.length === 0 && this.#error !== null) throw this.#error;
    const taken = this.#frames.splice(0, limit);
    for (const { bytes } of taken) this.#bytes -= bytes;
    if (this.#ws.isPaused && this.#frames.length < HIGH_FRAMES / 2 && this.#bytes < HIGH_BYTES / 2) this.#ws.resume();
    return taken.map(({ frame }) => frame);
  }

  ack(seq: number): void {
    this.#send(JSON.stringify({ type: "ack", seq }));
  }

  request(id: string, method: string, params: unknown): void {
    this.#send(JSON.stringify({ type: "request", id, method, params }));
  }

  /** Asks for a sign of life; ends a connection that gives none in time. */
  probe(withinMs: number): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    // While it is not read, its answers cannot be heard.
    if (this.#ws.isPaused) return;
    if (!this.#alive) {
      this.close(new LinkError("timeout", "The peer gave no sign of life."));
      return;
    }
    this.#alive = false;
    this.#ws.ping();
    const timer = setTimeout(() => {
      if (!this.#alive && !this.#ws.isPaused) this.close(new LinkError("timeout", "The peer gave no sign of life."));
    }, withinMs);
    timer.unref();
  }

  /** Ends the connection at once. */
  close(why: LinkError = new LinkError("closed", "The link was closed here.")): void {
    this.#end(why);
    this.#ws.terminate();
  }

  #push(frame: ServerFrame | null, bytes: number): void {
    this.#heard();
    if (frame === null) return;
    this.#frames.push({ frame, bytes });
    this.#bytes += bytes;
    if (this.#frames.length >= HIGH_FRAMES || this.#bytes >= HIGH_BYTES) this.#ws.pause();
    this.#wake?.();
  }

  #heard(): void {
    this.#alive = true;
    this.#onAlive();
  }

  #send(text: string): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(text);
  }

  #end(error: LinkError): void {
    clearInterval(this.#pings);
    this.#error ??= error;
    this.#wake?.();
  }

  #news(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = waitMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => this.#wake?.(), waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }
}

function connectFrame({ token, team, clientId }: StreamAddress): string {
  return JSON.stringify({ type: "connect", version: 1, token, team_id: team, scopes: ["*"], client_id: clientId });
}
