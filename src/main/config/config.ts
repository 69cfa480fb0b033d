import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { OPTION_NAMES, OPTIONS, type Option, type OptionName } from "./options.ts";

/** The settings of a hub, checked, with every fallback filled in that does not depend on the data folder. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  readonly instanceId: string | null;
  readonly team: string;
  readonly publicUrl: string | null;
  /** Addresses, ranges or names of ranges whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  readonly cipherKey: string | null;
  readonly teamRateLimit: number;
  readonly globalRateLimit: number;
  readonly retentionDays: number;
  readonly retentionMb: number;
  readonly dedupDays: number;
  readonly segmentEvents: number;
  readonly poolSize: number;
  readonly requireBearer: boolean;
  readonly acceptBatches: boolean;
  readonly loginApproval: "local" | "key" | "off";
  readonly refusalBodyBytes: number;
  /** Files of the certificate to serve TLS with; null for plain HTTP. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  readonly console: boolean;
  readonly logLevel: string;
  readonly logFormat: "json" | "pretty";
}

export type Source = "flag" | "env" | "file" | "default";

/** What the command line asks for besides settings. */
export interface Commands {
  readonly printConfig: boolean;
  /** Print one line of JSON when ready, for scripts. */
  readonly json: boolean;
  /** Open the console in the person's browser when it is served. */
  readonly open: boolean;
  /** Run a federation to look at, in a folder that is removed at the end. */
  readonly demo: boolean;
  readonly exportFile: string | null;
  readonly importFile: string | null;
  /** Import without the secrets of the file. */
  readonly withoutSecrets: boolean;
}

export interface Loaded {
  readonly config: Config;
  readonly commands: Commands;
  readonly sources: Readonly<Record<OptionName, Source>>;
  readonly values: Readonly<Record<OptionName, unknown>>;
}

/** Every problem of a configuration at once, each with where it stands and what would be right. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.map((p) => `  - ${p}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

const COMMANDS = {
  help: { type: "boolean", short: "h", about: "Show this help." },
  version: { type: "boolean", about: "Show the version." },
  "print-config": { type: "boolean", about: "Show every setting and where it comes from, and end." },
  json: { type: "boolean", about: "Print one line of JSON when ready, for scripts." },
  open: { type: "boolean", about: "Open the console in the browser when the hub is ready; with --console." },
  demo: { type: "boolean", about: "Run three hubs with traffic to look at, in a folder that is removed at the end." },
  config: { type: "string", about: "Configuration file (JSON). KITE_CONFIG; default: config.json in the data folder." },
  export: {
    type: "string",
    about:
      "Write the whole hub to a file, and end; its secrets only if KITE_EXPORT_PASSPHRASE is set, encrypted with it.",
  },
  import: {
    type: "string",
    about: "Read such a file into an empty hub, and end; KITE_EXPORT_PASSPHRASE as it was then.",
  },
  "without-secrets": { type: "boolean", about: "With --import: leave out the secrets that the file has." },
} as const;

export interface Environment {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: boolean;
  /** The data folder where none is set. @throws when there is no place for one */
  readonly defaultDataDir: () => string;
}

/**
 * Merges flags, environment, file and fallbacks, in this order of precedence, and checks everything.
 * @throws ConfigError naming every problem
 */
