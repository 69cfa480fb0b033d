import type { ListenTarget } from "../load/listening.ts";
import type { Target } from "../load/sending.ts";
import type { CpuGroup } from "../processes/cpu.ts";
import type { Resources } from "../processes/resources.ts";
import { Worker } from "../processes/worker.ts";
import { COUNT_STORED, START_RECEIVER, START_SENDER } from "./pg-boss-calls.ts";
import { startServer } from "./postgres.ts";
import { expectDurable } from "./sql.ts";

/** Fastify, pg-boss and undici put together as one would: two processes, each on a PostgreSQL of its own. */
export interface PgBossAssembly {
  readonly target: Target;
  readonly listen: ListenTarget;
  readonly cpuGroups: CpuGroup[];
  /** Events the receiver has stored. */
  stored(): Promise<number>;
}

/** Starts the assembly. Its servers have the settings of a hub's. */
export async function startPgBoss(folder: string, resources: Resources): Promise<PgBossAssembly> {
  const [near, far] = await Promise.all([
    startServer({ name: "boss-a", folder }, resources),
    startServer({ name: "boss-b", folder }, resources),
  ]);
  await Promise.all([expectDurable(near.connection), expectDurable(far.connection)]);
  const receiver = Worker.start("pg-boss receiver", new URL("pg-boss-receiver.ts", import.meta.url), resources);
  const { post, listen } = await receiver.ask(START_RECEIVER, { connection: far.connection });
  const sender = Worker.start("pg-boss sender", new URL("pg-boss-sender.ts", import.meta.url), resources);
  const url = await sender.ask(START_SENDER, { connection: near.connection, deliverTo: post });
  return {
    target: { url, contentType: "application/cloudevents+json" },
    listen: { kind: "plain", url: listen },
    cpuGroups: [
      { label: "sender", pid: sender.pid, children: false },
      { label: "postgres sender", pid: near.pid, children: true },
      { label: "receiver", pid: receiver.pid, children: false },
      { label: "postgres receiver", pid: far.pid, children: true },
    ],
    stored: () => receiver.ask(COUNT_STORED, null),
  };
}
