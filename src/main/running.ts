import type { OverviewView } from "../shared/contract/index.ts";
import type { App, AppOptions, startApp } from "./app.ts";
import type { Config } from "./config/index.ts";
import type { PortLike } from "./console/index.ts";

/** A running hub as the app's shell uses it; the console's own calls tell it what it shows. */
export class RunningHub {
  readonly app: App;
  readonly #onError: (error: unknown) => void;

  constructor(app: App, onError: (error: unknown) => void) {
    this.app = app;
    this.#onError = onError;
  }

  get instanceId(): string {
    return this.app.instanceId;
  }

  /** Carries the console of a hub over this port until it closes. */
  connect(hub: string, port: PortLike): void {
    this.app.console.connect(port, hub);
  }

  overview(): Promise<OverviewView> {
    return this.app.console.client.overview.get();
  }

  /** Calls back when the overview may have changed. @returns the function that ends it */
  onChange(listener: () => void): () => void {
    const ended = new AbortController();
    void this.#follow(listener, ended.signal).catch((error) => {
      if (!ended.signal.aborted) this.#onError(error);
    });
    return () => ended.abort();
  }

  resumed(): void {
    this.app.hub.resumed();
  }

  stop(): Promise<void> {
    return this.app.stop();
  }

  async #follow(listener: () => void, signal: AbortSignal): Promise<void> {
    const changes = await this.app.console.client.hub.changes(undefined, { signal });
    for await (const { topics } of changes) {
      if (topics.some((topic) => topic !== "events")) listener();
    }
  }
}

/**
 * Starts hub and database for the app.
 * @param start how: alone, or as a demo
 * @param folderKey the key of the data folder when a keychain keeps it
 */
export async function startRunning(
  start: typeof startApp,
  config: Config,
  options: AppOptions & { readonly folderKey: string | null },
): Promise<RunningHub> {
  const cipherKey = config.cipherKey ?? options.folderKey;
  const app = await start({ ...config, cipherKey }, options);
  return new RunningHub(app, (error) => options.log.error({ err: error }, "following the hub failed"));
}
