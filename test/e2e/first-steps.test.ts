import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { makeDataFolder, removeDataFolder } from "../support/data-folder.ts";
import { pair } from "../support/hub-client.ts";
import { freePort, HubProcess } from "../support/hub-process.ts";
import { StreamClient, type StreamClientOptions } from "../support/stream-client.ts";
import { until } from "../support/until.ts";

/** Two hubs as a user starts them, with everything they print at the most talkative level. */
const folders: string[] = [];
const flags = ["--log-level", "trace", "--log-format", "json"];
let a: HubProcess;
let b: HubProcess;
let tokens: readonly string[];
let printed = "";

beforeAll(async () => {
  const start = async (instanceId: string): Promise<HubProcess> => {
    const dataDir = await makeDataFolder();
    folders.push(dataDir);
    return HubProcess.start({ dataDir, instanceId, flags, port: await freePort() });
  };
  [a, b] = await Promise.all([start("instance-a"), start("instance-b")]);
  ({ tokens } = await pair(a.client, b.client));
}, 120_000);

afterAll(async () => {
  await Promise.all([a?.stop(), b?.stop()]);
  await Promise.all(folders.map(removeDataFolder));
});

async function listen(hub: HubProcess, options: StreamClientOptions = {}): Promise<StreamClient> {
  const client = await StreamClient.open(hub.client.address, {
    // As the CLI does after its handler.
    onEvent: ({ seq }, self) => self.ack(seq),
    ...options,
  });
  onTestFinished(() => client.drop());
  return client;
}

const ids = (client: StreamClient): string[] => client.events.map(({ event }) => event.id);

describe("a user's first steps, on the built server", () => {
  test("a posted webhook is seen on the stream, wrapped as a CloudEvent with its seq", async () => {
    const stream = await listen(a);
    expect(stream.connected.clientId).not.toBe("");
    // The curl line of the start text.
    const response = await fetch(a.ready.hook_url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"hello":"kite"}',
    });
    expect(response.status).toBe(202);
    const answer = z.object({ status: z.literal("accepted"), id: z.string() }).parse(await response.json());

    await until("it is on the stream", () => ids(stream).includes(answer.id));
    const frame = stream.events.find(({ event }) => event.id === answer.id);
    expect(frame?.event).toMatchObject({
      specversion: "1.0",
      type: "com.demo.event",
      data: { hello: "kite" },
      kiteseq: frame?.seq,
    });
  });

  test("it arrives at a second hub that is a peer, with its provenance", async () => {
    const stream = await listen(b);
    await a.client.post({ id: "to-both", type: "com.example.order", data: { total: 12.5 } });
    await until("it is on B's stream", () => ids(stream).includes("to-both"));
    const { event } = stream.events.find(({ event: { id } }) => id === "to-both") ?? {};
    expect(event).toMatchObject({
      data: { total: 12.5 },
      kitefedorigin: "instance-a",
      kitefedchain: '["instance-a"]',
      kitefedhops: 1,
    });
  });

  test("what is posted while the second hub is stopped arrives when it is back", async () => {
    const { options } = b;
    const stopped = await b.stop();
    printed += stopped.stderr;
    expect(stopped.code).toBe(0);
    const missed = Array.from({ length: 25 }, (_, index) => `while-away-${index}`);
    for (const id of missed) expect((await a.client.post({ id })).outcome).toBe("accepted");
    b = await HubProcess.start(options);
    await until(
      "everything has arrived",
      async () => {
        const there = new Set((await b.client.events()).map(({ id }) => id));
        return missed.every((id) => there.has(id));
      },
      30_000,
    );
    expect((await b.client.events()).filter(({ id }) => missed.includes(id))).toHaveLength(missed.length);
  }, 60_000);

  test("an agent on A writes to an agent on B, in both shapes, and nobody else is told", async () => {
    const [executor, other] = await Promise.all([
      listen(b, { scopes: ["agent_to:executor"] }),
      listen(b, { scopes: ["agent_to:somebody-else"] }),
    ]);
    const send = async (message: object): Promise<void> => {
      await a.client.api("POST", `/api/v1/agents/messages?team_id=${a.ready.team_id}`, message);
    };
    await send({ from: "orchestrator", to: "executor", body: "please process", thread_id: "t-1" });
    await send({
      from: "orchestrator",
      to: `${b.ready.url}/agents/executor`,
      payload: { task: "process_invoice", amount: 12.5 },
    });
    await until("both messages are with the agent", () => executor.events.length === 2);
    expect(executor.events.map(({ event }) => event["data"])).toEqual([
      { from: "orchestrator", to: "executor", body: "please process", thread_id: "t-1" },
      { to: `${b.ready.url}/agents/executor`, payload: { task: "process_invoice", amount: 12.5 } },
    ]);
    expect(executor.events.map(({ event }) => event.source)).toEqual([
      "https://getkite.sh/agents/orchestrator",
      `${a.ready.url}/agents/orchestrator`,
    ]);
    expect(other.events).toEqual([]);
  });

  test("a listener with a client id goes on where it had acknowledged", async () => {
    const clientId = "resumes";
    const first = await listen(a, { clientId });
    await a.client.post({ id: "first" });
    await until("the first event is there", () => ids(first).includes("first"));
    await first.drop();
    await a.client.post({ id: "second" });
    // Without an acknowledgement of its own, as after a handler that failed.
    const second = await listen(a, { clientId, onEvent: () => undefined });
    await until("the second event is there", () => ids(second).includes("second"));
    await second.drop();
    const third = await listen(a, { clientId });
    await until("the second event is there again", () => ids(third).includes("second"));
  });

  test("standard output is one line of JSON, and no secret is in the log, however talkative", async () => {
    await fetch(a.ready.hook_url, { method: "POST", body: "{" });
    await fetch(`${a.ready.url}/api/federation/peers`, { headers: { authorization: `Bearer ${a.ready.admin_key}` } });
    const ended = await Promise.all([a.stop(), b.stop()]);
    const secrets = [a, b].flatMap(({ ready: { api_key, admin_key, hook_url } }) => [
      api_key,
      admin_key,
      new URL(hook_url).pathname.split("/").at(-1) ?? "",
    ]);
    for (const { code, stdout, stderr } of ended) {
      expect(code).toBe(0);
      expect(stdout).toMatch(/^\{.*\}\n$/);
      printed += stderr;
    }
    // The log was on, or this would prove nothing.
    expect(printed).toContain("listener connected");
    for (const secret of [...secrets, ...tokens]) {
      expect(secret.length).toBeGreaterThan(16);
      expect(printed.includes(secret)).toBe(false);
    }
  });
});
