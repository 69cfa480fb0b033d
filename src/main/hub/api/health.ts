import { z } from "zod";
import { inTime } from "../in-time.ts";
import type { HealthProbes } from "./ports.ts";
import { type Api, about, problemsOf, type RouteContext } from "./routes.ts";

const TAG = "Operation";

/** A database that takes longer than this to say hello is not to be had. */
const PING_TIMEOUT_MS = 2_000;

const HealthObject = z
  .object({
    status: z.enum(["ok", "starting", "degraded", "stopping"]),
    live: z.boolean(),
    ready: z.boolean(),
    version: z.string(),
    instance_id: z.string(),
    federation: z
      .object({ batch: z.boolean(), instance_id: z.string() })
      .describe("What other hubs learn from here: that batches are taken, and who this is."),
  })
  .meta({ id: "Health" });

const ReadyObject = z.object({ ready: z.boolean(), reasons: z.array(z.string()) });

/** Why the hub cannot do its work now; empty when it can. */
export type Readiness = () => Promise<string[]>;

/** The database is asked one question at a time, however many callers there are: anybody may ask, and often. */
export function createReadiness(probes: HealthProbes): Readiness {
  let asking: Promise<boolean> | null = null;
  const answers = (): Promise<boolean> => {
    asking ??= probes
      .pingDatabase()
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        asking = null;
      });
    return asking;
  };
  return () => reasons(probes, answers);
}

async function reasons(probes: HealthProbes, answers: () => Promise<boolean>): Promise<string[]> {
  switch (probes.phase()) {
    case "starting":
      return ["The hub is starting."];
    case "migrating":
      return ["The database is being migrated to this version."];
    case "stopping":
      return ["The hub is stopping."];
    case "running":
      return (await inTime(answers(), PING_TIMEOUT_MS)) === true ? [] : ["The database does not answer."];
  }
}

/** `/health`, `/health/live` and `/health/ready`: open to everyone. */
export function healthRoutes(app: Api, { deps }: RouteContext): void {
  const { registry, version, health } = deps;
  const readiness = createReadiness(health);

  app.get(
    "/health",
    {
      schema: {
        ...about(TAG, "getHealth", "Say who this is and how it is", "2xx as long as the process runs."),
        security: [],
        response: { 200: HealthObject, ...problemsOf([500]) },
      },
    },
    async () => {
      const ready = (await readiness()).length === 0;
      const { instanceId } = registry;
      return {
        status: ready ? ("ok" as const) : STATUS[health.phase()],
        live: true,
        ready,
        version,
        instance_id: instanceId,
        federation: { batch: deps.health.announcesBatches, instance_id: instanceId },
      };
    },
  );

  app.get(
    "/health/live",
    {
      schema: {
        ...about(TAG, "getLiveness", "Say that the process runs"),
        security: [],
        response: { 200: z.object({ live: z.boolean() }), ...problemsOf([500]) },
      },
    },
    async () => ({ live: true }),
  );

  app.get(
    "/health/ready",
    {
      schema: {
        ...about(TAG, "getReadiness", "Say whether events can be accepted", "503 with the reasons when they cannot."),
        security: [],
        response: { 200: ReadyObject, 503: ReadyObject, ...problemsOf([500]) },
      },
    },
    async (_request, reply) => {
      const reasons = await readiness();
      return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
    },
  );
}

const STATUS = {
  starting: "starting",
  migrating: "starting",
  running: "degraded",
  stopping: "stopping",
} as const;
