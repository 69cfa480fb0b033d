import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { makeDataFolder, removeDataFolder } from "../support/data-folder.ts";
import { HubProcess, runServer } from "../support/hub-process.ts";
import { isRunning, PostgresOfHub, signalAll } from "../support/postgres-of-hub.ts";
import { StreamClient } from "../support/stream-client.ts";
import { until } from "../support/until.ts";

let dataDir: string;
let hub: HubProcess;
let postgres: PostgresOfHub;

beforeAll(async () => {
  dataDir = await makeDataFolder();
  hub = await HubProcess.start({ dataDir, instanceId: "hub-a" });
  postgres = new PostgresOfHub(dataDir);
}, 120_000);

afterAll(async () => {
  await hub?.stop();
  await removeDataFolder(dataDir);
});

/** Posts until the answer is as wished. @returns how many answers came before */
async function postUntil(id: string, status: number, deadlineMs: number): Promise<{ before: number[] }> {
  const before: number[] = [];
  await until(
    () => `posting is answered ${status}; it was ${before}\n${hub.stderr.slice(-2_000)}`,
    async () => {
      const answer = await hub.client.post({ id });
      if (answer.status === 503) expect(Number(answer.retryAfter)).toBeGreaterThan(0);
      if (answer.status === status) return true;
      before.push(answer.status);
      return false;
    },
    deadlineMs,
  );
  return { before };
}

async function readiness(): Promise<number> {
  return (await fetch(`${hub.ready.url}/health/ready`)).status;
}

describe("a running hub", () => {
  test("meets the end of its PostgreSQL with 503 and Retry-After, and works again by itself", async () => {
    const stream = await StreamClient.open(hub.client.address, { clientId: "patient" });
    onTestFinished(() => stream.drop());
    const killed = await postgres.pids();
    signalAll(killed, "SIGKILL");
    // Whatever the moment: accepted, or told to try again. Never anything else.
    const { before } = await postUntil("after-the-kill", 202, 30_000);
    expect(before.filter((status) => status !== 503)).toEqual([]);
    expect(await postgres.pid()).not.toBe(killed[0]);
    await until("the listener is told", () => stream.events.some(({ event }) => event.id === "after-the-kill"));
    await until("the hub calls itself ready", async () => (await readiness()) === 200);
  }, 60_000);

  test("that waits for a PostgreSQL which does not answer says so, and goes on when it does", async (context) => {
    if (process.platform === "win32") context.skip("Windows cannot stop a process without ending it");
    const pids = await postgres.pids();
    signalAll(pids, "SIGSTOP");
    onTestFinished(() => signalAll(pids, "SIGCONT"));
    const posting = hub.client.post({ id: "during-the-silence" });
    await until("the hub calls itself unready", async () => (await readiness()) === 503);
    expect((await fetch(`${hub.ready.url}/health/live`)).status).toBe(200);
    const answer = await posting;
    expect(answer.status).toBe(503);
    expect(Number(answer.retryAfter)).toBeGreaterThan(0);
    signalAll(pids, "SIGCONT");
    await until("it accepts again", async () =>
      [200, 202].includes((await hub.client.post({ id: "during-the-silence" })).status),
    );
    expect((await hub.client.events({ id: "during-the-silence" })).length).toBe(1);
  }, 90_000);

  test("keeps a second hub off its folder, and is not disturbed by it", async () => {
    const { code, stdout, stderr } = await runServer(["--json", "--port", "0", "--data-dir", dataDir]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/in use by another hub \(process \d+\).*KITE_DATA_DIR or --data-dir/);
    expect(stderr).toContain(`process ${hub.pid}`);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect((await hub.client.post({ id: "undisturbed" })).outcome).toBe("accepted");
  });

  test("describes itself: health, OpenAPI and metrics", async () => {
    const health = z
      .object({
        status: z.string(),
        ready: z.boolean(),
        instance_id: z.string(),
        federation: z.object({ batch: z.boolean() }),
      })
      .parse(await (await fetch(`${hub.ready.url}/health`)).json());
    expect(health).toMatchObject({ status: "ok", ready: true, instance_id: "hub-a", federation: { batch: true } });
    expect((await fetch(`${hub.ready.url}/docs`)).status).toBe(200);
    expect(await (await fetch(`${hub.ready.url}/metrics`)).text()).toMatch(/^kite_events_accepted_total\{.*\} [1-9]/m);
  });

  test("stops cleanly: what was accepted is kept, and no process is left", async () => {
    const pids = [hub.pid, ...(await postgres.pids())];
    const inFlight = Array.from({ length: 20 }, (_, n) => hub.client.post({ id: `last-${n}` }).catch(() => null));
    await inFlight[0];
    const { code } = await hub.stop();
    expect(code).toBe(0);
    await until("every process is gone", async () => !(await Promise.all(pids.map(isRunning))).includes(true));
    const answers = await Promise.all(inFlight);
    const accepted = answers.flatMap((answer, n) => (answer?.outcome === "accepted" ? [`last-${n}`] : []));
    expect(accepted.length).toBeGreaterThan(0);

    hub = await HubProcess.start(hub.options);
    const kept = new Set((await hub.client.events()).map(({ id }) => id));
    expect(accepted.filter((id) => !kept.has(id))).toEqual([]);
  }, 60_000);

  test("has the same keys after a start, and says what is wrong when its secret key is gone", async () => {
    const { ready } = hub;
    await hub.stop();
    hub = await HubProcess.start(hub.options);
    expect({ ...hub.ready, url: "", hook_url: "" }).toEqual({ ...ready, url: "", hook_url: "" });
    expect(new URL(hub.ready.hook_url).pathname).toBe(new URL(ready.hook_url).pathname);

    await hub.stop();
    await rm(`${dataDir}/secret.key`);
    const { code, stderr } = await runServer(["--json", "--port", "0", "--data-dir", dataDir]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/key/);
    expect(stderr).not.toMatch(/\n\s+at /);
  }, 60_000);
});
