import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Binaries } from "./binaries.ts";

/** PostgreSQL's fast shutdown (end sessions, write what is dirty), immediate shutdown (recover later), and force. */
type StopSignal = "INT" | "QUIT" | "KILL";

/** A signal, and how long to wait for its effect, in milliseconds. */
type Step = readonly [StopSignal, number];

/** How long each is given. A fast shutdown may have hundreds of megabytes to write to a slow disk. */
const ESCALATION: readonly Step[] = [
  ["INT", 30_000],
  ["QUIT", 10_000],
  ["KILL", 5_000],
];
const POLL_MS = 5;

/**
 * Stops a server, harder each time it does not follow.
 * @param isGone asked again and again whether it has ended
 * @returns whether it has
 */
export async function stopServer(
  pid: number,
  binaries: Binaries,
  isGone: () => boolean | Promise<boolean>,
  escalation: readonly Step[] = ESCALATION,
): Promise<boolean> {
  for (const [name, patienceMs] of escalation) {
    if (await isGone()) return true;
    signalServer(pid, binaries, name);
    for (const until = performance.now() + patienceMs; performance.now() < until; await sleep(POLL_MS))
      if (await isGone()) return true;
  }
  return isGone();
}

/** Sends a signal to a server; to one that has ended, it does nothing. Synchronous, for use at exit. */
export function signalServer(pid: number, binaries: Binaries, name: StopSignal): void {
  if (process.platform === "win32") {
    // There, Node's signals just end a process, while the server listens for PostgreSQL's own kind on a pipe.
    spawnSync(binaries.pgCtl, ["kill", name, String(pid)], { windowsHide: true });
    return;
  }
  try {
    process.kill(pid, `SIG${name}`);
  } catch {
    // It has ended already.
  }
}
