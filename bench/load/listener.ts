// Run as a process of its own: the listeners at the far end.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { now } from "../measure/clock.ts";
import { type Mark, serve, service } from "../processes/serve.ts";
import { CONNECT, type Heard, LISTEN, type ListenTarget } from "./listening.ts";
import { RunCount } from "./run-count.ts";

/** Acknowledgements are cumulative, so one for all that came in this time says the same as one for each. */
const ACK_MS = 20;
const CHECK_MS = 5;
/** Connecting all at once would be a test of the backlog of a socket, which is not asked. */
const CONNECTING_AT_ONCE = 50;
const SEQ = Buffer.from('"seq":');
const SEQ_DIGITS = 16;

const sockets: WebSocket[] = [];
const closed: string[] = [];
let count: RunCount | null = null;

async function connect(target: ListenTarget, wanted: number, client: string): Promise<void> {
  while (sockets.length < wanted) {
    const some = Array.from({ length: Math.min(CONNECTING_AT_ONCE, wanted - sockets.length) }, (_, index) =>
      open(target, sockets.length + index, `${client}-${sockets.length + index}`),
    );
    sockets.push(...(await Promise.all(some)));
  }
}

async function open(target: ListenTarget, index: number, client: string): Promise<WebSocket> {
  const socket = new WebSocket(target.url, { perMessageDeflate: false, skipUTF8Validation: true });
  // In place before anything can come: events may follow the hub's answer in the same packet.
  const connected = target.kind === "hub" ? receiveFrames(socket, index) : receiveEvents(socket, index);
  await once(socket, "open");
  if (target.kind === "hub") {
    const { token, team } = target;
    socket.send(
      JSON.stringify({ type: "connect", version: 1, token, team_id: team, scopes: ["*"], client_id: client }),
    );
  }
  await connected;
  socket.on("close", (code, reason) => closed.push(`${code} ${reason}`));
  socket.on("error", (error) => closed.push(error.message));
  return socket;
}

async function receiveEvents(socket: WebSocket, index: number): Promise<void> {
  socket.on("message", (message) => {
    if (Buffer.isBuffer(message)) count?.take(message, index);
  });
}

/** Counts what comes, and acknowledges it a little later. Resolves when the hub has let the listener in. */
function receiveFrames(socket: WebSocket, index: number): Promise<void> {
  let last: Buffer | null = null;
  let waiting = false;
  const ack = (): void => {
    waiting = false;
    const seq = last === null ? Number.NaN : seqOf(last);
    if (Number.isInteger(seq) && socket.readyState === WebSocket.OPEN) socket.send(`{"type":"ack","seq":${seq}}`);
  };
  return new Promise((resolve, reject) => {
    socket.on("close", (code, reason) => reject(new Error(`the hub closed the connection: ${code} ${reason}`)));
    socket.once("message", (first) => {
      socket.on("message", (message) => {
        if (!Buffer.isBuffer(message)) return;
        last = message;
        if (!waiting) setTimeout(ack, ACK_MS);
        waiting = true;
        count?.take(message, index);
      });
      if (String(first).startsWith('{"type":"connected"')) resolve();
      else reject(new Error(`the hub answered connect with ${first}`));
    });
  });
}

/** The seq of an event frame, which stands before the event; NaN in other frames. */
function seqOf(frame: Buffer): number {
  const at = frame.indexOf(SEQ);
  if (at === -1) return Number.NaN;
  const start = at + SEQ.length;
  return Number.parseInt(frame.toString("latin1", start, start + SEQ_DIGITS), 10);
}

async function listen(run: string, events: number, patienceMs: number, mark: Mark): Promise<Heard> {
  const counting = new RunCount(run, events, sockets.length);
  closed.length = 0;
  count = counting;
  mark("listening");
  for (const began = now(); !counting.complete; await sleep(CHECK_MS))
    if (now() - Math.max(began, counting.lastAt) > patienceMs) break;
  // What comes a second time may come a little later, and the last acknowledgements are still to be sent.
  await sleep(5 * ACK_MS);
  count = null;
  return counting.heard(closed);
}

serve(
  service(CONNECT, async ({ target, sockets: wanted, client }) => {
    await connect(target, wanted, client);
    return null;
  }),
  service(LISTEN, ({ run, events, patienceMs }, mark) => listen(run, events, patienceMs, mark)),
);
