// Run as a process of its own: the near end of the pg-boss assembly.
import Fastify from "fastify";
import type pg from "pg";
import PgBoss from "pg-boss";
import { Pool } from "undici";
import { z } from "zod";
import { serve, service } from "../processes/serve.ts";
import { START_SENDER } from "./pg-boss-calls.ts";

const QUEUE = "deliveries";
// From 8 to 32 connections, 2 to 16 workers and 5 to 50 jobs were tried; none was faster beyond the noise.
const DATABASE_CONNECTIONS = 16;
const WORKERS = 4;
const JOBS_AT_ONCE = 25;
const HTTP_CONNECTIONS = 64;

const Event = z.looseObject({ id: z.string(), source: z.string(), type: z.string() });
type Event = z.infer<typeof Event>;

interface Assembly {
  readonly connection: pg.PoolConfig & { host: string; port: number; user: string; password: string };
  readonly deliverTo: string;
}

async function start({ connection, deliverTo }: Assembly): Promise<string> {
  const { host, port, user, password, database = "" } = connection;
  const boss = new PgBoss({ host, port, user, password, database, max: DATABASE_CONNECTIONS });
  boss.on("error", (error) => console.error("pg-boss:", error));
  await boss.start();
  await boss.createQueue(QUEUE, { name: QUEUE, retryLimit: 20, retryDelay: 5, retryBackoff: true });

  const target = new URL(deliverTo);
  const client = new Pool(target.origin, { connections: HTTP_CONNECTIONS, pipelining: 1 });
  const deliver = async (event: Event): Promise<void> => {
    const { statusCode, body } = await client.request({
      method: "POST",
      path: target.pathname,
      headers: { "content-type": "application/cloudevents+json" },
      body: JSON.stringify(event),
    });
    await body.dump();
    if (statusCode >= 300) throw new Error(`the receiver answered ${statusCode}`);
  };
  const workers = await Promise.all(
    Array.from({ length: WORKERS }, () =>
      boss.work<Event>(QUEUE, { batchSize: JOBS_AT_ONCE, pollingIntervalSeconds: 0.5 }, async (jobs) => {
        const results = await Promise.allSettled(jobs.map(({ data }) => deliver(data)));
        // Of jobs that are fetched together, pg-boss completes or fails all; those that failed are failed here first.
        const failed = jobs.filter((_, index) => results[index]?.status === "rejected");
        if (failed.length > 0)
          await boss.fail(
            QUEUE,
            failed.map(({ id }) => id),
          );
      }),
    ),
  );

  const app = Fastify({ logger: false });
  app.addContentTypeParser("application/cloudevents+json", { parseAs: "string" }, (_request, body, done) => {
    done(null, body);
  });
  let turn = 0;
  app.post<{ Body: string }>("/events", async (request, reply) => {
    const id = await boss.send(QUEUE, Event.parse(JSON.parse(request.body)));
    // Workers poll twice a second at most, unless they are told.
    const worker = workers[turn++ % WORKERS];
    if (worker !== undefined) boss.notifyWorker(worker);
    return reply.code(202).send({ id });
  });
  return `${await app.listen({ host: "127.0.0.1", port: 0 })}/events`;
}

serve(service(START_SENDER, start));
