import { readFileSync } from "node:fs";
import { errorCode } from "./errors.ts";

/** True when a process with this id exists and has not ended. A zombie, which only waits to be reaped, has ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    if (errorCode(error) !== "EPERM") return false;
  }
  const state = linuxStat(pid)?.state;
  return state !== "Z" && state !== "X";
}

/**
 * When the process began, in clock ticks since the machine booted. Together with the pid and the boot it names one
 * process for ever, where a pid alone is soon given to another.
 * @returns undefined where the platform does not tell (anything but Linux)
 */
export function startTicks(pid: number): string | undefined {
  return linuxStat(pid)?.startTicks;
}

/** Names the present run of this machine; undefined where the platform does not tell (anything but Linux). */
export function bootId(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return undefined;
  }
}

/** Fields 3 and 22 of /proc/PID/stat, as proc(5) counts them. */
function linuxStat(pid: number): { state: string; startTicks: string } | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 2, the name in parentheses, may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, ticks] = [fields[0], fields[19]];
    return state === undefined || ticks === undefined ? undefined : { state, startTicks: ticks };
  } catch {
    return undefined;
  }
}
