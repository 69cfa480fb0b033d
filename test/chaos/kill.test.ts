import { expect, onTestFinished, test } from "vitest";
import { temporaryDataFolder } from "../support/data-folder.ts";
import { HubClient, pair } from "../support/hub-client.ts";
import { freePort, HubProcess } from "../support/hub-process.ts";
import { PostgresOfHub, signalAll } from "../support/postgres-of-hub.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { until } from "../support/until.ts";
import { DurableListener } from "./durable-listener.ts";
import { Load } from "./load.ts";

const KILLS = 20;
const SENDERS = 8;
const VICTIMS = ["hub", "hub", "postgres", "postgres and its children", "both"] as const;

/** A hub that is started again, on the same folder and port, whenever it was killed. */
class Phoenix {
  readonly postgres: PostgresOfHub;
  process: HubProcess;

  private constructor(process: HubProcess) {
    this.process = process;
    this.postgres = new PostgresOfHub(process.options.dataDir);
  }

  static async start(instanceId: string): Promise<Phoenix> {
    const dataDir = await temporaryDataFolder();
    const options = { dataDir, instanceId, port: await freePort(), flags: ["--log-level", "warn"] };
    const phoenix = new Phoenix(HubProcess.spawn(options));
    onTestFinished(async () => {
      await phoenix.process.stop();
    });
    await phoenix.process.whenReady();
    return phoenix;
  }

  async kill(victim: (typeof VICTIMS)[number]): Promise<void> {
    const pids = await this.#postgresPids(victim === "postgres and its children");
    if (victim === "hub" || victim === "both") {
      const killed = this.process.kill();
      if (victim === "both") signalAll(pids, "SIGKILL");
      await killed;
      this.process = HubProcess.spawn(this.process.options);
      await this.process.whenReady();
    } else signalAll(pids, "SIGKILL");
  }

  /** Of the server that runs; right after a kill there may be none yet. */
  #postgresPids(children: boolean): Promise<number[]> {
    return until("PostgreSQL can be found", async () =>
      children ? await this.postgres.pids() : [await this.postgres.pid()],
    );
  }

  async committedCursor(clientId: string): Promise<number | null> {
    const rows = await this.postgres.query<{ seq: string }>("SELECT seq FROM cursors WHERE client_id = $1", [clientId]);
    return rows[0] === undefined ? null : Number(rows[0].seq);
  }
}

test("nothing accepted is lost while the hub and its PostgreSQL are killed twenty times", async () => {
  const random = new SeededRandom(Number(process.env["KITE_CHAOS_SEED"] ?? Date.now() % 1_000_000));
  process.stdout.write(`chaos: KITE_CHAOS_SEED=${random.seed} plays this run again\n`);
  const began = performance.now();
  const [a, b] = await Promise.all([Phoenix.start("hub-a"), Phoenix.start("hub-b")]);
  const retry = { ages_ms: [100, 300, 600, 1_000, 2_000, 3_600_000], min_attempts: 100 };
  const atA = a.process.client;
  const atB = b.process.client;
  await pair(atA, atB, { aToB: { retry }, bToA: { retry }, nameOfA: "hub-a", nameOfB: "hub-b" });

  const listen = (hub: Phoenix, clientId: string): DurableListener => {
    const listener = new DurableListener({
      clientId,
      address: () => hub.process.client.address,
      committedCursor: () => hub.committedCursor(clientId),
      random: new SeededRandom(random.between(0, 2 ** 31)),
      dropEvery: 400,
    });
    onTestFinished(() => listener.stop());
    return listener;
  };
  const [listenerA, listenerB] = [listen(a, "chaos-a"), listen(b, "chaos-b")];
  await until("both listeners are connected", () => listenerA.connections > 0 && listenerB.connections > 0);

  const load = new Load(new HubClient(atA.address, 10_000), SENDERS);
  const killed: Record<string, number> = {};
  try {
    for (let kill = 1; kill <= KILLS; kill++) {
      const enough = load.sent.size + random.between(1, 120);
      await until(
        () =>
          `${enough} events are answered, for kill ${kill} of seed ${random.seed}\n${a.process.stderr.slice(-2_000)}`,
        () => load.sent.size >= enough,
        45_000,
      );
      const victim = random.pick(VICTIMS);
      killed[victim] = (killed[victim] ?? 0) + 1;
      const alsoB = random.chance(0.15);
      if (alsoB) killed["peer"] = (killed["peer"] ?? 0) + 1;
      await Promise.all([a.kill(victim), alsoB ? b.kill("hub") : null]);
    }
    const last = load.sent.size + 100;
    await until("the hub works after the last kill", () => load.sent.size >= last, 45_000);
    await load.stop();
  } finally {
    // After a failure no hub may be there to answer, and the senders would hide it behind the test's time limit.
    await load.abandon();
  }

  const answered = [...load.sent.values()];
  const quiet = performance.now();
  let open = "";
  await until(
    () => `all is quiet (seed ${random.seed}): ${open}`,
    async () => {
      const [owedA, owedB] = [await atA.owed(), await atB.owed()];
      const untold = (listener: DurableListener): number => answered.filter(({ id }) => !listener.seqOf.has(id)).length;
      const [untoldA, untoldB] = [untold(listenerA), untold(listenerB)];
      open = `A owes ${owedA}, B owes ${owedB}; their listeners still miss ${untoldA} and ${untoldB} of ${answered.length}`;
      return owedA + owedB + untoldA + untoldB === 0;
    },
    60_000,
  );
  const settled = performance.now();

  const [logA, logB] = [await atA.events(), await atB.events()];
  const seconds = (from: number, to: number): string => ((to - from) / 1_000).toFixed(1);
  process.stdout.write(
    `chaos: ${answered.length} events accepted, ${KILLS} kills (${JSON.stringify(killed)}), ${load.failures} requests ` +
      `without an answer, ${load.duplicates} retries that were duplicates, ${listenerA.connections} + ` +
      `${listenerB.connections} connections, ${listenerA.redelivered} + ${listenerB.redelivered} events told again; ` +
      `quiet ${seconds(quiet, settled)} s after the load, ${seconds(began, performance.now())} s in all\n`,
  );

  expect(load.unexpected).toEqual([]);
  expect(listenerA.problems).toEqual([]);
  expect(listenerB.problems).toEqual([]);

  // Every event answered is in both logs once, at the seq that was answered, which the listener was told as well.
  const wanted = answered.map(({ id }) => id).sort();
  expect(logA.map(({ id }) => id).sort()).toEqual(wanted);
  expect(logB.map(({ id }) => id).sort()).toEqual(wanted);
  const seqOf = new Map(logA.map(({ id, seq }) => [id, seq]));
  expect(answered.filter(({ id, seq }) => seq !== null && seqOf.get(id) !== seq)).toEqual([]);
  expect(Object.fromEntries(listenerA.seqOf)).toEqual(Object.fromEntries(seqOf));
  expect(Object.fromEntries(listenerB.seqOf)).toEqual(Object.fromEntries(logB.map(({ id, seq }) => [id, seq])));

  // No seq was left out or given twice, and what came to the peer came by one hop.
  expect(logA.map(({ seq }) => seq)).toEqual(wanted.map((_, index) => index + 1));
  expect(logB.map(({ seq }) => seq)).toEqual(wanted.map((_, index) => index + 1));
  expect(logB.filter(({ copy }) => copy.hops !== 1 || copy.chain.join() !== "hub-a")).toEqual([]);
  expect(load.failures).toBeGreaterThan(0);
}, 300_000);
