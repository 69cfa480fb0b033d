import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { countOf } from "../shared/count-of.ts";
import { type Finding, lint, mapOfTopology, SEVERITIES, type Severity } from "../shared/debugger/index.ts";
import { labTopology, readMaxHops, sayFileProblems, TopologyFile, withMaxHops } from "../shared/lab/index.ts";

const FOUND = 1;
const USAGE = 2;

const HELP = `npm run lint:topology -- [options] file.json

Says what there is to know about a topology before any traffic: cycles and the rule that breaks each, instances out of
reach and the smallest sufficient hop limit, copies, cloned ids, ends that disagree. The file holds a topology, or a lab.
Exit code: 0 when there is nothing as grave as --fail-on, 1 when there is, 2 when the file cannot be read.

  --max-hops N        the hop limit of every link, in place of those in the file
  --fail-on SEVERITY  error, warning or info (default: warning)
  --json              print the findings as a JSON array
  --help              this text

  {"shape": "ring", "instances": 4, "maxHops": 2}
  {"instances": [{"key": "A"}, {"key": "B"}], "links": [{"from": "A", "to": "B", "scopes": ["stripe.*"]}]}`;

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const complain = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** @throws Error that says what is wrong with the file */
async function findingsOf(path: string, maxHops: number | null): Promise<Finding[]> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const read = TopologyFile.safeParse(value);
  if (!read.success) throw new Error(`${path} is neither a topology nor a lab:\n${sayFileProblems(read.error)}`);
  const topology = maxHops === null ? read.data : withMaxHops(read.data, maxHops);
  return lint({ map: mapOfTopology(labTopology(topology), 0), seen: [] });
}

function show({ severity, rule, sentence, fix }: Finding): string {
  const line = `${severity.padEnd(8)}${rule.padEnd(15)}${sentence}`;
  return fix === null ? line : `${line}\n${" ".repeat(23)}Fix: ${fix.sentence}`;
}

function readOptions(): { path: string; failOn: Severity; json: boolean; maxHops: number | null } | number {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        "fail-on": { type: "string" },
        "max-hops": { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) {
      print(HELP);
      return 0;
    }
    const failOn = SEVERITIES.find((severity) => severity === (values["fail-on"] ?? "warning"));
    if (failOn === undefined) throw new Error(`--fail-on must be ${SEVERITIES.join(", ")}.`);
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new Error("Name one file with a topology.");
    const limit = values["max-hops"];
    return { path, failOn, json: values.json === true, maxHops: limit === undefined ? null : readMaxHops(limit) };
  } catch (error) {
    complain(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return USAGE;
  }
}

async function run(): Promise<number> {
  const options = readOptions();
  if (typeof options === "number") return options;
  let findings: Finding[];
  try {
    findings = await findingsOf(options.path, options.maxHops);
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return USAGE;
  }
  if (options.json) print(JSON.stringify(findings, null, 2));
  else for (const finding of findings) print(show(finding));
  const limit = SEVERITIES.indexOf(options.failOn);
  const grave = findings.filter(({ severity }) => SEVERITIES.indexOf(severity) <= limit).length;
  if (!options.json)
    print(
      findings.length === 0
        ? "Nothing found."
        : `\n${countOf(findings.length, "finding")}, ${grave === 0 ? "none" : grave} of them ${options.failOn}${limit > 0 ? " or graver" : ""}.`,
    );
  return grave === 0 ? 0 : FOUND;
}

process.exitCode = await run();
