// npm run bench: runs scenarios, prints their tables and writes everything down. README.md says how to read it.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describeEnvironment, type Environment, environmentText, makeFolder } from "./environment.ts";
import { helpText, type Options, readOptions, UsageError } from "./options.ts";
import { Resources } from "./processes/resources.ts";
import { Profiler } from "./profile/profiler.ts";
import { RESULTS, runName, writeResults } from "./report/results-file.ts";
import { ScenarioReport } from "./report/scenario-report.ts";
import { type ScenarioSummary, summarize } from "./report/summary.ts";
import { goalTable, scenarioTable } from "./report/table.ts";
import { Bench, type Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";

const FAILED = 1;
const USAGE = 2;

/** The user does not want to wait any longer. */
class Interruption extends Error {
  override readonly name = "Interruption";
}

async function main(): Promise<number> {
  const known = scenarios.map(({ name }) => name);
  const request = readOptions(process.argv.slice(2), known);
  if ("show" in request) {
    console.log(request.show === "list" ? known.join("\n") : helpText(scenarios));
    return 0;
  }
  const options = request.run;
  const startedAt = new Date();
  const name = runName(startedAt);
  const folder = await makeFolder();
  const interruption = rejectOnSignals();
  try {
    const environment = await describeEnvironment(folder);
    console.log(environmentText(environment));
    const chosen = scenarios.filter((each) => options.scenarios.length === 0 || options.scenarios.includes(each.name));
    const summaries: ScenarioSummary[] = [];
    let failed = false;
    for (const scenario of chosen) {
      const report = await runScenario(scenario, options, join(folder, scenario.name), name, interruption);
      summaries.push(summarize(report));
      failed ||= report.failed;
      // After each one: a run of an hour should not lose everything with its last minute.
      await save(name, startedAt, environment, options, summaries);
    }
    console.log(goalTable(summaries));
    if (options.quick) console.log("\nThese runs were short: they show that everything works, not how fast it is.");
    console.log(`\nWritten to ${await save(name, startedAt, environment, options, summaries)}`);
    return failed ? FAILED : 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runScenario(
  scenario: Scenario,
  options: Options,
  folder: string,
  runId: string,
  interruption: Promise<never>,
): Promise<ScenarioReport> {
  const { name, title, run } = scenario;
  const report = new ScenarioReport(name, title);
  const profiler = options.prof ? new Profiler(join(RESULTS, `${runId}-profiles`, name)) : null;
  const resources = new Resources();
  let statements = "";
  try {
    await mkdir(folder, { mode: 0o711 });
    await Promise.race([run(new Bench({ options, report, resources, folder }, profiler)), interruption]);
    statements = (await profiler?.statements()) ?? "";
  } catch (error) {
    if (error instanceof Interruption) throw error;
    report.error = error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    await resources.release();
    await rm(folder, { recursive: true, force: true });
  }
  console.log(scenarioTable(summarize(report)));
  if (profiler !== null) console.log(`\n${await profiler.functions()}\n\n${statements}`);
  return report;
}

function save(
  name: string,
  startedAt: Date,
  environment: Environment,
  options: Options,
  summaries: readonly ScenarioSummary[],
): Promise<string> {
  return writeResults(name, {
    started_at: startedAt.toISOString(),
    finished_at: new Date().toISOString(),
    environment,
    options,
    scenarios: summaries,
  });
}

/** @returns what is rejected by the first signal to end; from then on, signals are waited out */
function rejectOnSignals(): Promise<never> {
  const interruption = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.on(signal, () => reject(new Interruption(`${signal}: everything was stopped and removed.`)));
  });
  // Nobody may be waiting for it at the moment.
  interruption.catch(() => undefined);
  return interruption;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof UsageError || error instanceof Interruption ? error.message : error);
  process.exitCode = error instanceof UsageError ? USAGE : FAILED;
}
