import { readdirSync, readFileSync } from "node:fs";

/** One line of the account of processor time. */
export interface CpuGroup {
  readonly label: string;
  readonly pid: number;
  /** The process's children count too, those that have ended included: PostgreSQL has one for each connection. */
  readonly children: boolean;
}

/** Milliseconds of processor time that each group has used since it began, by label. */
export type CpuSnapshot = Readonly<Record<string, number>>;

/** Linux shows processor time to programs in hundredths of a second, whatever its own clock is. */
const TICK_MS = 10;

interface ProcessTimes {
  readonly parent: number;
  readonly own: number;
  /** Of children that have ended and were waited for. */
  readonly ended: number;
}

/** @returns null where there is no /proc to read it from */
export function cpuSnapshot(groups: readonly CpuGroup[]): CpuSnapshot | null {
  if (process.platform !== "linux") return null;
  const parents = groups.filter(({ children }) => children).map(({ pid }) => pid);
  const families = new Map(parents.map((pid) => [pid, 0]));
  if (families.size > 0)
    for (const name of readdirSync("/proc")) {
      const times = /^\d+$/.test(name) ? readTimes(Number(name)) : null;
      const sum = times === null ? undefined : families.get(times.parent);
      if (times !== null && sum !== undefined) families.set(times.parent, sum + times.own);
    }
  return Object.fromEntries(
    groups.map(({ label, pid, children }) => {
      const times = readTimes(pid);
      if (times === null) return [label, 0];
      return [label, times.own + (children ? times.ended + (families.get(pid) ?? 0) : 0)];
    }),
  );
}

/** @returns microseconds of each group for each of `events`; nothing where there is no account */
export function cpuPerEvent(before: CpuSnapshot | null, after: CpuSnapshot | null, events: number): CpuSnapshot {
  if (before === null || after === null || events === 0) return {};
  return Object.fromEntries(
    Object.entries(after).map(([label, ms]) => [label, ((ms - (before[label] ?? 0)) * 1_000) / events]),
  );
}

/** Reads proc_pid_stat(5); null when the process has ended. */
function readTimes(pid: number): ProcessTimes | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return null;
  }
  // The name, in parentheses, may hold anything; what follows begins with the third field.
  const fields = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [, parent = 0, , , , , , , , , , user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields;
  return { parent, own: (user + system) * TICK_MS, ended: (endedUser + endedSystem) * TICK_MS };
}
