// Run as a process of its own: what the same PostgreSQL takes without a hub before it.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { z } from "zod";
import { textArray } from "../../src/main/hub/store/binary-arrays.ts";
import { EVENT_TYPE, EventSource } from "../load/events.ts";
import { now } from "../measure/clock.ts";
import { type Mark, serve, service } from "../processes/serve.ts";
import { INSERT } from "./raw-postgres-calls.ts";

const SOURCE = "https://bench.example/orders";
const COLUMNS = "id, source, type, body";

/** One index, the primary key: nothing of what a hub keeps besides. */
const TABLE = `CREATE TABLE IF NOT EXISTS raw_events (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL, source text NOT NULL, type text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(), body text NOT NULL)`;

interface Row {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly body: string;
}

type Job = z.infer<typeof INSERT.input>;

async function insert(job: Job, mark: Mark): Promise<z.infer<typeof INSERT.output>> {
  const clients = Array.from({ length: job.connections }, () => new pg.Client(job.connection));
  await Promise.all(clients.map((client) => client.connect()));
  await clients[0]?.query(TABLE);
  const run = new Run(job);
  try {
    const finished = Promise.all(clients.map((client) => run.work(client)));
    await sleep(job.warmupMs);
    mark("begin");
    const began = now();
    run.measuring = true;
    await Promise.race([sleep(job.ms), finished]);
    const seconds = (now() - began) / 1_000;
    run.measuring = false;
    run.stopped = true;
    mark("end");
    await finished;
    return { rows: run.rows, seconds };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

class Run {
  rows = 0;
  measuring = false;
  stopped = false;
  readonly #events = new EventSource("raw000", "random");
  readonly #batch: number;
  #made = 0;

  constructor({ batch }: Job) {
    this.#batch = batch;
  }

  /** Commits one statement after another. */
  async work(client: pg.Client): Promise<void> {
    const single = this.#batch === 1;
    const text = single
      ? `INSERT INTO raw_events (${COLUMNS}) VALUES ($1, $2, $3, $4)`
      : `INSERT INTO raw_events (${COLUMNS}) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])`;
    while (!this.stopped) {
      const values = single ? Object.values(this.#row()) : this.#columns();
      const { rowCount } = await client.query({ name: "insert", text, values });
      if (this.measuring) this.rows += rowCount ?? 0;
    }
  }

  #row(): Row {
    return { id: randomUUID(), source: SOURCE, type: EVENT_TYPE, body: this.#events.make(this.#made++) };
  }

  // In binary, as the hub does it: the ceiling is to be the real one.
  #columns(): Buffer[] {
    const rows = Array.from({ length: this.#batch }, () => this.#row());
    return [
      textArray(rows, ({ id }) => id),
      textArray(rows, ({ source }) => source),
      textArray(rows, ({ type }) => type),
      textArray(rows, ({ body }) => body),
    ];
  }
}

serve(service(INSERT, insert));
