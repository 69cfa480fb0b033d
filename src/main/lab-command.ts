import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LabFile, type LabReport, readMaxHops, sayFileProblems, sayReport, withMaxHops } from "../shared/lab/index.ts";
import { Lab, openLabGround } from "./lab/index.ts";
import { createLogger } from "./logger.ts";
import { PostgresError, startPostgres } from "./postgres/index.ts";

const FAILED = 1;
const USAGE = 2;

const HELP = `npm run lab -- [options] file.json [more.json …]

Runs labs without a window: starts the hubs a file describes, takes its steps, and checks what it expects.
Exit code: 0 when everything is as expected, 1 when something is not, 2 when a file cannot be read.

  --max-hops N  the hop limit of every link, in place of those in the files
  --json        print the reports as JSON, one object for each lab
  --log LEVEL   what the hubs log to standard error: debug, info, warn, error (default: none of it)
  --help        this text

Labs to begin with are in resources/labs; their schema is resources/labs/schema.json.`;

const MIGRATIONS = join(import.meta.dirname, "..", "..", "resources", "migrations");
/** A lab's databases live for a minute: there is nothing to survive a power cut. */
const SETTINGS = { fsync: "off", full_page_writes: "off", synchronous_commit: "off", max_connections: "250" };

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const complain = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

interface Options {
  readonly files: readonly string[];
  readonly json: boolean;
  readonly log: string;
  /** Of every link; null: as the files say. */
  readonly maxHops: number | null;
}

/** What is asked for; the exit code when that is all there is to do. */
function readOptions(argv: readonly string[]): Options | number {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        log: { type: "string" },
        "max-hops": { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) {
      print(HELP);
      return 0;
    }
    if (positionals.length === 0) throw new Error("Which lab? Name a file, such as resources/labs/diamond.json.");
    const limit = values["max-hops"];
    const maxHops = limit === undefined ? null : readMaxHops(limit);
    return { files: positionals, json: values.json === true, log: values.log ?? "silent", maxHops };
  } catch (error) {
    complain(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return USAGE;
  }
}

/** @throws Error that says which file, and what is wrong with it */
async function readLab(path: string, maxHops: number | null): Promise<LabFile> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const read = LabFile.safeParse(value);
  if (read.success)
    return maxHops === null ? read.data : { ...read.data, topology: withMaxHops(read.data.topology, maxHops) };
  throw new Error(`${path} is not a lab:\n${sayFileProblems(read.error)}`);
}

async function runLabs(files: readonly LabFile[], options: Options, signal: AbortSignal): Promise<LabReport[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "kite-lab-"));
  const log = createLogger({ level: options.log, format: "json" });
  try {
    const server = await startPostgres({ dataDir, settings: SETTINGS, log: (line) => log.debug(line), signal });
    try {
      const ground = await openLabGround((database) => server.connection(database), MIGRATIONS);
      const reports: LabReport[] = [];
      for (const file of files) {
        const lab = await Lab.open(file, { ground, migrations: MIGRATIONS, log, version: "lab" });
        try {
          const report = await lab.run(signal);
          print(options.json ? JSON.stringify(report) : `${sayReport(report)}\n`);
          reports.push(report);
        } finally {
          await lab.close();
        }
      }
      return reports;
    } finally {
      await server.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function run(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === "number") return options;
  let labs: LabFile[];
  try {
    labs = await Promise.all(options.files.map((path) => readLab(path, options.maxHops)));
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return USAGE;
  }
  const ending = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => ending.abort(new Error(name)));
  const reports = await runLabs(labs, options, ending.signal);
  return reports.every(({ ok }) => ok) ? 0 : FAILED;
}

try {
  process.exitCode = await run();
} catch (error) {
  const known = error instanceof PostgresError || (error instanceof Error && error.name === "Error");
  complain(known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = FAILED;
}