export function loadConfig(environment: Environment): Loaded {
  const problems: string[] = [];
  const flags = readFlags(environment.argv, problems);
  const envValue = (name: OptionName): string | undefined => {
    const value = environment.env[OPTIONS[name].env];
    return value === undefined || value === "" ? undefined : value;
  };

  const rawDataDir = flags.values["data-dir"] ?? envValue("data_dir");
  const dataDir = resolve(typeof rawDataDir === "string" ? rawDataDir : environment.defaultDataDir());
  const configFlag = flags.values["config"] ?? environment.env["KITE_CONFIG"];
  const file = readFile(typeof configFlag === "string" ? resolve(configFlag) : null, dataDir, problems);

  const sources = {} as Record<OptionName, Source>;
  const values = {} as Record<OptionName, unknown>;
  for (const name of OPTION_NAMES) {
    const option: Option = OPTIONS[name];
    const given: [Source, string, unknown][] = [
      ["flag", `--${option.flag}`, flags.values[option.flag]],
      ["env", option.env, envValue(name)],
      ["file", `${name} in ${file.path}`, file.values[name]],
    ];
    sources[name] = "default";
    for (const [source, where, raw] of given) {
      if (raw === undefined) continue;
      const parsed = option.schema.safeParse(raw);
      if (parsed.success) values[name] = parsed.data;
      else
        problems.push(
          `${where} ${parsed.error.issues.map((issue) => issue.message).join(", ")}` +
            `${option.secret === true ? "" : ` (it is ${JSON.stringify(raw)})`}`,
        );
      sources[name] = source;
      break;
    }
  }
  for (const name of Object.keys(file.values))
    if (!(name in OPTIONS))
      problems.push(`${file.path} has an unknown setting "${name}". See --help for the settings.`);
  const dedupDays = number(values.dedup_days, 14);
  const retentionDays = number(values.retention_days, 7);
  if (dedupDays < retentionDays)
    problems.push(
      `${OPTIONS.dedup_days.env} (${dedupDays}) must not be less than ${OPTIONS.retention_days.env} (${retentionDays}): ` +
        "ids must be remembered at least as long as their events.",
    );
  const certFile = string(values.tls_cert);
  const keyFile = string(values.tls_key);
  if ((certFile === null) !== (keyFile === null))
    problems.push(`${OPTIONS.tls_cert.env} and ${OPTIONS.tls_key.env} belong together: set both, or neither.`);
  const alone = ["export", "import", "demo"].filter((name) => flags.values[name] !== undefined);
  if (alone.length > 1)
    problems.push(
      `${alone.map((name) => `--${name}`).join(" and ")} cannot be given together: run one after the other.`,
    );
  if (flags.values["without-secrets"] === true && flags.values["import"] === undefined)
    problems.push("--without-secrets says how to import: give --import FILE too.");
  if (problems.length > 0) throw new ConfigError(problems);

  const config: Config = {
    host: string(values.host) ?? "127.0.0.1",
    port: number(values.port, 7_700),
    dataDir,
    databaseUrl: string(values.database_url),
    instanceId: string(values.instance_id),
    team: string(values.team) ?? "local",
    publicUrl: string(values.public_url),
    trustedProxies: Array.isArray(values.trust_proxy) ? values.trust_proxy.map(String) : [],
    cipherKey: string(values.cipher_key),
    teamRateLimit: number(values.team_rate_limit, 0),
    globalRateLimit: number(values.global_rate_limit, 0),
    retentionDays,
    retentionMb: number(values.retention_mb, 0),
    dedupDays,
    segmentEvents: number(values.segment_events, 500_000),
    poolSize: number(values.pool_size, 8),
    requireBearer: values.require_bearer !== false,
    acceptBatches: values.accept_batches !== false,
    loginApproval: values.login_approval === "key" || values.login_approval === "off" ? values.login_approval : "local",
    refusalBodyBytes: number(values.refusal_body_bytes, 0),
    tls: certFile === null || keyFile === null ? null : { certFile: resolve(certFile), keyFile: resolve(keyFile) },
    console: values.console === true,
    logLevel: string(values.log_level) ?? "info",
    logFormat:
      values.log_format === "json" || (values.log_format === undefined && !environment.terminal) ? "json" : "pretty",
  };
  const commands: Commands = {
    printConfig: flags.values["print-config"] === true,
    json: flags.values["json"] === true,
    open: flags.values["open"] === true,
    demo: flags.values["demo"] === true,
    exportFile: string(flags.values["export"]),
    importFile: string(flags.values["import"]),
    withoutSecrets: flags.values["without-secrets"] === true,
  };
  return { config, commands, sources, values: { ...values, data_dir: dataDir } };
}

const string = (value: unknown): string | null => (typeof value === "string" ? value : null);
const number = (value: unknown, fallback: number): number => (typeof value === "number" ? value : fallback);

