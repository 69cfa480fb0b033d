import { WebSocket } from "ws";
import { z } from "zod";
import type { App } from "../app.ts";

const Frame = z.looseObject({ type: z.string(), seq: z.int().optional() });

/** A client of the stream: one that keeps up, or one that acknowledges what it got long after. */
export function startListener(app: App, clientId: string, scopes: readonly string[], ackEveryMs: number): () => void {
  const socket = new WebSocket(`${app.hub.url.replace(/^http/, "ws")}/ws`, { perMessageDeflate: false });
  const { apiKey, team } = app.credentials;
  let got: number[] = [];
  socket.on("open", () => {
    const hello = { type: "connect", version: 1, token: apiKey, team_id: team, scopes, client_id: clientId };
    socket.send(JSON.stringify(hello));
  });
  socket.on("message", (data: Buffer) => {
    const { type, seq } = Frame.parse(JSON.parse(data.toString("utf8")));
    if (type === "event" && seq !== undefined) got.push(seq);
  });
  // The close that follows is what counts.
  socket.on("error", () => undefined);
  const timer = setInterval(() => {
    // The slow one gets through one at a time, the other through all there is.
    const done = ackEveryMs > 1_000 ? got[0] : got.at(-1);
    if (done === undefined || socket.readyState !== WebSocket.OPEN) return;
    socket.send(JSON.stringify({ type: "ack", seq: done }));
    got = got.filter((seq) => seq > done);
  }, ackEveryMs);
  return () => {
    clearInterval(timer);
    socket.terminate();
  };
}
