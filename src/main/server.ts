import { type App, startApp } from "./app.ts";
import { ConfigError, describeConfig, describeSettings, helpText } from "./config/index.ts";
import { demoConfig, startDemo } from "./demo/index.ts";
import { spareFullCollections } from "./heap.ts";
import { createLogger } from "./logger.ts";
import { openBrowser } from "./open-browser.ts";
import { readyJson, readyText } from "./ready.ts";
import { describeError, loadStart, programVersion } from "./startup.ts";
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
          complain(describeError(error));
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
  const argv = process.argv.slice(2);
  // Also for whoever asks because something of the configuration is wrong.
  const told = argv.some((arg) => arg === "--help" || arg === "-h")
    ? helpText()
    : argv.includes("--version")
      ? programVersion()
      : null;
  if (told !== null) {
    print(told);
    return 0;
  }
  const loaded = loadStart(argv);
  const { commands } = loaded;
  if (commands.printConfig) {
    print(describeConfig(loaded));
    return 0;
  }

  const config = commands.demo ? demoConfig(loaded.config) : loaded.config;
  const log = createLogger({ level: config.logLevel, format: config.logFormat });
  let app: App | null = null;
  stopOnSignals(() => app, starting);
  const transfer = {
    log,
    version: programVersion(),
    signal: starting.signal,
    passphrase: process.env["KITE_EXPORT_PASSPHRASE"] || null,
    leaveOutSecrets: commands.withoutSecrets,
  };
  if (commands.exportFile !== null) print(await exportFile(config, commands.exportFile, transfer));
  else if (commands.importFile !== null) print(await importFile(config, commands.importFile, transfer));
  if (commands.exportFile !== null || commands.importFile !== null) return 0;
  spareFullCollections();
  const start = commands.demo ? startDemo : startApp;
  app = await start(config, {
    log,
    version: programVersion(),
    signal: starting.signal,
    described: describeSettings(loaded),
  });
  if (starting.signal.aborted) {
    await app.stop();
    return 0;
  }
  print(commands.json ? readyJson(app) : readyText(app));
  const console = app.console.url();
  if (commands.open && console !== null) openBrowser(console);
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
  complain(describeError(error));
  process.exit(error instanceof ConfigError ? USAGE : FAILED);
}
