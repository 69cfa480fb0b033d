import { type AppOptions, startApp } from "./app.ts";
import type { Config } from "./config/index.ts";

export async function startRunning(config: Config, options: AppOptions & { folderKey: string | null }) {
  const app = await startApp({ ...config, cipherKey: config.cipherKey ?? options.folderKey }, options);
  return {
    instanceId: app.instanceId,
    connect: (_hub: string, port: { close(): void }) => port.close(),
    overview: () => Promise.reject(new Error("not yet")),
    onChange: () => () => undefined,
    resumed: () => undefined,
    stop: () => app.stop(),
  };
}
