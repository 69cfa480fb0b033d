import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { type HubInside, isGood, permits, refuseUpgrade } from "../../hub/index.ts";
import type { Caller } from "../caller.ts";
import { type AdmissionRules, admit, PROTOCOL } from "./admission.ts";
import { type Channel, CLOSE, closeReason } from "./channel.ts";
import { wsChannel } from "./ws-channel.ts";

/** Carries a channel's messages: answers them here, or passes them on to the hub of this id. */
export type Connect = (channel: Channel, hubId: string, caller: Caller) => void;

const PATH = /^\/+console\/rpc\/?(\?|$)/;
/** An event's data is 256 KiB at most; as text within text it may be six times that. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;
const PING_MS = 30_000;
const MOST_CONSOLES = 64;
/** How long the other side may take to end a line that was ended here. */
const GOODBYE_MS = 200;

interface Open {
  readonly ws: WebSocket;
  readonly channel: Channel;
  readonly keyId: string | null;
  alive: boolean;
}

/** Consoles that come by WebSocket: browsers on this machine, and consoles elsewhere with an admin key. */
export class ConsoleSockets {
  readonly #wss = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });
  readonly #open = new Set<Open>();
  readonly #rules: AdmissionRules;
  readonly #connect: Connect;
  readonly #inside: Pick<HubInside, "registry" | "now">;
  readonly #ends: (() => void)[] = [];

  constructor(inside: Pick<HubInside, "registry" | "now" | "upgrades">, rules: AdmissionRules, connect: Connect) {
    this.#inside = inside;
    this.#rules = rules;
    this.#connect = connect;
    this.#ends.push(inside.upgrades.add(PATH, (request, socket, head) => this.#upgrade(request, socket, head)));
    this.#ends.push(inside.registry.onChange(() => this.#checkKeys()));
    const pings = setInterval(() => {
      this.#checkKeys();
      for (const open of this.#open) this.#checkAlive(open);
    }, PING_MS);
    pings.unref();
    this.#ends.push(() => clearInterval(pings));
  }

  /** Says goodbye to everybody. */
  close(): void {
    for (const end of this.#ends.splice(0)) end();
    for (const { channel, ws } of this.#open) {
      channel.close(CLOSE.stopping, "The hub is stopping.");
      // Nothing of a console is lost, so nobody waits for its answer.
      setTimeout(() => ws.terminate(), GOODBYE_MS).unref();
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const admitted = admit({ headers: request.headers, remote: request.socket.remoteAddress }, this.#rules);
    if ("status" in admitted) {
      if (admitted.otherStart === true) this.#tellPage(request, socket, head, admitted.sentence);
      else refuseUpgrade(socket, admitted.status, admitted.sentence);
      return;
    }
    if (this.#open.size >= MOST_CONSOLES) {
      refuseUpgrade(socket, "503 Service Unavailable", "As many consoles are connected as this hub takes.");
      return;
    }
    const { caller, keyId } = admitted;
    const hubId = new URL(request.url ?? "", "http://hub").searchParams.get("hub") ?? "local";
    this.#wss.handleUpgrade(request, socket, head, (ws) => {
      const open: Open = { ws, channel: wsChannel(ws), keyId, alive: true };
      this.#open.add(open);
      ws.on("pong", () => {
        open.alive = true;
      });
      // A socket that broke, or a message that is too long; `close` follows.
      ws.on("error", () => undefined);
      ws.on("close", () => this.#open.delete(open));
      this.#connect(open.channel, hubId, caller);
    });
  }

  /** Browsers keep the answer to an upgrade from the page, which could not tell this from a hub that is gone. */
  #tellPage(request: IncomingMessage, socket: Duplex, head: Buffer, sentence: string): void {
    this.#wss.handleUpgrade(request, socket, head, (ws) => {
      ws.on("error", () => undefined);
      ws.close(CLOSE.otherStart, closeReason(sentence));
      setTimeout(() => ws.terminate(), GOODBYE_MS).unref();
    });
  }

  #checkAlive(open: Open): void {
    if (!open.alive) open.ws.terminate();
    open.alive = false;
    if (open.ws.readyState === open.ws.OPEN) open.ws.ping();
  }

  /** A key that is not good any more ends what it opened. */
  #checkKeys(): void {
    const { registry, now } = this.#inside;
    const good = new Set(
      registry.snapshot.keys
        .filter((key) => isGood(key, now()) && permits(key.permissions, "admin"))
        .map(({ id }) => id),
    );
    for (const { channel, keyId } of this.#open)
      if (keyId !== null && !good.has(keyId)) channel.close(CLOSE.unauthorized, "The key was revoked, or has expired.");
  }
}