function readFlags(argv: readonly string[], problems: string[]): { values: Record<string, unknown> } {
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {};
  for (const [name, command] of Object.entries(COMMANDS))
    options[name] = { type: command.type, ...("short" in command ? { short: command.short } : {}) };
  const bare = new Set<string>();
  for (const name of OPTION_NAMES) {
    const option: Option = OPTIONS[name];
    options[option.flag] = { type: option.bare === true ? "boolean" : "string" };
    if (option.bare === true) bare.add(option.flag);
  }
  const { values, tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") problems.push(`"${token.value}" is not a flag. See --help.`);
    if (token.kind !== "option") continue;
    const known = options[token.name];
    if (known === undefined) problems.push(`${token.rawName} is not a flag of this program. See --help.`);
    else if (
      known.type === "string" &&
      (token.value === undefined || (!token.inlineValue && token.value.startsWith("--")))
    )
      problems.push(`${token.rawName} needs a value.`);
    else if (known.type === "boolean" && token.value !== undefined && !bare.has(token.name))
      problems.push(`${token.rawName} takes no value.`);
  }
  return { values: values as Record<string, unknown> };
}

const FileValues = z.record(z.string(), z.unknown());

function readFile(
  named: string | null,
  dataDir: string,
  problems: string[],
): { path: string; values: Record<string, unknown> } {
  const path = named ?? join(dataDir, "config.json");
  if (named === null && !existsSync(path)) return { path, values: {} };
  try {
    const parsed = FileValues.safeParse(JSON.parse(readFileSync(path, "utf8")));
    if (parsed.success) return { path, values: parsed.data };
    problems.push(`The configuration file ${path} must hold one JSON object, such as {"port": 7701}.`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    problems.push(`The configuration file ${path} cannot be read: ${why}. Check it, or --config and KITE_CONFIG.`);
  }
  return { path, values: {} };
}

/** A setting for people: its value with secrets masked, and where that comes from. */
export interface DescribedSetting {
  readonly name: OptionName;
  readonly flag: string;
  readonly env: string;
  readonly value: string;
  readonly from: string;
  readonly meaning: string;
}

export function describeSettings(loaded: Loaded): DescribedSetting[] {
  return OPTION_NAMES.map((name) => {
    const { fallback, secret, flag, env, about }: Option = OPTIONS[name];
    const value = loaded.values[name];
    const shown = value === undefined ? fallback : secret === true ? "(secret)" : String(value);
    return { name, flag: `--${flag}`, env, value: shown, from: sourceText(loaded, name), meaning: about };
  });
}

/** The settings as lines: name, value and where it comes from. */
export function describeConfig(loaded: Loaded): string {
  const rows = describeSettings(loaded).map(({ name, value, from }) => [name, value, from] as const);
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  return rows
    .map(([name, value, source]) => `${name.padEnd(width(0))}  ${value.padEnd(width(1))}  ${source}`)
    .join("\n");
}

function sourceText(loaded: Loaded, name: OptionName): string {
  switch (loaded.sources[name]) {
    case "flag":
      return `flag --${OPTIONS[name].flag}`;
    case "env":
      return `environment ${OPTIONS[name].env}`;
    default:
      return loaded.sources[name];
  }
}

/** The text of `--help`. */
export function helpText(): string {
  const flagRows = Object.entries(COMMANDS).map(([name, command]) => [
    `${"short" in command ? `-${command.short}, ` : ""}--${name}${command.type === "string" ? " FILE" : ""}`,
    command.about,
  ]);
  const optionRows = OPTION_NAMES.map((name) => {
    const option = OPTIONS[name];
    return [
      `--${option.flag}${"bare" in option ? "" : " VALUE"}`,
      `${option.about} ${option.env}; default: ${option.fallback}`,
    ];
  });
  const rows = [...flagRows, ...optionRows];
  const width = Math.max(...rows.map(([name]) => name?.length ?? 0));
  return [
    "Kite Desktop: a federation hub for Kite.",
    "",
    "  npm start -- [flags]        the app; with --browser, its console in the browser",
    "  npm run server -- [flags]   the hub alone; once built, node out/main/server.js [flags] does the same",
    "",
    ...rows.map(([name, about]) => `  ${(name ?? "").padEnd(width)}  ${about}`),
    "",
    "A flag wins over the environment, the environment over the configuration file. There a setting has the name of its",
    'flag, with _ for -: {"retention_days": 3}.',
  ].join("\n");
}

/** The settings as a Markdown table, for the README. */
export function configTable(): string {
  const rows = OPTION_NAMES.map((name) => {
    const option = OPTIONS[name];
    return `| \`--${option.flag}\` | \`${option.env}\` | ${option.fallback} | ${option.about} |`;
  });
  return ["| flag | environment | default | what it is for |", "|---|---|---|---|", ...rows].join("\n");
}
