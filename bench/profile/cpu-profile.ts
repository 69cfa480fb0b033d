import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";

const Profile = z.object({
  nodes: z.array(
    z.object({
      id: z.int(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.int() }),
    }),
  ),
  samples: z.array(z.int()),
  /** Microseconds since the sample before. */
  timeDeltas: z.array(z.number()),
});

/** A function and the time that was spent in itself, not in what it called. */
export interface SelfTime {
  readonly name: string;
  readonly where: string;
  readonly ms: number;
}

export interface ProfileSummary {
  readonly functions: readonly SelfTime[];
  /** Time in which the process did something. */
  readonly busyMs: number;
}

const IDLE = "(idle)";

/** Reads what `node --cpu-prof` left in a folder; several runs are added up. Busiest first, idling left out. */
export async function readProfiles(folder: string): Promise<ProfileSummary> {
  const times = new Map<string, SelfTime>();
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".cpuprofile")) continue;
    const { nodes, samples, timeDeltas } = Profile.parse(JSON.parse(await readFile(join(folder, name), "utf8")));
    const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
    samples.forEach((id, index) => {
      const frame = frames.get(id);
      if (frame === undefined || frame.functionName === IDLE) return;
      const where = frame.url === "" ? "" : `${basename(frame.url)}:${frame.lineNumber + 1}`;
      const name = frame.functionName || "(anonymous)";
      const key = `${name} ${frame.url}:${frame.lineNumber}`;
      const ms = (times.get(key)?.ms ?? 0) + (timeDeltas[index] ?? 0) / 1_000;
      times.set(key, { name, where, ms });
    });
  }
  const functions = [...times.values()].sort((a, b) => b.ms - a.ms);
  return { functions, busyMs: functions.reduce((sum, { ms }) => sum + ms, 0) };
}
