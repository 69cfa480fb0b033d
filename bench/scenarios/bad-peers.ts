import { randomBytes } from "node:crypto";
import { z } from "zod";
import { Worker } from "../processes/worker.ts";
import type { Series } from "../report/scenario-report.ts";
import { measureLatency, type OpenWay, openWay, type Way } from "../runs/end-to-end-run.ts";
import { hubWay } from "../runs/ways.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { START_BAD_PEERS } from "../systems/bad-peers-calls.ts";
import type { Hub } from "../systems/hub.ts";

/** One bad peer harms no other: a healthy one's latency alone, and beside one that hangs and one that fails. */
export const badPeers: Scenario = {
  name: "bad-peers",
  title: "Latency to a healthy peer, beside one that hangs and one that answers 500",
  about: "(h) latency to a healthy peer, alone and beside two bad ones",
  run,
};

const PER_SECOND = 200;

async function run(bench: Bench): Promise<void> {
  const { options, report } = bench;
  const alone = await hubWay(bench, { label: "alone", names: ["a", "b"], batches: true });
  const beside = await hubWay(bench, { label: "beside bad peers", names: ["c", "d"], batches: true });
  const script = new URL("../systems/bad-peers.ts", import.meta.url);
  const urls = await Worker.start("bad peers", script, bench.resources).ask(START_BAD_PEERS, null);
  await addPeer(beside.link.from, "hanging", urls.hanging);
  await addPeer(beside.link.from, "failing", urls.failing);

  const [first, second] = [await open(bench, alone), await open(bench, beside)];
  report.compare("p99 beside bad peers / alone", second.p99, first.p99);

  const sender = bench.startSender();
  await bench.rounds(async () => {
    for (const { way, p50, p99 } of [first, second]) {
      await measureLatency(bench, way, sender, { perSecond: PER_SECOND, seconds: options.latencyWarmupSeconds });
      const load = { perSecond: PER_SECOND, seconds: options.latencySeconds };
      const { latency, cpu } = await measureLatency(bench, way, sender, load);
      p50.add(latency.p50, cpu);
      p99.add(latency.p99);
    }
  }, options.latencyRounds);
}

async function open(bench: Bench, way: Way): Promise<{ way: OpenWay; p50: Series; p99: Series }> {
  const label = `healthy peer ${way.label}`;
  return {
    way: await openWay(bench, way),
    p50: bench.report.addSeries(`${label}, p50 at ${PER_SECOND}/s`, "ms"),
    p99: bench.report.addSeries(`${label}, p99 at ${PER_SECOND}/s`, "ms"),
  };
}

async function addPeer(hub: Hub, name: string, url: string): Promise<void> {
  const token = (): string => randomBytes(24).toString("base64url");
  const peer = { name, peer_hook_url: url, outbound_token: token(), inbound_token: token() };
  await hub.api("POST", "/api/federation/peers", z.object({ id: z.string() }), peer);
}
