import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type App, startApp } from "./app.ts";
import { ConfigError, describeConfig, describeSettings, helpText, type Loaded, loadConfig } from "./config/index.ts";
import { MigrationError, SecretKeyError, TransferError } from "./hub/index.ts";
import { createLogger } from "./logger.ts";
import { defaultDataDir, PostgresError } from "./postgres/index.ts";
import { readyJson, readyText } from "./ready.ts";
import { exportFile, importFile } from "./transfer-files.ts";

/** Exit codes: 1 for what went wrong while running, 2 for what was asked for wrongly. */
const FAILED = 1;
const USAGE = 2;

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const complain = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

function version(): string {
  const path = join(import.meta.dirname, "..", "..", "package.json");
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path, "utf8"))).version;
}

function load(): Loaded {
  const isRoot = process.getuid?.() === 0;
  return loadConfig({
    argv: process.argv.slice(2),
    env: process.env,
    terminal: process.stderr.isTTY === true,
    defaultDataDir: () => defaultDataDir(process.env, process.platform, isRoot),
  });
}

/** Errors whose message says all that a person needs; anything else is a fault of ours, and shown with its stack. */
function describe(error: unknown): string {
  if (
    error instanceof ConfigError ||
    error instanceof PostgresError ||
    error instanceof MigrationError ||
    error instanceof SecretKeyError ||
    error instanceof TransferError
  )
    return error.message;
  if (error instanceof Error && "code" in error) {
    if (error.code === "EADDRINUSE")
      return "The port is in use by another program. Choose another one with --port or KITE_PORT; 0 takes a free one.";
    if (error.code === "EACCES" && "syscall" in error && error.syscall === "listen")
      return "The port may not be opened by this user. Choose one above 1023 with --port or KITE_PORT.";
    if (error.code === "EADDRNOTAVAIL")
      return "This machine has no such address. Set --host or KITE_HOST to one it has.";
    if (error.code === "28P01" || error.code === "28000")
      return `PostgreSQL does not let this user in: ${error.message}. Check KITE_DATABASE_URL.`;
    if (error.code === "ECONNREFUSED" || error.code === "ENOTFOUND" || error.code === "3D000")
      return `The database cannot be reached: ${error.message}. Check KITE_DATABASE_URL.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A signal to a whole process group reaches this process directly and through its launcher: that is one wish. */
const SAME_WISH_MS = 1_000;

/** Stops the app on the first signal, in an orderly way; on the second one the process ends at once. */
function stopOnSignals(app: () => App | null, starting: AbortController): void {
  let first: number | null = null;
  const onSignal = (name: NodeJS.Signals): void => {
    if (first !== null) {
      if (performance.now() - first > SAME_WISH_MS) process.exit(FAILED);
      return;
    }
    first = performance.now();
    complain(`${name}: stopping; once more ends at once.`);
    starting.abort();
    app()
      ?.stop()
      .then(
        () => process.exit(0),
        (error) => {
          complain(describe(error));
          process.exit(FAILED);
        },
      );
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const) {
    try {
      process.on(name, onSignal);
    } catch {
      // Not every platform has every signal.
    }
  }
}

/** @returns the exit code; null while the hub runs */
async function run(starting: AbortController): Promise<number | null> {
  const loaded = load();
  const { config, commands } = loaded;
  if (commands.help) print(helpText());
  else if (commands.version) print(version());
  else if (commands.printConfig) print(describeConfig(loaded));
  if (commands.help || commands.version || commands.printConfig) return 0;

  const log = createLogger({ level: config.logLevel, format: config.logFormat });
  let app: App | null = null;
  stopOnSignals(() => app, starting);
  const transfer = {
    log,
    version: version(),
    signal: starting.signal,
    passphrase: process.env["KITE_EXPORT_PASSPHRASE"] ?? null,
  };
  if (commands.exportFile !== null) print(await exportFile(config, commands.exportFile, transfer));
  else if (commands.importFile !== null) print(await importFile(config, commands.importFile, transfer));
  if (commands.exportFile !== null || commands.importFile !== null) return 0;
  app = await startApp(config, {
    log,
    version: version(),
    signal: starting.signal,
    described: describeSettings(loaded),
  });
  if (starting.signal.aborted) {
    await app.stop();
    return 0;
  }
  print(commands.json ? readyJson(app) : readyText(app));
  return null;
}

const starting = new AbortController();
try {
  const code = await run(starting);
  if (code !== null) process.exit(code);
} catch (error) {
  if (starting.signal.aborted) {
    complain("Stopped before the hub was ready.");
    process.exit(0);
  }
  complain(describe(error));
  process.exit(error instanceof ConfigError ? USAGE : FAILED);
}
