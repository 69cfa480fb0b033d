import { newRun } from "../load/events.ts";
import { type Heard, LISTEN, type ListenTarget } from "../load/listening.ts";
import { SEND_CLOSED, SEND_OPEN, type Sent, type Target } from "../load/sending.ts";
import type { LatencySummary } from "../measure/latency.ts";
import { type CpuGroup, type CpuSnapshot, cpuPerEvent, cpuSnapshot } from "../processes/cpu.ts";
import type { Worker } from "../processes/worker.ts";
import type { Bench } from "../scenario.ts";
import { checkAnswers } from "./accept-run.ts";

/** A way from where events are posted to where listeners get them. */
export interface Way {
  readonly label: string;
  readonly target: Target;
  readonly listen: ListenTarget;
  readonly cpuGroups: readonly CpuGroup[];
  /** Events that the far end has stored, all runs together. */
  readonly stored: () => Promise<number>;
}

/** A way with a listener at its end. */
export interface OpenWay extends Way {
  readonly listener: Worker;
  readonly sockets: number;
}

export async function openWay(bench: Bench, way: Way, sockets = 1): Promise<OpenWay> {
  return { ...way, sockets, listener: await bench.startListener(way.listen, sockets) };
}

const PATIENCE_MS = 30_000;

export interface SustainedResult {
  /** Events a second, from the first one sent to the last one received. */
  readonly rate: number;
  /** Events accepted a second, at the near end, meanwhile. */
  readonly acceptRate: number;
  readonly cpu: CpuSnapshot;
}

/** Sends so many events with a fixed number of requests in flight, and waits until all of them are at the listener. */
export async function measureSustained(
  bench: Bench,
  way: OpenWay,
  sender: Worker,
  load: { readonly inFlight: number; readonly events: number },
): Promise<SustainedResult> {
  const { sent, heard, cpu } = await observe(bench, way, sender, load.events, (run) =>
    sender.ask(SEND_CLOSED, {
      target: way.target,
      run,
      ids: "random",
      batch: 1,
      inFlight: load.inFlight,
      warmupMs: 0,
      until: { events: load.events },
    }),
  );
  return {
    rate: (load.events * 1_000) / (heard.lastAt - sent.firstSentAt),
    acceptRate: sent.accepted / sent.seconds,
    cpu,
  };
}

export interface LatencyResult {
  readonly latency: LatencySummary;
  readonly heard: Heard;
  readonly sent: Sent;
  readonly cpu: CpuSnapshot;
}

/** Sends at a fixed rate; an event's latency counts from the time it was to be sent at. */
export async function measureLatency(
  bench: Bench,
  way: OpenWay,
  sender: Worker,
  load: { readonly perSecond: number; readonly seconds: number },
): Promise<LatencyResult> {
  const events = Math.round(load.perSecond * load.seconds);
  const { sent, heard, cpu } = await observe(bench, way, sender, events, (run) =>
    sender.ask(SEND_OPEN, {
      target: way.target,
      run,
      ids: "random",
      batch: 1,
      perSecond: load.perSecond,
      events,
      connections: 64,
    }),
  );
  return { latency: heard.latency, heard, sent, cpu };
}

/** Listens, sends, and checks that every event came to every listener, once, and was stored at the far end, once. */
async function observe(
  bench: Bench,
  way: OpenWay,
  sender: Worker,
  events: number,
  send: (run: string) => Promise<Sent>,
): Promise<{ sent: Sent; heard: Heard; cpu: CpuSnapshot }> {
  const run = newRun();
  const groups = [
    ...way.cpuGroups,
    { label: "sender (load)", pid: sender.pid, children: false },
    { label: "listener (load)", pid: way.listener.pid, children: false },
  ];
  const storedBefore = await way.stored();
  const before = cpuSnapshot(groups);
  const hearing = await startListening(way.listener, run, events);
  const sent = await send(run);
  const heard = await hearing.heard;
  const after = cpuSnapshot(groups);
  const { report } = bench;
  checkAnswers(bench, sent);
  report.check(`${way.label}: events at the listener, each counted once`, events * way.sockets, heard.received);
  report.check(`${way.label}: events at the listener a second time`, 0, heard.repeated);
  report.check(`${way.label}: events stored at the far end`, events, (await way.stored()) - storedBefore);
  report.check(`${way.label}: listeners cut off`, 0, heard.closed.length);
  if (heard.closed.length > 0) report.notes.push(`${way.label}: listeners were cut off: ${heard.closed.slice(0, 3)}`);
  return { sent, heard, cpu: cpuPerEvent(before, after, events) };
}

/**
 * Has the listeners count a run. Resolves when they do; what they heard comes later, and is wrapped, because a promise
 * of a promise would wait for both.
 */
export async function startListening(
  listener: Worker,
  run: string,
  events: number,
  patienceMs = PATIENCE_MS,
): Promise<{ readonly heard: Promise<Heard> }> {
  let heard: Promise<Heard> | undefined;
  await new Promise<void>((resolve, reject) => {
    heard = listener.ask(LISTEN, { run, events, patienceMs }, () => resolve());
    heard.catch(reject);
  });
  if (heard === undefined) throw new Error("listening without having asked");
  return { heard };
}
