import { parseArgs } from "node:util";
import { z } from "zod";

/** How much is measured. Times in seconds. */
export interface Options {
  /** Names of scenarios; empty for all. */
  readonly scenarios: readonly string[];
  readonly quick: boolean;
  readonly prof: boolean;
  /** Interleaved rounds; the table shows their medians. */
  readonly rounds: number;
  /** Rounds of latencies, which take much longer. */
  readonly latencyRounds: number;
  /** How long a rate is measured, and how long the load runs before. */
  readonly rateSeconds: number;
  readonly warmupSeconds: number;
  /** How long a latency is measured, and how long the load runs before: at a low rate V8 takes longer to be warm. */
  readonly latencySeconds: number;
  readonly latencyWarmupSeconds: number;
  /** How long the load of an end-to-end run runs before the first round. */
  readonly endToEndWarmupSeconds: number;
  /** Events of an end-to-end run, and of one of the pg-boss assembly, which takes several times as long for each. */
  readonly endToEndEvents: number;
  readonly pgBossEvents: number;
  /** Sizes of the log, besides the empty one, and how many events are measured on each. */
  readonly logSizes: readonly number[];
  readonly logRunEvents: number;
  readonly backlogEvents: number;
  readonly listeners: number;
  /** How long frames are counted. */
  readonly frameSeconds: number;
  /** Events in the log that is scrolled through. */
  readonly scrollEvents: number;
  /** Events that the console holds when it filters, and those of an hour. */
  readonly bufferedEvents: number;
  readonly hourEvents: number;
}

const FULL = {
  rounds: 5,
  latencyRounds: 3,
  rateSeconds: 5,
  warmupSeconds: 2,
  latencySeconds: 60,
  latencyWarmupSeconds: 8,
  endToEndWarmupSeconds: 10,
  endToEndEvents: 50_000,
  pgBossEvents: 10_000,
  logSizes: [1_000_000, 5_000_000],
  logRunEvents: 50_000,
  backlogEvents: 100_000,
  listeners: 1_000,
  frameSeconds: 20,
  scrollEvents: 1_000_000,
  bufferedEvents: 100_000,
  hourEvents: 72_000,
} as const;

/** Shows that everything runs and counts; its numbers are too short to be quoted. */
const QUICK = {
  rounds: 1,
  latencyRounds: 1,
  rateSeconds: 1,
  warmupSeconds: 0.5,
  latencySeconds: 5,
  latencyWarmupSeconds: 0.5,
  endToEndWarmupSeconds: 0.5,
  endToEndEvents: 5_000,
  pgBossEvents: 1_000,
  logSizes: [10_000, 50_000],
  logRunEvents: 5_000,
  backlogEvents: 5_000,
  listeners: 100,
  frameSeconds: 4,
  scrollEvents: 10_000,
  bufferedEvents: 5_000,
  hourEvents: 5_000,
} as const;

const FLAGS = {
  quick: { type: "boolean", about: "Short runs, one round: shows that everything works, not how fast it is." },
  rounds: { type: "string", about: "Interleaved rounds." },
  "rate-seconds": { type: "string", about: "Length of a measured rate." },
  "latency-seconds": { type: "string", about: "Length of a measured latency; a p99 needs a minute." },
  "log-sizes": { type: "string", about: "Events in the log, separated by commas, in ascending order." },
  rows: { type: "string", about: "Events in the log that the console scrolls through." },
  prof: { type: "boolean", about: "Profile the hubs, and print where their time and their database's time goes." },
  list: { type: "boolean", about: "Name the scenarios, and end." },
  help: { type: "boolean", about: "Show this help." },
} as const;

/** What the command line asks for: a run, or only a text. */
export type Request = { readonly run: Options } | { readonly show: "help" | "list" };

/** A mistake in the command line, in a sentence. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const positive = z.coerce.number("must be a number").positive("must be above zero");
const sizes = z.preprocess(
  (text) => (typeof text === "string" ? text.split(",") : text),
  z
    .array(z.coerce.number("must be numbers, separated by commas").int().positive("must be above zero"))
    .refine((list) => list.every((size, at) => size > (list[at - 1] ?? 0)), "must ascend"),
);

/**
 * @param known names of all scenarios
 * @throws UsageError
 */
export function readOptions(argv: readonly string[], known: readonly string[]): Request {
  const { values, positionals } = parse(argv);
  if (values.help) return { show: "help" };
  if (values.list) return { show: "list" };
  const stranger = positionals.find((name) => !known.includes(name));
  if (stranger !== undefined) throw new UsageError(`There is no scenario ${stranger}; there are ${known.join(", ")}.`);
  const base = values.quick ? QUICK : FULL;
  const rounds = read("rounds", positive.int("must be a whole number"), values.rounds);
  return {
    run: {
      ...base,
      scenarios: positionals,
      quick: values.quick === true,
      prof: values.prof === true,
      rounds: rounds ?? base.rounds,
      latencyRounds: Math.min(rounds ?? base.latencyRounds, FULL.latencyRounds),
      rateSeconds: read("rate-seconds", positive, values["rate-seconds"]) ?? base.rateSeconds,
      latencySeconds: read("latency-seconds", positive, values["latency-seconds"]) ?? base.latencySeconds,
      scrollEvents: read("rows", positive.int("must be a whole number"), values.rows) ?? base.scrollEvents,
      logSizes: read("log-sizes", sizes, values["log-sizes"]) ?? base.logSizes,
    },
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function read<T>(flag: string, schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(`--${flag} ${parsed.error.issues[0]?.message ?? "is wrong"}, and is ${JSON.stringify(text)}.`);
}

/** The text of `--help`. */
export function helpText(scenarios: readonly { readonly name: string; readonly about: string }[]): string {
  const flags = Object.entries(FLAGS).map(([name, { type, about }]) => [
    `--${name}${type === "string" ? " N" : ""}`,
    about,
  ]);
  const rows = [...flags, ...scenarios.map(({ name, about }) => [name, about])];
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  const line = ([name = "", about = ""]: readonly string[]): string => `  ${name.padEnd(width)}  ${about}`;
  return [
    "Measures the hub beside what it stands on and what one would use instead. bench/README.md says how to read it.",
    "",
    "Usage: npm run bench -- [scenario …] [flags]",
    "",
    ...rows.slice(0, flags.length).map(line),
    "",
    "Scenarios, all of them unless some are named:",
    "",
    ...rows.slice(flags.length).map(line),
    "",
    "KITE_BENCH_DIR names the folder for databases; by default it is the system's folder for temporary files.",
  ].join("\n");
}
