import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 20;

/**
 * Waits for a child to end by itself, as it was asked to; ends it by force when it does not.
 * @param patienceMs how long to wait
 */
export async function endProcess(child: ChildProcess, patienceMs = 5_000): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await ended;
  clearTimeout(timer);
}

/**
 * Ends a process that is no child of ours: first as it likes to be ended, then by force.
 * @param politely the signal it takes for a request to stop
 */
export async function endPid(pid: number, politely: NodeJS.Signals, patienceMs = 10_000): Promise<void> {
  signal(pid, politely);
  for (const deadline = performance.now() + patienceMs; isAlive(pid); await sleep(POLL_MS)) {
    if (performance.now() > deadline) {
      signal(pid, "SIGKILL");
      return;
    }
  }
}

export function isAlive(pid: number): boolean {
  return signal(pid, 0);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
