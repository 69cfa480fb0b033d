import { type IdKind, newRun } from "../load/events.ts";
import { SEND_CLOSED, type Sent, type Target } from "../load/sending.ts";
import { type CpuGroup, type CpuSnapshot, cpuPerEvent, cpuSnapshot } from "../processes/cpu.ts";
import type { Worker } from "../processes/worker.ts";
import type { Bench } from "../scenario.ts";

export interface AcceptRun {
  readonly target: Target;
  readonly inFlight: number;
  readonly ids?: IdKind;
  /** Events of a request. */
  readonly batch?: number;
  /** By default as long as the options say. */
  readonly until?: { readonly events: number };
  readonly cpuGroups: readonly CpuGroup[];
}

export interface AcceptResult {
  /** Events a second that were answered as accepted. */
  readonly rate: number;
  readonly cpu: CpuSnapshot;
  readonly sent: Sent;
}

/**
 * Measures how many events are accepted in a second, and checks that none was answered in another way. With `until`
 * there is no warm-up, and every event is measured.
 */
export async function measureAccept(bench: Bench, sender: Worker, run: AcceptRun): Promise<AcceptResult> {
  const { target, inFlight, ids = "random", batch = 1, until } = run;
  const { rateSeconds, warmupSeconds } = bench.options;
  const groups = [...run.cpuGroups, { label: "sender (load)", pid: sender.pid, children: false }];
  const snapshots: (CpuSnapshot | null)[] = [];
  const sent = await sender.ask(
    SEND_CLOSED,
    {
      target,
      inFlight,
      ids,
      batch,
      run: newRun(),
      warmupMs: until === undefined ? warmupSeconds * 1_000 : 0,
      until: until ?? { ms: rateSeconds * 1_000 },
    },
    () => snapshots.push(cpuSnapshot(groups)),
  );
  const [before = null, after = null] = snapshots;
  checkAnswers(bench, sent);
  return { rate: sent.measured / sent.seconds, cpu: cpuPerEvent(before, after, sent.measured), sent };
}

/** Every event must have been accepted: what is refused quickly would make a high rate. */
export function checkAnswers({ report }: Bench, sent: Sent): void {
  report.check("events answered as accepted, of those posted", sent.posted, sent.accepted);
  if (sent.posted !== sent.accepted) report.notes.push(`Answers of a run: ${JSON.stringify(sent.answers)}`);
}
