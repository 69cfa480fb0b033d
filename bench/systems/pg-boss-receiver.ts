// Run as a process of its own: the far end of the pg-boss assembly.
import Fastify from "fastify";
import pg from "pg";
import { WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { serve, service } from "../processes/serve.ts";
import { COUNT_STORED, START_RECEIVER } from "./pg-boss-calls.ts";

const Event = z.object({ id: z.string(), source: z.string(), type: z.string() });
const Count = z.object({ n: z.coerce.number() });
const CONNECTIONS = 16;

let pool: pg.Pool | null = null;

async function start({ connection }: { connection: pg.PoolConfig }): Promise<{ post: string; listen: string }> {
  const db = new pg.Pool({ ...connection, max: CONNECTIONS });
  pool = db;
  await db.query(
    `CREATE TABLE IF NOT EXISTS events (
       seq bigserial PRIMARY KEY, id text NOT NULL, source text NOT NULL, type text NOT NULL, body text NOT NULL,
       received_at timestamptz NOT NULL DEFAULT now(), UNIQUE (source, id))`,
  );
  const app = Fastify({ logger: false });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  app.server.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit("connection", client, request));
  });
  app.addContentTypeParser("application/cloudevents+json", { parseAs: "string" }, (_request, body, done) => {
    done(null, body);
  });
  app.post<{ Body: string }>("/events", async (request, reply) => {
    const { id, source, type } = Event.parse(JSON.parse(request.body));
    const stored = await db.query({
      name: "store",
      text: "INSERT INTO events (id, source, type, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
      values: [id, source, type, request.body],
    });
    if (stored.rowCount === 1)
      for (const client of sockets.clients) if (client.readyState === WebSocket.OPEN) client.send(request.body);
    return reply.code(202).send({ id });
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return { post: `${url}/events`, listen: url.replace(/^http/, "ws") };
}

async function countStored(): Promise<number> {
  const result = await pool?.query("SELECT count(*) AS n FROM events");
  return Count.parse(result?.rows[0]).n;
}

serve(service(START_RECEIVER, start), service(COUNT_STORED, countStored));
