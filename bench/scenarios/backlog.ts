import { setTimeout as sleep } from "node:timers/promises";
import { newRun } from "../load/events.ts";
import { SEND_CLOSED } from "../load/sending.ts";
import { now } from "../measure/clock.ts";
import { cpuPerEvent, cpuSnapshot } from "../processes/cpu.ts";
import type { Worker } from "../processes/worker.ts";
import { startListening } from "../runs/end-to-end-run.ts";
import { fill } from "../runs/fill.ts";
import type { Bench, Scenario } from "../scenario.ts";
import type { Hub } from "../systems/hub.ts";
import { link } from "../systems/hub-pair.ts";
import { headOf } from "../systems/sql.ts";

/** How fast a peer that was away gets what it has missed. */
export const backlog: Scenario = {
  name: "backlog",
  title: "Draining a backlog after the peer returns",
  about: "(e) 100,000 events are owed when the peer returns: how long until a listener there has them",
  run,
};

/** Retries wait longer the longer a peer has been away. */
const PATIENCE_MS = 300_000;
const WARM_UP_EVENTS = 1_000;
const ROUNDS = 3;
/** Until the hub has written the listener's last acknowledgement, which is sent within milliseconds. */
const ACK_WRITTEN_MS = 500;

async function run(bench: Bench): Promise<void> {
  const { options, report } = bench;
  const near = await bench.startHub({ name: "a" });
  let far = await bench.startHub({ name: "b" });
  await link(near, far);
  const sender = bench.startSender();
  const drain = report.addSeries("drain, from the first event to the last", "events/s");
  const wait = report.addSeries("from the peer's return to the first event", "s");
  const whole = report.addSeries("from the peer's return to the last event", "s");

  await bench.rounds(
    async () => {
      await warmUp(bench, near, far, sender);
      const { port } = far;
      const storedBefore = await headOf(far.connection);
      await far.stop();
      const { run: name, events } = await fill(bench, sender, near.target, options.backlogEvents);

      far = await bench.startHub({ name: "b", port });
      const returned = now();
      const groups = [...near.cpuGroups, ...far.cpuGroups];
      const before = cpuSnapshot(groups);
      // It resumes at the cursor that it had: what was delivered before it came is replayed to it.
      const listener = await bench.startListener(far.stream);
      const heard = await (await startListening(listener, name, events, PATIENCE_MS)).heard;
      const after = cpuSnapshot(groups);
      await listener.stop();
      drain.add((events * 1_000) / (heard.lastAt - heard.firstAt), cpuPerEvent(before, after, events));
      wait.add((heard.firstAt - returned) / 1_000);
      whole.add((heard.lastAt - returned) / 1_000);
      report.check("events of the backlog at the listener, each counted once", events, heard.received);
      report.check("events of the backlog stored at the peer", events, (await headOf(far.connection)) - storedBefore);
      if (heard.repeated > 0) report.notes.push(`${heard.repeated} events came to the listener a second time.`);
    },
    Math.min(options.rounds, ROUNDS),
  );
}

/** Lets some events through, and leaves a cursor of the listener behind. */
async function warmUp(bench: Bench, near: Hub, far: Hub, sender: Worker): Promise<void> {
  const listener = await bench.startListener(far.stream);
  const name = newRun();
  const listening = await startListening(listener, name, WARM_UP_EVENTS);
  await sender.ask(SEND_CLOSED, {
    target: near.target,
    inFlight: 32,
    ids: "random",
    batch: 1,
    run: name,
    warmupMs: 0,
    until: { events: WARM_UP_EVENTS },
  });
  const { received } = await listening.heard;
  bench.report.check("events of the warm-up at the listener", WARM_UP_EVENTS, received);
  await sleep(ACK_WRITTEN_MS);
  await listener.stop();
}
