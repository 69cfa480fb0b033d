import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { z } from "zod";
import { type Channel, CLOSE, type Message } from "./channel.ts";
import { wsChannel } from "./ws-channel.ts";

/** Why another hub could not be attached to: the code for a closed line, and the sentence for a person. */
export class AttachError extends Error {
  override readonly name = "AttachError";
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const CONNECT_MS = 10_000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const MAX_ANSWER_BYTES = 4_096;

/** Where a hub has its console. */
export function consoleUrl(hubUrl: string): URL {
  const url = new URL(hubUrl);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/console/rpc`;
  url.search = "";
  url.hash = "";
  return url;
}

/** Connects to the console of another hub. @throws AttachError */
export function openRemote(hubUrl: string, adminKey: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(consoleUrl(hubUrl), "kite.console", {
      headers: { authorization: `Bearer ${adminKey}` },
      handshakeTimeout: CONNECT_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      // With pauses it must not be read before somebody listens.
      allowSynchronousEvents: false,
    });
    const { host } = new URL(hubUrl);
    ws.once("open", () => resolve(ws));
    ws.once("unexpected-response", (request, response) => {
      void explain(response, host).then((error) => {
        request.destroy();
        reject(error);
      });
    });
    // Also said when a connection that was given up is closed.
    ws.on("error", (error) => reject(networkError(error, host)));
  });
}

const Problem = z.object({ error: z.string() });

async function explain(response: IncomingMessage, host: string): Promise<AttachError> {
  const status = response.statusCode ?? 0;
  const said = Problem.safeParse(await readJson(response)).data?.error;
  if (status === 401) return new AttachError(CLOSE.unauthorized, `${host} does not take this key.`);
  if (status === 403)
    return new AttachError(CLOSE.unauthorized, `${host} refuses: ${said ?? "this key may not use the console"}`);
  if (status === 503) return new AttachError(CLOSE.unreachable, `${host} takes no more consoles now.`);
  return new AttachError(CLOSE.notFound, `At ${host} there is no Kite Desktop hub with a console (HTTP ${status}).`);
}

async function readJson(response: IncomingMessage): Promise<unknown> {
  let text = "";
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > MAX_ANSWER_BYTES) return null;
    }
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const TLS = /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/;

function networkError(error: Error, host: string): AttachError {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (TLS.test(code)) return new AttachError(CLOSE.tls, `The certificate of ${host} cannot be trusted (${code}).`);
  return new AttachError(CLOSE.unreachable, `${host} cannot be reached (${code === "" ? error.message : code}).`);
}

/** Messages of a console that may wait until the other hub answers. */
const MOST_EARLY = 1_000;

/**
 * Passes messages between a console and another hub, unread. Each side waits for the other: what one does not read is
 * not asked of the other. When either ends, both do; whoever wants to go on connects anew.
 * @param open connects to the other hub; what it throws is told to the console
 */
export function bridge(console: Channel, open: () => Promise<WebSocket>, onError: (error: unknown) => void): void {
  const early: Message[] = [];
  let remote: WebSocket | null = null;
  let gone = false;
  console.onClose(() => {
    gone = true;
    remote?.close(1000);
  });
  console.onMessage((message) => {
    if (remote !== null) remote.send(message);
    else if (early.push(message) > MOST_EARLY) console.close(CLOSE.unreachable, "The other hub does not answer.");
  });
  open().then(
    (ws) => {
      if (gone) {
        ws.terminate();
        return;
      }
      remote = ws;
      const far = wsChannel(ws);
      far.onMessage((message) => {
        const sent = console.send(message);
        if (sent === undefined) return;
        ws.pause();
        void sent.then(() => ws.resume());
      });
      ws.on("close", (code, reason) => {
        const known = code === CLOSE.stopping || code >= 4_000;
        const why = reason.length > 0 ? reason.toString("utf8") : "The connection to the other hub was lost.";
        console.close(known ? code : CLOSE.unreachable, why);
      });
      for (const message of early.splice(0)) ws.send(message);
    },
    (error: unknown) => {
      if (error instanceof AttachError) console.close(error.code, error.message);
      else {
        onError(error);
        console.close(CLOSE.unreachable, "The other hub cannot be attached to; the log of this one says why.");
      }
    },
  );
}
