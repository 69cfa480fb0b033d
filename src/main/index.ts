import { join } from "node:path";
import { app, dialog } from "electron";
import { startApp } from "./app.ts";
import { describeSettings } from "./config/index.ts";
import { demoConfig, startDemo } from "./demo/index.ts";
import { Desktop, LINK_SCHEME, linkAmong, ownArguments, readDeepLink, registerAppScheme } from "./desktop/index.ts";
import { spareFullCollections } from "./heap.ts";
import { createLogger } from "./logger.ts";
import { readyText } from "./ready.ts";
import { startRunning } from "./running.ts";
import { describeError, loadStart, programVersion } from "./startup.ts";

/** A second wish to quit after this time, milliseconds, ends a stop that hangs. */
const PATIENCE_MS = 5_000;

/** The life of the app: one instance for each data folder, from its start to an orderly end. */
function live(): void {
  const loaded = loadStart(ownArguments(process.argv, app.isPackaged));
  const config = loaded.commands.demo ? demoConfig(loaded.config) : loaded.config;
  const log = createLogger({ level: config.logLevel, format: config.logFormat });
  // Beside the data, so that each data folder is an app of its own: its window, its lock, its cookies.
  app.setPath("userData", join(config.dataDir, "desktop"));
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  spareFullCollections();
  registerAppScheme();
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
  app.setAppUserModelId("sh.getkite.desktop");

  const desktop = new Desktop({
    dataDir: config.dataDir,
    resources: join(import.meta.dirname, "..", "..", "resources"),
    built: join(import.meta.dirname, ".."),
    version: programVersion(),
    devServer: app.isPackaged ? null : (process.env["ELECTRON_RENDERER_URL"] ?? null),
    log,
    async start(options) {
      const start = loaded.commands.demo ? startDemo : startApp;
      const described = describeSettings(loaded);
      const running = await startRunning(start, config, { ...options, log, version: programVersion(), described });
      process.stdout.write(`${readyText(running.app)}\n`);
      return running;
    },
    describeError,
  });

  app.on("second-instance", (_event, argv) => desktop.open(linkAmong(argv)));
  app.on("open-url", (event, url) => {
    event.preventDefault();
    desktop.open(readDeepLink(url));
  });
  app.on("activate", () => desktop.open(null));
  // The hub outlives its window.
  app.on("window-all-closed", () => undefined);

  let asked: number | null = null;
  app.on("before-quit", (event) => {
    if (desktop.stopped) return;
    event.preventDefault();
    const now = performance.now();
    if (asked !== null && now - asked > PATIENCE_MS) app.exit(1);
    asked ??= now;
    desktop.stop().then(
      () => app.quit(),
      (error) => {
        log.error(describeError(error));
        app.exit(1);
      },
    );
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => app.quit());

  const first = linkAmong(process.argv);
  if (first !== null) desktop.open(first);
  app
    .whenReady()
    .then(
      () => desktop.start(),
      (error) => log.error(describeError(error)),
    )
    .catch((error) => {
      log.error(describeError(error));
      app.exit(1);
    });
}

try {
  live();
} catch (error) {
  dialog.showErrorBox("Kite did not start", describeError(error));
  app.exit(2);
}
