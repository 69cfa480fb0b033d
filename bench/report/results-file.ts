import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../environment.ts";
import type { Options } from "../options.ts";
import type { ScenarioSummary } from "./summary.ts";

export const RESULTS = join(import.meta.dirname, "..", "results");

/** Everything a run found out, for programs. */
export interface Results {
  readonly started_at: string;
  readonly finished_at: string;
  readonly environment: Environment;
  readonly options: Options;
  readonly scenarios: readonly ScenarioSummary[];
}

/** A name for the run, of the time it started at, that every file system takes. */
export function runName(startedAt: Date): string {
  return startedAt.toISOString().slice(0, 19).replaceAll(":", "-");
}

/** @returns the path of the file */
export async function writeResults(name: string, results: Results): Promise<string> {
  await mkdir(RESULTS, { recursive: true });
  const path = join(RESULTS, `${name}.json`);
  await writeFile(path, `${JSON.stringify(results, null, 2)}\n`);
  return path;
}
